// SPDX-License-Identifier: Apache-2.0

extension JSONValue {
    /// Writes the document as UTF-8.
    ///
    /// - Parameters:
    ///   - indent: nil for one line without spaces; else what each level is indented by, as Go's `json.Indent` does.
    ///   - sortedKeys: members by name, as Go writes maps.
    ///   - escapeHTML: writes `<`, `>` and `&` as `\u003c` …, as Go's `json.Marshal` does.
    package func serialized(indent: String? = nil, sortedKeys: Bool = false, escapeHTML: Bool = false) -> [UInt8] {
        var writer = JSONSerializer(
            indent: indent.map { Array($0.utf8) }, sortedKeys: sortedKeys, escapeHTML: escapeHTML)
        writer.write(self)
        return writer.output
    }
}

/// Writes values. Also of use by itself where a hot list is written by hand.
package struct JSONSerializer {
    package var output: [UInt8] = []
    private let indent: [UInt8]?
    private let sortedKeys: Bool
    private let escapeHTML: Bool
    private var level = 0

    package init(indent: [UInt8]? = nil, sortedKeys: Bool = false, escapeHTML: Bool = false) {
        self.indent = indent
        self.sortedKeys = sortedKeys
        self.escapeHTML = escapeHTML
    }

    package mutating func write(_ value: JSONValue) {
        switch value {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let flag): output.append(contentsOf: (flag ? "true" : "false").utf8)
        case .integer(let number): output.append(contentsOf: String(number).utf8)
        case .unsigned(let number): output.append(contentsOf: String(number).utf8)
        case .double(let number): write(number)
        case .string(let text): write(text)
        case .array(let elements):
            sequence("[", "]", elements) { writer, element in writer.write(element) }
        case .object(let object):
            let members =
                sortedKeys
                ? object.members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) } : object.members
            sequence("{", "}", members) { writer, member in
                writer.write(member.key)
                writer.output.append(UInt8(ascii: ":"))
                if writer.indent != nil { writer.output.append(UInt8(ascii: " ")) }
                writer.write(member.value)
            }
        }
    }

    private mutating func sequence<Element>(
        _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ elements: [Element],
        _ body: (inout JSONSerializer, Element) -> Void
    ) {
        output.append(UInt8(ascii: open))
        level += 1
        for (index, element) in elements.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            newLine()
            body(&self, element)
        }
        level -= 1
        if !elements.isEmpty { newLine() }
        output.append(UInt8(ascii: close))
    }

    private mutating func newLine() {
        guard let indent else { return }
        output.append(0x0a)
        for _ in 0..<level { output.append(contentsOf: indent) }
    }

    /// As Go: no exponent between 1e-6 and 1e21.
    private mutating func write(_ number: Double) {
        guard number.isFinite else { return output.append(contentsOf: "null".utf8) }
        if number == number.rounded(), abs(number) < 9e15 {
            output.append(contentsOf: String(Int64(number)).utf8)
            return
        }
        let text = number.description
        guard let mark = text.firstIndex(of: "e"), let exponent = Int(text[text.index(after: mark)...]) else {
            return output.append(contentsOf: text.utf8)
        }
        let mantissa = text[..<mark].filter { $0 != "." && $0 != "-" }
        let digits = mantissa.hasSuffix("0") && mantissa.count > 1 ? String(mantissa.dropLast()) : String(mantissa)
        let sign = number < 0 ? "-" : ""
        if (-6..<0).contains(exponent) {
            output.append(contentsOf: "\(sign)0.\(String(repeating: "0", count: -exponent - 1))\(digits)".utf8)
        } else if (0..<21).contains(exponent) {
            let padding = String(repeating: "0", count: max(0, exponent + 1 - digits.count))
            output.append(contentsOf: "\(sign)\(digits)\(padding)".utf8)
        } else {
            let rest = digits.dropFirst()
            let sign2 = exponent < 0 ? "-" : "+"
            let point = rest.isEmpty ? "" : "."
            output.append(contentsOf: "\(sign)\(digits.prefix(1))\(point)\(rest)e\(sign2)\(abs(exponent))".utf8)
        }
    }

    /// A string with its quotes.
    package mutating func write(_ text: String) {
        output.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { bytes in
            var start = 0
            for index in bytes.indices {
                guard let escape = escape(bytes, index) else { continue }
                guard index >= start else { continue }
                output.append(contentsOf: bytes[start..<index])
                output.append(contentsOf: escape.text)
                start = index + escape.length
            }
            if start < bytes.count { output.append(contentsOf: bytes[start...]) }
        }
        output.append(UInt8(ascii: "\""))
    }

    private func escape(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> (text: [UInt8], length: Int)? {
        let byte = bytes[index]
        switch byte {
        case UInt8(ascii: "\""): return (Array(#"\""#.utf8), 1)
        case UInt8(ascii: "\\"): return (Array(#"\\"#.utf8), 1)
        case 0x08: return (Array(#"\b"#.utf8), 1)
        case 0x0a: return (Array(#"\n"#.utf8), 1)
        case 0x0c: return (Array(#"\f"#.utf8), 1)
        case 0x0d: return (Array(#"\r"#.utf8), 1)
        case 0x09: return (Array(#"\t"#.utf8), 1)
        case 0..<0x20: return (Array("\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8), 1)
        case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"):
            return escapeHTML ? (Array("\\u00\(String(byte, radix: 16))".utf8), 1) : nil
        case 0xe2:
            // U+2028 and U+2029 end a line in JavaScript; Go escapes them always.
            guard index + 2 < bytes.count, bytes[index + 1] == 0x80, bytes[index + 2] & 0xfe == 0xa8 else { return nil }
            return (Array("\\u202\(bytes[index + 2] == 0xa8 ? "8" : "9")".utf8), 3)
        default: return nil
        }
    }
}
