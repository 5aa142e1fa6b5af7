// SPDX-License-Identifier: Apache-2.0

import Testing

@Suite struct TidyTests {
    static let root = String(#filePath.dropLast("/Tests/Tidy/TidyTests.swift".count))

    @Test func sourceTreeKeepsTheRules() {
        let complaints = SourceTree(root: Self.root).complaints()
        for complaint in complaints { Issue.record("\(complaint)") }
    }

    @Test(arguments: [
        ("forced-try", "let a = try! b()", 1), ("forced-try", "// try! b()", 0),
        ("forced-try", "let a = \"try! b\"", 0),
        ("forced-cast", "let a = b as! C", 1), ("forced-cast", "let a = b as? C", 0),
        ("forced-unwrap", "let a = b!", 1), ("forced-unwrap", "let a = b()!.c", 1),
        ("forced-unwrap", "let a = b[0]!", 1),
        ("forced-unwrap", "var a: Int!", 1), ("forced-unwrap", "if !a, a != b, a!=b, !(c) { return !d }", 0),
        ("forced-unwrap", "let a = \"b! \\(c! + \"d!\")\" + #\"e!\"# + \"\"\"\n f! \"g!\" \n\"\"\"", 0),
        ("forced-unwrap", "/* a! /* b! */ c! */ let d = e", 0),
        ("fatal", "fatalError(\"x\")", 1), ("fatal", "// Invariant: x is never empty here.\nfatalError(\"x\")", 0),
        ("unchecked-sendable", "final class A: @unchecked Sendable {}", 1),
        ("unchecked-sendable", "// Sendable: all state is behind the lock\nfinal class A: @unchecked Sendable {}", 0),
        ("bare-task", "Task { await a() }", 1), ("bare-task", "Task.detached { await a() }", 1),
        ("bare-task", "// Ends when the socket closes.\nTask { await a() }", 0),
        ("bare-task", "try await Task.sleep(for: .seconds(1)); let t: Task<Void, Never>", 0),
        ("skipped-test", "@Test(.disabled()) func a() {}", 1), ("skipped-test", "let a = b.disabled", 0),
        ("comment-width", "    // \(String(repeating: "é", count: 113))", 0),
        ("comment-width", "    /// \(String(repeating: "e", count: 113))", 1),
        ("license", "let a = 1", 1), ("license", "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n", 0),
        ("function-length", "func a() {" + String(repeating: "\n", count: 60) + "}", 1),
        ("function-length", "func a() {" + String(repeating: "\n", count: 59) + "}", 0),
        ("function-length", "protocol P {\n    func a()\n\n    func b()\n}" + String(repeating: "\n", count: 70), 0),
        ("function-length", "let a = b.init(c: {" + String(repeating: "\n", count: 70) + "})", 0),
        ("length", String(repeating: "\n", count: 601), 1), ("length", String(repeating: "\n", count: 600), 0),
    ])
    func findsWhatItBansAndNothingElse(rule: String, source: String, count: Int) throws {
        let rule = try #require(Rule.all.first { $0.name == rule })
        #expect(rule.findings(in: SourceFile(path: "Tests/X/A.swift", text: source)).count == count)
    }

    @Test func foundationIsBannedOutsideTheStore() {
        let source = "internal import Foundation\n"
        #expect(Rule.foundation.findings(in: SourceFile(path: "Sources/CLI/A.swift", text: source)).count == 1)
        #expect(Rule.foundation.findings(in: SourceFile(path: "Sources/MetadataStore/A.swift", text: source)).isEmpty)
    }

    @Test func moduleTablesAreReadAndCompared() {
        let package = ModuleTable(
            package: """
                func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {}
                let a = [.target(name: "C"), module("A"), module("B", ["A", "C"] + nio), program("p", ["B"], linking: ["-x"])]
                """)
        #expect(package.rows["B"] == ["A", "C", "NIOCore", "NIOPosix"])
        #expect(package.rows["p"] == ["B"])
        let written = ModuleTable(
            documentation: "| `A` | first | – |\n| `B` | second | A |\n| `C` | c | – |\n| `p` | p | B |\n")
        #expect(
            ModuleTable.differences(documentation: written, package: package) == [
                "B: docs/architecture.md leaves out C, NIOCore, NIOPosix"
            ])
        let file = SourceFile(path: "Sources/B/F.swift", text: "import Glibc\npackage import A\ninternal import C\n")
        #expect(written.findings(in: file).map(\.line) == [3])
    }

    @Test func documentsNameWhatThereIs() {
        let documents = Documents(paths: ["Sources/A/B/C.swift", "docs/decisions/0001-x.md", "README.md"])
        let good = "B/C.swift, Sources/A/B/, docs/decisions (decision 0001) and README.md. In 1998: resolv.conf."
        #expect(documents.complaints(in: good, of: "docs/a.md").isEmpty)
        #expect(documents.complaints(in: "D.swift, Tests/X, decisions 0001 and 0002", of: "docs/a.md").count == 3)
        #expect(documents.complaints(in: "// D.swift (decision 0007)", of: "Sources/A.swift").count == 1)
    }

    @Test func exceptionsOnlyShrink() {
        let finding = Finding(rule: "r", path: "p", line: 1, message: "m")
        #expect(Exceptions.apply(to: [finding], allowed: ["r p": 1]).isEmpty)
        #expect(Exceptions.apply(to: [finding], allowed: [:]).count == 1)
        #expect(Exceptions.apply(to: [], allowed: ["r p": 1]).count == 1)
    }
}
