// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import JSON

private struct Sample: Codable, Equatable {
    var zName: String
    var number: Int64?
    var size: UInt64
    var ratio: Double
    var flags: [String: Bool]
    var inner: [Inner]
    var raw: JSONValue?
    var when: Timestamp

    struct Inner: Codable, Equatable {
        var port: UInt16
    }

    enum CodingKeys: String, CodingKey {
        case zName = "ZName"
        case number = "Number"
        case size = "Size"
        case ratio = "Ratio"
        case flags = "Flags"
        case inner = "Inner"
        case raw = "Raw"
        case when = "When"
    }
}

private let document =
    #"{"ZName":"x","Number":-1,"Size":18446744073709551615,"Ratio":1.5,"Flags":{"a":false,"b":true},"#
    + #""Inner":[{"port":80}],"Raw":{"k":[1]},"When":"2026-11-21T00:00:24.5Z"}"#

@Suite struct CoderTests {
    /// A client decides how many members an object has: looking for each among all would keep a thread busy for
    /// minutes.
    @Test(.timeLimit(.minutes(1))) func manyMembers() throws {
        let count = 100_000
        let members = (0..<count).map { "\"Key\($0)\":\"\($0)\"" } + ["\"Key7\":\"again\""]
        let object = try JSON.decode([String: String].self, from: Array("{\(members.joined(separator: ","))}".utf8))
        #expect(object.count == count)
        #expect(object["Key99999"] == "99999")
        #expect(object["Key7"] == "again", "the last of two counts")
        // Also where the case differs
        let padded = "{\"raw\":{},\(members.joined(separator: ",")),\"zname\":\"x\"}"
        #expect(try JSON.decode(OnlyName.self, from: Array(padded.utf8)).zName == "x")
    }

    private struct OnlyName: Decodable {
        var zName: String
        enum CodingKeys: String, CodingKey { case zName = "ZName" }
    }

    private struct Lists: Decodable, Equatable {
        var texts: [String]
        var flags: [String: Bool]
        var numbers: [Int64]
        var ratios: [Double]
        var left: [String?]
    }

    /// Docker's engine is written in Go, which leaves what a null is read into as it is: at zero.
    @Test func nullsAreZeroForThoseWhoAsk() throws {
        let text = #"{"texts":["a",null],"flags":{"k":null},"numbers":[null,2],"ratios":[null],"left":[null]}"#
        let bytes = Array(text.utf8)
        #expect(throws: JSONError.self) { try JSON.decode(Lists.self, from: bytes) }
        let zeros = try JSON.decode(Lists.self, from: bytes, nulls: .zero)
        #expect(
            zeros == Lists(texts: ["a", ""], flags: ["k": false], numbers: [0, 2], ratios: [0], left: [nil]))
        #expect(throws: JSONError.self) {
            try JSON.decode(Lists.self, from: Array(text.replacing("null", with: "[]").utf8), nulls: .zero)
        }
    }

    @Test func comesBackTheSame() throws {
        let sample = try JSON.decode(Sample.self, from: Array(document.utf8))
        #expect(sample.size == .max)
        #expect(sample.raw == ["k": [1]])
        #expect(String(decoding: try JSON.encode(sample), as: UTF8.self) == document)
    }

    @Test func matchesNamesAsGo() throws {
        let sample = try JSON.decode(
            Sample.self, from: Array(document.lowercased().replacing("t00:00", with: "T00:00").utf8))
        #expect(sample.zName == "x")
    }

    @Test(arguments: [
        (#""Number":-1"#, #""Number":"a""#, "Number: expected a whole number, found a string"),
        (#""port":80"#, #""port":80000"#, "Inner[0].port: is out of range (0 to 65535)"),
        (#""ZName":"x","#, "", "ZName: is missing"),
        (#""a":false"#, #""a":0"#, "Flags.a: expected true or false, found a whole number"),
    ])
    func namesTheMember(_ old: String, _ new: String, _ message: String) throws {
        let text = document.replacing(old, with: new)
        let error = #expect(throws: JSONError.self) { try JSON.decode(Sample.self, from: Array(text.utf8)) }
        #expect(error?.description == message)
    }
}

@Suite struct TimestampTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("2026-11-21T00:00:24.595415667Z", 1_795_219_224_595_415_667),
        ("1969-12-31T23:59:59.5Z", -500_000_000), ("2024-02-29T12:00:00Z", 1_709_208_000_000_000_000),
    ])
    func readsAndWrites(_ text: String, _ nanoseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.nanoseconds == nanoseconds)
        #expect(Timestamp(nanoseconds: nanoseconds).rfc3339 == text)
    }

    @Test func readsOffsets() {
        #expect(Timestamp(rfc3339: "1970-01-01T01:30:00+01:30")?.nanoseconds == 0)
        #expect(Timestamp.zero.rfc3339 == "0001-01-01T00:00:00Z")
        #expect(Timestamp(rfc3339: "0001-01-01T00:00:00Z") == .zero)
    }

    @Test(arguments: ["", "2026-13-01T00:00:00Z", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00.Z", "x"])
    func refuses(_ text: String) { #expect(Timestamp(rfc3339: text) == nil) }
}
