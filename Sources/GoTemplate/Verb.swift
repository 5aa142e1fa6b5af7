// SPDX-License-Identifier: Apache-2.0

internal import JSON

/// One verb of a format: `%-10.3s`.
struct Verb {
    /// Widths and precisions beyond it are cut.
    static let limit: Int64 = 1_000_000

    var width: Int?
    private(set) var letter: Unicode.Scalar?
    private(set) var takesWidth = false
    private var precision: Int?
    private var isLeft = false
    private var isZeroPadded = false
    private var hasSign = false
    private var isAlternate = false

    init(_ rest: inout Substring.UnicodeScalarView) {
        loop: while let scalar = rest.first {
            switch scalar {
            case "-": isLeft = true
            case "0": isZeroPadded = true
            case "+": hasSign = true
            case "#": isAlternate = true
            case " ": break
            default: break loop
            }
            rest.removeFirst()
        }
        if rest.first == "*" {
            takesWidth = true
            rest.removeFirst()
        } else {
            width = Self.number(&rest)
        }
        if rest.first == "." {
            rest.removeFirst()
            precision = Self.number(&rest) ?? 0
        }
        letter = rest.popFirst()
    }

    var name: String { letter.map { String(Character($0)) } ?? "" }

    private static func number(_ rest: inout Substring.UnicodeScalarView) -> Int? {
        var value: Int?
        while let scalar = rest.first, (48...57).contains(scalar.value) {
            value = min((value ?? 0) * 10 + Int(scalar.value - 48), Int(limit))
            rest.removeFirst()
        }
        return value
    }

    func print(_ value: JSONValue) -> String {
        pad(body(value))
    }

    private func body(_ value: JSONValue) -> String {
        switch (letter, value) {
        case ("v", _): return cut(value)
        case ("s", .integer), ("s", .double), ("s", .bool), ("s", .unsigned): return mismatch(value)
        case ("s", _): return cut(value)
        case ("q", .string(let text)): return Printing.quoted(text)
        case ("q", .array(let elements)): return "[" + elements.map { body($0) }.joined(separator: " ") + "]"
        case ("t", .bool(let flag)): return flag ? "true" : "false"
        case ("T", _): return TemplateValue.json(value).typeName
        case ("d", .integer(let number)): return (hasSign && number >= 0 ? "+" : "") + String(number)
        case ("x", .integer(let number)): return (isAlternate ? "0x" : "") + String(number, radix: 16)
        case ("X", .integer(let number)):
            return (isAlternate ? "0X" : "") + String(number, radix: 16, uppercase: true)
        case ("o", .integer(let number)): return String(number, radix: 8)
        case ("b", .integer(let number)): return String(number, radix: 2)
        case ("c", .integer(let number)):
            return UInt32(exactly: number).flatMap(Unicode.Scalar.init).map { String(Character($0)) } ?? "\u{fffd}"
        case ("x", .string(let text)), ("X", .string(let text)):
            return text.utf8.map { byte in
                (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: letter == "X")
            }.joined()
        case ("f", .double(let number)): return fixed(number)
        case ("f", .integer(let number)): return mismatch(.integer(number))
        default: return mismatch(value)
        }
    }

    private func cut(_ value: JSONValue) -> String {
        let text = Printing.plain(value)
        guard let precision, case .string = value else { return text }
        var result = ""
        result.unicodeScalars.append(contentsOf: text.unicodeScalars.prefix(precision))
        return result
    }

    private func mismatch(_ value: JSONValue) -> String {
        "%!\(name)(\(TemplateValue.json(value).typeName)=\(Printing.plain(value)))"
    }

    private func fixed(_ number: Double) -> String {
        let places = min(precision ?? 6, 15)
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        guard abs(number) * scale < 9e18 else { return Printing.plain(.double(number)) }
        let scaled = Int64((abs(number) * scale).rounded(.toNearestOrEven))
        let digits = String(scaled)
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        let sign = number < 0 ? "-" : ""
        return places == 0 ? sign + padded : sign + padded.dropLast(places) + "." + padded.suffix(places)
    }

    private func pad(_ text: String) -> String {
        guard let width else { return text }
        let missing = abs(width) - text.unicodeScalars.count
        guard missing > 0 else { return text }
        if isLeft || width < 0 { return text + String(repeating: " ", count: missing) }
        let isNumeric = letter == "d" || letter == "x" || letter == "X" || letter == "f" || letter == "s"
        if isZeroPadded, isNumeric {
            let sign = text.hasPrefix("-") ? "-" : ""
            return sign + String(repeating: "0", count: missing) + text.dropFirst(sign.count)
        }
        return String(repeating: " ", count: missing) + text
    }
}
