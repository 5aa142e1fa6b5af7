// SPDX-License-Identifier: Apache-2.0

internal import JSON

/// Prints values as Go's fmt does.
enum Printing {
    /// What an action prints.
    static func printed(_ value: TemplateValue) -> String {
        if case .json(.null) = value { return "<no value>" }
        return plain(value)
    }

    private static func plain(_ value: TemplateValue) -> String {
        if case .typed(let value, let type) = value { return type.printed(value) }
        return plain(value.json)
    }

    /// `%v`.
    static func plain(_ value: JSONValue) -> String {
        switch value {
        case .null: "<nil>"
        case .bool(let flag): flag ? "true" : "false"
        case .integer(let number): String(number)
        case .unsigned(let number): String(number)
        case .double(let number): self.number(number)
        case .string(let text): text
        case .array(let elements): "[" + elements.map(plain).joined(separator: " ") + "]"
        case .object(let object):
            "map["
                + object.members.sorted { $0.key < $1.key }.map { "\($0.key):\(plain($0.value))" }
                .joined(separator: " ") + "]"
        }
    }

    private static func number(_ value: Double) -> String {
        if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
        return String(describing: value)
    }

    static func joined(_ values: [TemplateValue], spaces: Bool) -> String {
        var result = ""
        for (index, value) in values.enumerated() {
            if index > 0 {
                let isBetweenTexts = isText(values[index - 1]) || isText(value)
                if spaces || !isBetweenTexts { result += " " }
            }
            result += plain(value)
        }
        return result
    }

    private static func isText(_ value: TemplateValue) -> Bool {
        if case .json(.string) = value { return true }
        return false
    }

    /// `printf`, with flags, width and precision.
    static func formatted(_ format: String, _ values: [TemplateValue]) -> String {
        var result = ""
        var rest = format.unicodeScalars[...]
        var used = 0
        while let scalar = rest.popFirst() {
            guard scalar == "%" else {
                result.unicodeScalars.append(scalar)
                continue
            }
            var verb = Verb(&rest)
            if verb.letter == "%" {
                result += "%"
                continue
            }
            guard verb.letter != nil else {
                result += "%!(NOVERB)"
                break
            }
            if verb.takesWidth, used < values.count {
                verb.width = values[used].json.integer.map { Int(max(-Verb.limit, min($0, Verb.limit))) }
                used += 1
            }
            guard used < values.count else {
                result += "%!\(verb.name)(MISSING)"
                continue
            }
            result += verb.print(values[used].json)
            used += 1
        }
        if used < values.count {
            let extra = values[used...].map { "\($0.typeName)=\(plain($0.json))" }.joined(separator: ", ")
            result += "%!(EXTRA \(extra))"
        }
        return result
    }

    /// `%q`.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                result += "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
