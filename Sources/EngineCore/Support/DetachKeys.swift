// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI

/// The key sequence that leaves a container running: `ctrl-p,ctrl-q`, `a`, `ctrl-@`.
enum DetachKeys {
    static let standard: [UInt8] = [16, 17]

    /// The bytes of `text`; nil or empty means the default. Each key is one ASCII character or `ctrl-` and one of
    /// `a`…`z`, `@`, `[`, `\`, `]`, `^`, `_`.
    static func parse(_ text: String?) throws(EngineError) -> [UInt8] {
        guard let text, !text.isEmpty else { return standard }
        var keys: [UInt8] = []
        for key in text.split(separator: ",", omittingEmptySubsequences: false) {
            let bytes = Array(key.utf8)
            if bytes.count == 1, bytes[0] < 128 {
                keys.append(bytes[0])
            } else if bytes.count == 6, key.hasPrefix("ctrl-"), let code = control(bytes[5]) {
                keys.append(code)
            } else {
                throw EngineError(.invalidParameter, "Invalid detach keys (\(text)) provided")
            }
        }
        return keys
    }

    private static func control(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - 96
        case UInt8(ascii: "@"): 0
        case UInt8(ascii: "["): 27
        case UInt8(ascii: "\\"): 28
        case UInt8(ascii: "]"): 29
        case UInt8(ascii: "^"): 30
        case UInt8(ascii: "_"): 31
        default: nil
        }
    }
}
