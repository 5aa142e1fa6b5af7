// SPDX-License-Identifier: Apache-2.0

import EngineAPI
import JSON
import OCI
import Testing

@testable import EngineCore

/// A number that does not fit is a client's mistake, and never the daemon's end.
@Suite struct HostileNumberTests {
    @Test(arguments: [
        "3000000h", "2562048h", String(repeating: "16777215h", count: 200), "99999999999999999999s", "9h9", "", "h",
    ])
    func aMomentThatIsNone(text: String) {
        #expect(throws: EngineError.self) { try PruneLimit.until([text]) }
    }

    @Test func momentsThatAre() throws {
        let before = try #require(try PruneLimit.until(["24h30m"]))
        let ago = Timestamp.now.nanoseconds - before.nanoseconds
        #expect((88_200_000_000_000...88_260_000_000_000).contains(ago))
        #expect(try PruneLimit.until([]) == nil)
        #expect(try PruneLimit.until(["2562047h"]) != nil)
    }

    @Test func aTerminalOfAnySize() {
        #expect(RuntimeSpec.ConsoleSize(ConsoleSize(height: 24, width: 80)) == .init(height: 24, width: 80))
        #expect(RuntimeSpec.ConsoleSize(ConsoleSize(height: .max, width: 1)) == .init(height: 65535, width: 1))
        #expect(RuntimeSpec.ConsoleSize(ConsoleSize(height: -1, width: .min)) == nil)
        #expect(RuntimeSpec.ConsoleSize(ConsoleSize(height: 0, width: 0)) == nil)
    }
}
