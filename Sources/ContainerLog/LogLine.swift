// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import JSON

extension LogEntry {
    /// Decodes a line of the file, without its newline; nil when it is none (it is torn, or not of this format).
    init?(line: UnsafeRawBufferPointer) {
        if let entry = LogEntry(canonical: line) {
            self = entry
        } else if let entry = LogEntry(json: Array(line)) {
            self = entry
        } else {
            return nil
        }
    }

    /// The form this module writes, and Docker does where there are no attributes.
    private init?(canonical line: UnsafeRawBufferPointer) {
        var rest = line
        guard rest.skip(#"{"log":""#), let bytes = rest.takeString() else { return nil }
        let stream: LogStream
        if rest.skip(#","stream":"stdout","time":""#) {
            stream = .stdout
        } else if rest.skip(#","stream":"stderr","time":""#) {
            stream = .stderr
        } else {
            return nil
        }
        guard let time = rest.takeString(), rest.count == 1, rest[0] == UInt8(ascii: "}"),
            let time = Timestamp(rfc3339: String(decoding: time, as: UTF8.self))
        else { return nil }
        self.init(stream: stream, time: time, bytes: bytes)
    }

    private init?(json: [UInt8]) {
        guard case .object(let object)? = try? JSON.parse(json),
            case .string(let text)? = object["log"],
            case .string(let time)? = object["time"], let time = Timestamp(rfc3339: time)
        else { return nil }
        let isError = object["stream"] == .string("stderr")
        var attributes: [String: String] = [:]
        if case .object(let kept)? = object["attrs"] {
            for case (let name, .string(let value)) in kept.members { attributes[name] = value }
        }
        self.init(stream: isError ? .stderr : .stdout, time: time, bytes: Array(text.utf8), attributes: attributes)
    }
}

extension UnsafeRawBufferPointer {
    /// Goes past `text` if the rest begins with it.
    fileprivate mutating func skip(_ text: StaticString) -> Bool {
        guard let base = baseAddress, count >= text.utf8CodeUnitCount,
            memcmp(base, text.utf8Start, text.utf8CodeUnitCount) == 0
        else { return false }
        self = UnsafeRawBufferPointer(rebasing: self[text.utf8CodeUnitCount...])
        return true
    }

    /// The content of the JSON string the rest is inside of; goes past its closing quote. nil: it has an escape that
    /// only the real parser knows, or does not end.
    fileprivate mutating func takeString() -> [UInt8]? {
        var result: [UInt8] = []
        var index = 0
        while index < count {
            var run = index
            while run < count, self[run] != UInt8(ascii: "\""), self[run] != UInt8(ascii: "\\") { run += 1 }
            result.append(contentsOf: self[index..<run])
            guard run < count else { return nil }
            if self[run] == UInt8(ascii: "\"") {
                self = UnsafeRawBufferPointer(rebasing: self[(run + 1)...])
                return result
            }
            guard let next = unescape(after: run + 1, into: &result) else { return nil }
            index = next
        }
        return nil
    }

    private func unescape(after index: Int, into result: inout [UInt8]) -> Int? {
        guard index < count else { return nil }
        switch self[index] {
        case UInt8(ascii: "n"): result.append(0x0A)
        case UInt8(ascii: "r"): result.append(0x0D)
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(self[index])
        case UInt8(ascii: "u"): return unescapeUnicode(at: index + 1, into: &result)
        default: return nil
        }
        return index + 1
    }

    private func unescapeUnicode(at index: Int, into result: inout [UInt8]) -> Int? {
        guard index + 4 <= count,
            let code = UInt16(String(decoding: self[index..<(index + 4)], as: UTF8.self), radix: 16),
            let scalar = Unicode.Scalar(code)
        else { return nil }
        result.append(contentsOf: Array(String(Character(scalar)).utf8))
        return index + 4
    }
}
