// SPDX-License-Identifier: Apache-2.0

package import JSON

/// What a template works on: JSON, or a record whose members are computed when asked for.
package indirect enum TemplateValue: Sendable {
    case json(JSONValue)
    case record(TemplateRecord)
    /// JSON that is read into a type of Go's.
    case typed(JSONValue, GoType)

    package static func text(_ text: String) -> TemplateValue { .json(.string(text)) }
}

/// A value with named members, as Go's methods and struct fields: what `ps --format` is applied to.
package struct TemplateRecord: Sendable {
    /// Go's name of the type, for messages: `*formatter.ContainerContext`.
    package let typeName: String
    /// What `{{json .}}` prints, in this order.
    package let names: [String]
    /// What `{{json .}}` prints instead of a member: Go's value has text and JSON of its own.
    private let jsonMembers: [String: JSONValue]
    private let lookUp: @Sendable (String, [TemplateValue]) -> TemplateValue?

    package init(
        typeName: String, names: [String] = [], jsonMembers: [String: JSONValue] = [:],
        lookUp: @escaping @Sendable (_ name: String, _ arguments: [TemplateValue]) -> TemplateValue?
    ) {
        self.typeName = typeName
        self.names = names
        self.jsonMembers = jsonMembers
        self.lookUp = lookUp
    }

    package func member(_ name: String, _ arguments: [TemplateValue] = []) -> TemplateValue? {
        lookUp(name, arguments)
    }

    package var json: JSONValue {
        var object = JSONObject()
        for name in names {
            if let value = jsonMembers[name] ?? member(name)?.json { object.append(name, value) }
        }
        return .object(object)
    }
}

extension TemplateValue {
    package var json: JSONValue {
        switch self {
        case .json(let value): value
        case .record(let record): record.json
        case .typed(let value, let type): type.shaped(value)
        }
    }

    /// Go's truth: not false, not 0, not empty, not nil.
    var isTrue: Bool {
        let value: JSONValue
        switch self {
        case .record, .typed(_, .structure), .typed(_, .time): return true
        case .typed(let given, .pointer): return given != .null
        case .json(let given), .typed(let given, _): value = given
        }
        return switch value {
        case .null: false
        case .bool(let flag): flag
        case .integer(let number): number != 0
        case .unsigned(let number): number != 0
        case .double(let number): number != 0
        case .string(let text): !text.isEmpty
        case .array(let elements): !elements.isEmpty
        case .object(let object): !object.members.isEmpty
        }
    }

    /// Go's name of the value's type, for messages.
    var typeName: String {
        guard case .json(let value) = self else {
            switch self {
            case .record(let record): return record.typeName
            case .typed(let value, let type): return type.name ?? TemplateValue.json(type.shaped(value)).typeName
            case .json: return ""
            }
        }
        return switch value {
        case .null: "interface {}"
        case .bool: "bool"
        case .integer, .unsigned: "int"
        case .double: "float64"
        case .string: "string"
        case .array: "[]interface {}"
        case .object: "map[string]interface {}"
        }
    }
}
