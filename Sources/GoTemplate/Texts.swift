// SPDX-License-Identifier: Apache-2.0

internal import JSON

/// Functions over text, and `json`.
enum Texts {
    static func call(_ name: String, _ arguments: [TemplateValue]) throws(Functions.Problem) -> TemplateValue {
        switch name {
        case "json":
            let value = try Functions.one(name, arguments)
            let isRecord = if case .record = value { true } else { false }
            let text = String(decoding: value.json.serialized(), as: UTF8.self)
            return .text(isRecord ? htmlSafe(text) : text)
        case "lower": return .text(try Functions.text(try Functions.one(name, arguments)).lowercased())
        case "upper": return .text(try Functions.text(try Functions.one(name, arguments)).uppercased())
        case "title": return .text(titled(try Functions.text(try Functions.one(name, arguments))))
        case "split":
            try check(name, arguments, 2)
            let parts = split(try Functions.text(arguments[0]), try Functions.text(arguments[1]))
            return .json(.array(parts.map { .string($0) }))
        case "join":
            try check(name, arguments, 2)
            guard case .array(let elements) = arguments[0].json else {
                if case .null = arguments[0].json { return .text("") }
                throw .unusable("wrong type for value; expected []string; got \(arguments[0].typeName)")
            }
            let separator = try Functions.text(arguments[1])
            return .text(elements.map { Printing.printed(.json($0)) }.joined(separator: separator))
        case "pad":
            try check(name, arguments, 3)
            let text = try Functions.text(arguments[0])
            let left = min(max(0, try Functions.number(arguments[1])), 1 << 20)
            let right = min(max(0, try Functions.number(arguments[2])), 1 << 20)
            if text.isEmpty { return .text(text) }
            return .text(String(repeating: " ", count: left) + text + String(repeating: " ", count: right))
        case "truncate":
            try check(name, arguments, 2)
            let text = try Functions.text(arguments[0])
            let length = try Functions.number(arguments[1])
            guard text.unicodeScalars.count > length else { return .text(text) }
            var result = ""
            result.unicodeScalars.append(contentsOf: text.unicodeScalars.prefix(max(0, length)))
            return .text(result)
        case "html": return .text(escaped(Printing.joined(arguments, spaces: false)))
        case "urlquery": return .text(percentEncoded(Printing.joined(arguments, spaces: false)))
        default: throw .unusable("function \"\(name)\" not defined")
        }
    }

    /// JSON as Go writes what has a marshaller of its own: without the characters that mean something in HTML.
    private static func htmlSafe(_ json: String) -> String {
        guard json.utf8.contains(where: { $0 == 0x3c || $0 == 0x3e || $0 == 0x26 }) else { return json }
        var result = ""
        for character in json {
            switch character {
            case "<": result += "\\u003c"
            case ">": result += "\\u003e"
            case "&": result += "\\u0026"
            default: result.append(character)
            }
        }
        return result
    }

    private static func check(
        _ name: String, _ arguments: [TemplateValue], _ count: Int
    ) throws(Functions.Problem) {
        guard arguments.count == count else { throw Functions.wrongCount(name, "\(count)", arguments.count) }
    }

    private static func titled(_ text: String) -> String {
        var result = ""
        var startsWord = true
        for character in text {
            result += startsWord ? character.uppercased() : String(character)
            startsWord = character.isWhitespace
        }
        return result
    }

    static func split(_ text: String, _ separator: String) -> [String] {
        if separator.isEmpty { return text.unicodeScalars.map { String(Character($0)) } }
        var parts: [String] = []
        var rest = Array(text.utf8)[...]
        let needle = Array(separator.utf8)
        var start = rest.startIndex
        var index = start
        while index + needle.count <= rest.endIndex {
            if rest[index..<index + needle.count].elementsEqual(needle) {
                parts.append(String(decoding: rest[start..<index], as: UTF8.self))
                index += needle.count
                start = index
            } else {
                index += 1
            }
        }
        rest = rest[start...]
        parts.append(String(decoding: rest, as: UTF8.self))
        return parts
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "&": result += "&amp;"
            case "\"": result += "&#34;"
            case "'": result += "&#39;"
            default: result.append(character)
            }
        }
        return result
    }

    private static func percentEncoded(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            let isPlain =
                (byte | 32 >= 97 && byte | 32 <= 122) || (byte >= 48 && byte <= 57) || [45, 46, 95, 126].contains(byte)
            if isPlain {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else if byte == 32 {
                result += "+"
            } else {
                result += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        return result
    }
}
