// SPDX-License-Identifier: Apache-2.0

/// The keys that leave a container running, as `detachKeys` and `--detach-keys` have them: `ctrl-p,ctrl-q`, `a`, `DEL`.
package enum DetachKeys {
    package static let standard: [UInt8] = [16, 17]

    /// A key that there is none of.
    package struct UnknownKey: Error {
        package let name: String
    }

    /// The bytes of `text`; nil and empty mean the default. Each key is one byte, `DEL`, or `ctrl-` and one of `a`…`z`,
    /// `@`, `[`, `\`, `]`, `^` and `_`.
    package static func parse(_ text: String?) throws(UnknownKey) -> [UInt8] {
        guard let text, !text.isEmpty else { return standard }
        var keys: [UInt8] = []
        for key in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let byte = byte(of: key) else { throw UnknownKey(name: String(key)) }
            keys.append(byte)
        }
        return keys
    }

    private static func byte(of key: Substring) -> UInt8? {
        let bytes = Array(key.utf8)
        if bytes.count == 1 { return bytes[0] }
        if key == "DEL" { return 127 }
        guard bytes.count == 6, key.hasPrefix("ctrl-") else { return nil }
        switch bytes[5] {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "@"), UInt8(ascii: "[")...UInt8(ascii: "_"):
            return bytes[5] & 31
        default: return nil
        }
    }
}
