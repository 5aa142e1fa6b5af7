// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import EngineCore

@Suite struct LinearPatternTests {
    private func finds(_ pattern: String, _ text: String) throws -> Bool {
        try LinearPattern(pattern).isContained(in: text)
    }

    /// Against the standard library's engine, where both know the syntax.
    @Test(arguments: [
        "web", "^/web", "web$", "^web-[0-9]+$", "w.b", "a*", "(ab|cd)+e", "[^a-c]x", "^(a|aa)+$", "x{2,3}y", "x{2}",
        "x{2,}", "\\d+-\\w", "\\.", "[a\\-z]", "a|", "(?:web|db)-1", "(?i)WEB", "web|^db", "", "^$", "\\bdb\\b",
        "a+?b", "[\\d_]", "[a-]", "(?<n>web)", "é.",
    ])
    func agreesWithAnother(pattern: String) throws {
        let oracle = try Regex(pattern)
        for text in [
            "", "web", "/web", "web-1", "web-12", "my-web", "w\nb", "ab", "abcde", "xx", "xxy", "xxxy", "dx", "cx",
            "a.b",
            "aaaa", "db-1", "the db", "WEB", "12-a", "_", "-", "]", "éa", "aab", "a-",
        ] {
            #expect(try finds(pattern, text) == text.contains(oracle), "\(pattern) in \(text)")
        }
    }

    /// What Go reads otherwise than the standard library.
    @Test func readsAsGo() throws {
        #expect(try finds("^[]a]+$", "]a"))
        #expect(try finds("a{,2}", "a{,2}"))
        #expect(try finds("(?P<name>w)eb", "web"))
    }

    @Test(arguments: [
        "(", ")", "[a", "a**", "*a", "(?<x", "\\1", "\\", "[z-a]", "a{1001}", "a{3,2}",
        "((((a{9,99}){9,99}){9,99}){9,99})",
        String(repeating: "(", count: 5000) + String(repeating: ")", count: 5000), "(?=a)", "[[:alpha:]]",
    ])
    func refusesWhatItIsNotMadeFor(pattern: String) {
        #expect(throws: LinearPattern.Unsupported.self) { try LinearPattern(pattern) }
        // As a filter it is then text to be contained.
        #expect(NamePattern(pattern).matches("x" + pattern))
    }

    /// What keeps an engine that goes back and forth busy for longer than the universe is old.
    @Test(
        .timeLimit(.minutes(1)), arguments: ["(a+)+$x", "(a|aa)+$", "(.*)*b", "(a*)*c", "(((){1000}){1000}){1000}$x"])
    func takesLinearTime(pattern: String) throws {
        let text = String(repeating: "a", count: 3000)
        #expect(try finds(pattern, text) == (pattern == "(a|aa)+$"))
    }
}
