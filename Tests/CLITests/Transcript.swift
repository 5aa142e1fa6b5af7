// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON
import Testing

/// A recorded command of docker 28: what it was given, printed, and exchanged with the engine.
struct Transcript: Sendable, CustomTestStringConvertible {
    var number: Int
    var arguments: [String]
    /// Needs what is not there yet: must be refused.
    var isLater: Bool
    var stdin: String
    var now: Timestamp
    var exit: Int32
    var stdout: String
    var stderr: String
    var exchanges: [Exchange]
    /// Whether the recording cut the output short.
    var isCut: Bool

    static let all: [Transcript] = load()

    var testDescription: String { "#\(number) docker \(arguments.joined(separator: " ").prefix(60))" }

    private static func load() -> [Transcript] {
        guard let bytes = TestData.read("transcripts.json"), let value = try? JSON.parse(bytes) else { return [] }
        return (value.array ?? []).map(Transcript.init)
    }

    private init(_ value: JSONValue) {
        number = Int(value["number"]?.integer ?? 0)
        arguments = (value["arguments"]?.array ?? []).compactMap(\.string)
        isLater = value["later"] == true
        stdin = value["stdin"]?.string ?? ""
        now = Timestamp(seconds: value["now"]?.integer ?? 1_795_219_200)
        // Where the fraction decides between two minutes.
        if case .double(let seconds)? = value["now"] { now = Timestamp(nanoseconds: Int64(seconds * 1e9)) }
        exit = Int32(value["exit"]?.integer ?? 0)
        stdout = value["stdout"]?.string ?? ""
        stderr = value["stderr"]?.string ?? ""
        exchanges = (value["exchanges"]?.array ?? []).map(Exchange.init)
        isCut = value["cut"] == true
    }
}

/// One request and its answer.
struct Exchange: Sendable {
    var method: String
    var target: String
    var status: Int
    var type: String
    var request: JSONValue?
    var body: String
    /// What came over the stream that the connection became.
    var stream: [UInt8]?
    var wantsInput: Bool

    init(_ value: JSONValue) {
        method = value["method"]?.string ?? ""
        target = value["target"]?.string ?? ""
        status = Int(value["status"]?.integer ?? 0)
        type = value["type"]?.string ?? ""
        request = value["request"]
        body = value["body"]?.string ?? ""
        if let text = value["stream"]?.string { stream = Array(text.utf8) }
        if let bytes = value["stream"]?.array {
            stream = bytes.compactMap { $0.integer.map { UInt8(truncatingIfNeeded: $0) } }
        }
        wantsInput = value["input"]?.string?.isEmpty == false
    }

    /// Whether it is the same call: the version and the order of query parameters don't count.
    func matches(_ method: String, _ target: String) -> Bool {
        var path = target[...]
        if path.hasPrefix("/v1."), let slash = path.dropFirst().firstIndex(of: "/") { path = path[slash...] }
        return self.method == method && Self.normal(self.target[...]) == Self.normal(path)
    }

    private static func normal(_ target: Substring) -> [String] {
        let halves = target.split(separator: "?", maxSplits: 1)
        let query = halves.count == 2 ? halves[1].split(separator: "&").map(Self.decoded).sorted() : []
        return [String(halves[0])] + query
    }

    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "+") ? 32 : byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

enum TestData {
    static func read(_ name: String) -> [UInt8]? {
        let directory = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        guard let file = fopen("/\(directory)/Data/\(name)", "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            if count == 0 { return bytes }
            bytes += buffer[..<count]
        }
    }
}

/// Finds where two JSON values differ.
enum Difference {
    static func between(_ wanted: JSONValue, _ got: JSONValue, at path: String) -> String? {
        switch (wanted, got) {
        case (.object(let a), .object(let b)):
            for name in Set(a.members.map(\.key) + b.members.map(\.key)).sorted() {
                // A member that is null says as much as one that is not there.
                if (a[name] ?? .null) == .null, (b[name] ?? .null) == .null { continue }
                guard let x = a[name], let y = b[name] else {
                    return "\(path)/\(name): \(a[name] == nil ? "must not be sent" : "is missing")"
                }
                if let found = between(x, y, at: "\(path)/\(name)") { return found }
            }
            return nil
        default: return wanted == got ? nil : "\(path): expected \(text(wanted)), got \(text(got))"
        }
    }

    private static func text(_ value: JSONValue) -> String { String(decoding: value.serialized(), as: UTF8.self) }
}
