// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import JSON

private func parse(_ text: String) throws -> JSONValue { try JSON.parse(Array(text.utf8)) }

@Suite struct ParserTests {
    @Test(arguments: [
        ("null", JSONValue.null), ("true", .bool(true)), (" -12 ", .integer(-12)), ("1.5e2", .double(150)),
        ("18446744073709551615", .unsigned(.max)), (#""a\u00e9\n\ud83d\ude00\ud800x""#, .string("aé\n😀\u{FFFD}x")),
        (#"{"b":1,"a":[true,{}]}"#, .object(["b": 1, "a": [true, [:]]])), ("[]", .array([])),
    ])
    func reads(_ text: String, _ expected: JSONValue) throws {
        #expect(try parse(text) == expected)
    }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\":1,}", "{a:1}", "01", "1.", "-", "\"\u{1}\"", #""\x""#, #""\u12g4""#, "nul", "1 2",
        "\"a",
        #"{"a" 1}"#, "[1 2]", "+1", "1e999",
    ])
    func refuses(_ text: String) {
        #expect(throws: JSONError.self) { try parse(text) }
    }

    @Test func stopsAtItsLimits() {
        let deep = String(repeating: "[", count: 201) + String(repeating: "]", count: 201)
        #expect(throws: JSONError.self) { try parse(deep) }
        #expect(throws: JSONError.self) {
            try JSON.parse(Array("[1,2,3]".utf8), limits: JSONLimits(depth: 9, values: 3))
        }
    }

    @Test func leavesOneMemberUnread() throws {
        let text = #"{"linux":{"a":1,"seccomp":{"x":["}\""]},"b":2},"seccomp":3}"#
        let (value, left) = try JSON.parse(Array(text.utf8), leaving: ["linux", "seccomp"])
        #expect(value["linux"] == ["a": 1, "seccomp": nil, "b": 2])
        #expect(value["seccomp"] == 3)
        #expect(String(decoding: Array(text.utf8)[try #require(left)], as: UTF8.self) == #"{"x":["}\""]}"#)
    }

    @Test func survivesEveryPrefixAndEveryFlippedByte() throws {
        let text = Array(#"{"a":[1,-2.5e-3,"x\u00e9\\"],"b":{"c":null,"d":false}}"#.utf8)
        for end in 0..<text.count { #expect(throws: JSONError.self) { try JSON.parse(Array(text[..<end])) } }
        for index in text.indices {
            for bit in 0..<8 {
                var changed = text
                changed[index] ^= 1 << bit
                _ = try? JSON.parse(changed)
            }
        }
    }
}

@Suite struct SerializerTests {
    @Test func keepsOrderAndEscapes() throws {
        let value: JSONValue = ["z": "a\"\\\n\u{1}<\u{2028}", "a": [1, .double(0.5), .unsigned(.max)]]
        #expect(
            String(decoding: value.serialized(), as: UTF8.self)
                == #"{"z":"a\"\\\n\u0001<\u2028","a":[1,0.5,18446744073709551615]}"#)
        #expect(
            String(decoding: JSONValue.string("<&>").serialized(escapeHTML: true), as: UTF8.self)
                == #""\u003c\u0026\u003e""#)
    }

    @Test func indentsAsGo() throws {
        let value: JSONValue = ["b": [], "a": [1, [:]]]
        let expected = "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}"
        #expect(String(decoding: value.serialized(indent: "  ", sortedKeys: true), as: UTF8.self) == expected)
    }

    @Test(arguments: [
        (0.00001, "0.00001"), (1e-7, "1e-7"), (1.5e21, "1.5e+21"), (1.2345e20, "123450000000000000000"),
        (3, "3"), (0.1, "0.1"), (-2.5e-6, "-0.0000025"),
    ])
    func writesNumbersAsGo(_ number: Double, _ text: String) {
        #expect(String(decoding: JSONValue.double(number).serialized(), as: UTF8.self) == text)
    }
}
