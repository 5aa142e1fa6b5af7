// SPDX-License-Identifier: Apache-2.0

import EngineAPI
import EngineCore
import Testing

/// Which program a container's runtime name stands for.
@Suite struct OCIRuntimesTests {
    @Test func withoutAnyBothNamesAreTheBuiltIn() throws {
        let runtimes = OCIRuntimes()
        for name in ["", "runc", "wharf-runtime"] { #expect(try runtimes.program(name) == nil) }
        #expect(throws: EngineError.self) { try runtimes.program("crun") }
    }

    /// Whoever defines runc means that program; what names nothing stays with the built-in one.
    @Test func aProgramMayBeCalledRunc() throws {
        var runtimes = OCIRuntimes()
        try runtimes.add("runc", .init(path: "/usr/sbin/runc", arguments: ["--debug"]))
        #expect(try runtimes.program("runc")?.arguments == ["--debug"])
        #expect(try runtimes.program("") == nil)
        runtimes.chosenDefault = "runc"
        #expect(try runtimes.program("")?.path == "/usr/sbin/runc")
    }

    @Test func namesAreDefinedOnce() throws {
        var runtimes = OCIRuntimes()
        try runtimes.add("crun", .init(path: "crun"))
        #expect(throws: EngineError.self) { try runtimes.add("crun", .init(path: "/other")) }
        #expect(throws: EngineError.self) { try runtimes.add("wharf-runtime", .init(path: "/other")) }
        #expect(throws: EngineError.self) { try runtimes.add("", .init(path: "/other")) }
    }
}
