// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import JSON

private struct Sample: JSONReadable, Equatable {
    var name: String
    var size: UInt16?
    var flags: [String: Bool]?
    var inner: [Inner]?

    struct Inner: JSONReadable, Equatable {
        var port: UInt16
        init(json: JSONValue) throws(JSONError) { port = try JSONMembers(json).required("port") }
    }

    init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        name = try members.required("name")
        size = try members["size"]
        flags = try members["flags"]
        inner = try members["inner"]
    }
}

/// Reading without `Codable` is the same for whoever writes the document.
@Suite struct ReadableTests {
    private func read(_ text: String) throws -> Sample { try JSON.read(Sample.self, from: Array(text.utf8)) }

    @Test func readsMembers() throws {
        let sample = try read(
            #"{"NAME":"x","size":65535,"flags":{"a":true,"a":false},"inner":[{"port":1},{"port":2}]}"#)
        #expect(sample.name == "x", "without regard to case, as Go")
        #expect(sample.size == 65535)
        #expect(sample.flags == ["a": false], "the last of two counts")
        #expect(sample.inner?.map(\.port) == [1, 2])
    }

    @Test func nullIsNothing() throws {
        let sample = try read(#"{"name":"x","size":null,"unknown":[1]}"#)
        #expect(sample.size == nil && sample.flags == nil)
    }

    @Test(arguments: [
        ("[]", "expected an object, found an array"),
        ("{}", "name: is missing"),
        (#"{"name":null}"#, "name: expected a string, found null"),
        (#"{"name":"x","size":65536}"#, "size: is out of range (0 to 65535)"),
        (#"{"name":"x","size":1.5}"#, "size: expected a whole number, found a fraction"),
        (#"{"name":"x","flags":{"a.b":1}}"#, "flags.a.b: expected true or false, found a whole number"),
        (#"{"name":"x","inner":{}}"#, "inner: expected an array, found an object"),
        (#"{"name":"x","inner":[{"port":1},{}]}"#, "inner[1].port: is missing"),
        (#"{"name":"x"} y"#, "offset 13: unexpected text after the value"),
    ])
    func namesTheMember(_ text: String, _ message: String) {
        let error = #expect(throws: JSONError.self) { try read(text) }
        #expect(error?.description == message)
    }
}
