// SPDX-License-Identifier: Apache-2.0

/// The keys that detach a terminal: `ctrl-p,ctrl-q`, `ctrl-@,x`.
struct DetachKeys: Sendable {
    private let sequence: [UInt8]
    private var matched = 0

    /// Ctrl-P Ctrl-Q when nothing is given. Throws what is wrong with the text.
    init(_ text: String?) throws {
        guard let text, !text.isEmpty else {
            sequence = [16, 17]
            return
        }
        sequence = try text.split(separator: ",", omittingEmptySubsequences: false).map { try Self.code(String($0)) }
    }

    private static func code(_ key: String) throws -> UInt8 {
        let bytes = Array(key.utf8)
        if bytes.count == 1 { return bytes[0] }
        let unknown = Failure("Unknown character: '\(key)'")
        guard key.lowercased().hasPrefix("ctrl-"), bytes.count == 6, let last = bytes.last else { throw unknown }
        switch last {
        case 97...122: return last - 96
        case 64, 91, 92, 93, 94, 95: return last & 31
        default: throw unknown
        }
    }

    /// Takes what was typed; returns what goes on to the container, and whether the keys were pressed. The beginning of
    /// the sequence is held back until it is clear that it isn't one.
    mutating func filter(_ bytes: UnsafeRawBufferPointer) -> (passed: [UInt8], isDetached: Bool) {
        var passed: [UInt8] = []
        passed.reserveCapacity(bytes.count + sequence.count)
        for byte in bytes {
            if byte == sequence[matched] {
                matched += 1
                if matched == sequence.count { return (passed, true) }
                continue
            }
            passed += sequence[..<matched]
            matched = byte == sequence[0] ? 1 : 0
            if matched == 0 { passed.append(byte) } else if sequence.count == 1 { return (passed, true) }
        }
        return (passed, false)
    }
}
