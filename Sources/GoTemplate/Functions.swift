// SPDX-License-Identifier: Apache-2.0

internal import JSON

/// The functions templates may call: Go's own, and those Docker adds.
enum Functions {
    enum Problem: Error {
        /// The function ran and failed.
        case failed(String)
        /// It could not be called like that.
        case unusable(String)
    }

    static let names: Set<String> = [
        "and", "or", "not", "len", "index", "slice", "print", "printf", "println", "html", "js", "urlquery", "eq", "ne",
        "lt", "le", "gt", "ge", "json", "split", "join", "title", "lower", "upper", "pad", "truncate",
    ]

    static func call(_ name: String, _ arguments: [TemplateValue]) throws(Problem) -> TemplateValue {
        switch name {
        case "and", "or":
            guard let last = arguments.last else { throw wrongCount(name, "at least 1", 0) }
            return last
        case "not": return .json(.bool(!(try one(name, arguments).isTrue)))
        case "len": return .json(.integer(Int64(try length(of: try one(name, arguments)))))
        case "index": return try index(arguments)
        case "slice": return try slice(arguments)
        case "print": return .text(Printing.joined(arguments, spaces: false))
        case "println": return .text(Printing.joined(arguments, spaces: true) + "\n")
        case "printf":
            guard let format = arguments.first else { throw wrongCount(name, "at least 1", 0) }
            return .text(Printing.formatted(try text(format), Array(arguments.dropFirst())))
        case "eq", "ne", "lt", "le", "gt", "ge": return .json(.bool(try compare(name, arguments)))
        default: return try Texts.call(name, arguments)
        }
    }

    static func one(_ name: String, _ arguments: [TemplateValue]) throws(Problem) -> TemplateValue {
        guard arguments.count == 1 else { throw wrongCount(name, "1", arguments.count) }
        return arguments[0]
    }

    static func wrongCount(_ name: String, _ wanted: String, _ got: Int) -> Problem {
        .unusable("wrong number of args for \(name): want \(wanted) got \(got)")
    }

    static func text(_ value: TemplateValue) throws(Problem) -> String {
        guard case .json(.string(let text)) = value else {
            throw .unusable("wrong type for value; expected string; got \(value.typeName)")
        }
        return text
    }

    static func number(_ value: TemplateValue) throws(Problem) -> Int {
        guard case .json(.integer(let number)) = value, let result = Int(exactly: number) else {
            throw .unusable("wrong type for value; expected int; got \(value.typeName)")
        }
        return result
    }

    private static func length(of value: TemplateValue) throws(Problem) -> Int {
        if case .typed(.null, let type) = value, type.element != nil { return 0 }
        switch value.json {
        case .string(let text): return text.utf8.count
        case .array(let elements): return elements.count
        case .object(let object): return object.members.count
        case .null: throw .failed("len of nil pointer")
        default: throw .failed("len of type \(value.typeName)")
        }
    }

    private static func index(_ arguments: [TemplateValue]) throws(Problem) -> TemplateValue {
        guard let first = arguments.first else { throw wrongCount("index", "at least 1", 0) }
        // A type goes along as far down as it is known.
        var type: GoType?
        var value = first.json
        if case .typed(let given, let known) = first {
            type = known
            value = given
        }
        for key in arguments.dropFirst() {
            if value == .null, case .map? = type { return .typed(.null, .any) }
            defer { type = type?.element }
            switch value {
            case .array(let elements):
                let position = try whole(key)
                guard elements.indices.contains(position) else {
                    throw .failed(
                        position < 0 ? "index out of range: \(position)" : "reflect: slice index out of range")
                }
                value = elements[position]
            case .object(let object):
                guard case .json(.string(let name)) = key else {
                    throw .failed("value has type \(key.typeName); should be string")
                }
                value = object[name] ?? .null
            case .string(let text):
                let position = try whole(key)
                let bytes = Array(text.utf8)
                guard bytes.indices.contains(position) else { throw .failed("index out of range: \(position)") }
                value = .integer(Int64(bytes[position]))
            case .null: throw .failed("index of untyped nil")
            default: throw .failed("can't index item of type \(TemplateValue.json(value).typeName)")
            }
        }
        // A struct that is not there is a nil pointer in the maps there are.
        if value == .null, case .structure? = type { return .typed(.null, .any) }
        return type?.typed(value) ?? .json(value)
    }

