// SPDX-License-Identifier: Apache-2.0

/// Reads Go's string and character constants.
enum Unquoting {
    static func unquote(_ literal: String) -> String? {
        guard let quote = literal.first, literal.count >= 2 else { return nil }
        var rest = literal.dropFirst().dropLast()
        if quote == "`" { return String(rest) }
        var bytes: [UInt8] = []
        while let character = rest.popFirst() {
            guard character == "\\" else {
                bytes += Array(String(character).utf8)
                continue
            }
            guard let escaped = escape(&rest) else { return nil }
            bytes += escaped
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func escape(_ rest: inout Substring) -> [UInt8]? {
        guard let letter = rest.popFirst() else { return nil }
        switch letter {
        case "n": return [10]
        case "t": return [9]
        case "r": return [13]
        case "a": return [7]
        case "b": return [8]
        case "f": return [12]
        case "v": return [11]
        case "\\", "\"", "'": return letter.asciiValue.map { [$0] }
        case "x": return number(&rest, digits: 2).map { [UInt8(truncatingIfNeeded: $0)] }
        case "u": return number(&rest, digits: 4).flatMap(scalar)
        case "U": return number(&rest, digits: 8).flatMap(scalar)
        default: return nil
        }
    }

    private static func number(_ rest: inout Substring, digits: Int) -> UInt32? {
        let text = rest.prefix(digits)
        guard text.count == digits, text.allSatisfy({ $0.isASCII && $0.isHexDigit }) else { return nil }
        rest = rest.dropFirst(digits)
        return UInt32(text, radix: 16)
    }

    private static func scalar(_ value: UInt32) -> [UInt8]? {
        Unicode.Scalar(value).map { Array(String(Character($0)).utf8) }
    }
}
