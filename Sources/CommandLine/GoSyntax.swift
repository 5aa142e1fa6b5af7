// SPDX-License-Identifier: Apache-2.0

/// Values as Go's standard library reads them, with its words for what is wrong.
package enum GoSyntax {
    package struct Problem: Error, Equatable {
        package let text: String

        package init(_ text: String) {
            self.text = text
        }
    }

    package static func bool(_ text: String) -> Bool? {
        switch text {
        case "1", "t", "T", "true", "TRUE", "True": true
        case "0", "f", "F", "false", "FALSE", "False": false
        default: nil
        }
    }

    /// `strconv.ParseInt(text, 0, bits)`.
    package static func int(_ text: String, bits: Int = 64) throws(Problem) -> Int {
        let negative = text.hasPrefix("-")
        let digits = negative || text.hasPrefix("+") ? text.dropFirst() : text[...]
        guard let magnitude = magnitude(digits) else {
            throw Problem("strconv.ParseInt: parsing \(quoted(text)): invalid syntax")
        }
        let limit = UInt64(1) << UInt64(bits - 1)
        guard let value = magnitude.value, negative ? value <= limit : value < limit else {
            throw Problem("strconv.ParseInt: parsing \(quoted(text)): value out of range")
        }
        return negative ? Int(truncatingIfNeeded: 0 &- value) : Int(value)
    }

    /// `strconv.ParseUint(text, 0, bits)`.
    package static func uint(_ text: String, bits: Int = 64) throws(Problem) -> UInt64 {
        guard let magnitude = magnitude(text[...]) else {
            throw Problem("strconv.ParseUint: parsing \(quoted(text)): invalid syntax")
        }
        guard let value = magnitude.value, bits == 64 || value < UInt64(1) << UInt64(bits) else {
            throw Problem("strconv.ParseUint: parsing \(quoted(text)): value out of range")
        }
        return value
    }

    /// The number, nil inside when it does not fit; nil when it isn't one.
    private static func magnitude(_ text: Substring) -> (value: UInt64?, Void)? {
        var digits = text
        var radix = 10
        let lower = text.lowercased()
        for (prefix, base) in [("0x", 16), ("0b", 2), ("0o", 8)] where lower.hasPrefix(prefix) {
            digits = text.dropFirst(2)
            radix = base
        }
        if radix == 10, digits.utf8.count > 1, digits.hasPrefix("0") {
            digits = digits.dropFirst()
            radix = 8
        }
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && ($0.hexDigitValue ?? 99) < radix }) else { return nil }
        return (UInt64(digits, radix: radix), ())
    }

    /// `time.ParseDuration`, in nanoseconds.
    package static func duration(_ text: String) throws(Problem) -> Int64 {
        let invalid = Problem("time: invalid duration \(quoted(text))")
        var rest = text[...]
        var negative = false
        if let sign = rest.first, sign == "-" || sign == "+" {
            negative = sign == "-"
            rest.removeFirst()
        }
        if rest == "0" { return 0 }
        guard !rest.isEmpty else { throw invalid }
        var total = 0.0
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(number.count)
            guard number.contains(where: \.isNumber), number.count(where: { $0 == "." }) <= 1,
                let amount = Double(
                    number.hasPrefix(".") ? "0\(number)" : number.hasSuffix(".") ? "\(number)0" : number)
            else { throw invalid }
            let unit = rest.prefix { $0 != "." && !($0.isASCII && $0.isNumber) }
            rest = rest.dropFirst(unit.count)
            guard !unit.isEmpty else { throw Problem("time: missing unit in duration \(quoted(text))") }
            guard let scale = scale(ofUnit: unit) else {
                throw Problem("time: unknown unit \(quoted(String(unit))) in duration \(quoted(text))")
            }
            total += amount * scale
        }
        guard total < 9.2e18 else { throw invalid }
        return Int64(negative ? -total : total)
    }

    private static func scale(ofUnit unit: Substring) -> Double? {
        switch unit {
        case "ns": 1
        case "us", "µs", "μs": 1e3
        case "ms": 1e6
        case "s": 1e9
        case "m": 60e9
        case "h": 3600e9
        default: nil
        }
    }

    /// Go's `%q` for text without unusual characters.
    package static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                let hex = String(scalar.value, radix: 16)
                result += "\\x" + (hex.count == 1 ? "0" : "") + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