    private static func whole(_ key: TemplateValue) throws(Problem) -> Int {
        guard case .json(.integer(let number)) = key, let position = Int(exactly: number) else {
            if case .json(.null) = key { throw .failed("cannot index slice/array with nil") }
            throw .failed("cannot index slice/array with type \(key.typeName)")
        }
        return position
    }

    private static func slice(_ arguments: [TemplateValue]) throws(Problem) -> TemplateValue {
        guard let value = arguments.first?.json else { throw wrongCount("slice", "at least 1", 0) }
        var bounds: [Int] = []
        for argument in arguments.dropFirst() { bounds.append(try whole(argument)) }
        let count = try length(of: .json(value))
        let low = bounds.first ?? 0
        let high = bounds.count > 1 ? bounds[1] : count
        guard (0...count).contains(low), (0...count).contains(high) else {
            throw .failed("index out of range: \((0...count).contains(low) ? high : low)")
        }
        guard low <= high else { throw .failed("invalid slice index: \(low) > \(high)") }
        switch value {
        case .array(let elements): return .json(.array(Array(elements[low..<high])))
        case .string(let text): return .text(String(decoding: Array(text.utf8)[low..<high], as: UTF8.self))
        default: throw .failed("can't slice item of type \(TemplateValue.json(value).typeName)")
        }
    }

    private static func compare(_ name: String, _ arguments: [TemplateValue]) throws(Problem) -> Bool {
        guard arguments.count >= 2 else { throw .failed("missing argument for comparison") }
        guard name == "eq" || arguments.count == 2 else { throw wrongCount(name, "2", arguments.count) }
        let left = arguments[0].json
        if name == "eq" {
            for right in arguments.dropFirst() where try equal(left, right.json) { return true }
            return false
        }
        if name == "ne" { return try !equal(left, arguments[1].json) }
        let order = try order(left, arguments[1].json)
        return switch name {
        case "lt": order < 0
        case "le": order <= 0
        case "gt": order > 0
        default: order >= 0
        }
    }

    private static func equal(_ left: JSONValue, _ right: JSONValue) throws(Problem) -> Bool {
        switch (left, right) {
        case (.null, _), (_, .null): return left == right
        case (.bool(let a), .bool(let b)): return a == b
        case (.array, _), (_, .array), (.object, _), (_, .object):
            throw .failed("non-comparable type \(Printing.printed(.json(left))): \(TemplateValue.json(left).typeName)")
        default: return try order(left, right) == 0
        }
    }

    private static func order(_ left: JSONValue, _ right: JSONValue) throws(Problem) -> Int {
        switch (left, right) {
        case (.string(let a), .string(let b)):
            return a == b ? 0 : a.utf8.lexicographicallyPrecedes(b.utf8) ? -1 : 1
        case (.integer(let a), .integer(let b)): return a == b ? 0 : a < b ? -1 : 1
        default:
            guard let a = double(left), let b = double(right) else {
                switch left {
                case .string, .integer, .unsigned, .double: throw .failed("incompatible types for comparison")
                default: throw .failed("invalid type for comparison")
                }
            }
            return a == b ? 0 : a < b ? -1 : 1
        }
    }

    private static func double(_ value: JSONValue) -> Double? {
        switch value {
        case .integer(let number): Double(number)
        case .unsigned(let number): Double(number)
        case .double(let number): number
        default: nil
        }
    }
}
