// SPDX-License-Identifier: Apache-2.0

package import JSON

/// A type of Go's that JSON is read into: what it prints has the type's own order and members, not the sender's.
///
/// Written as an example in JSON: `""`, `0` and `false` are scalars and their zero values, `"time"` a time, null
/// anything, `[T]` a list, `{"": T}` a map, any other object a struct. A member's name may end in `?` (left out of JSON
/// when empty) and `*` (a pointer: null when absent).
package indirect enum GoType: Sendable {
    case any
    case scalar(zero: JSONValue)
    case time
    case list(GoType)
    case map(GoType)
    case pointer(GoType)
    case structure([Member], name: String?)

    package struct Member: Sendable {
        let name: String
        let type: GoType
        let omitsEmpty: Bool

        fileprivate var goName: String {
            let capital = name.prefix(1).uppercased() + name.dropFirst()
            guard capital.hasSuffix("Id") || capital.hasSuffix("Ip") else { return capital }
            return capital.dropLast(2) + capital.suffix(2).uppercased()
        }
    }

    /// - Parameter name: the type's name in messages.
    package init(_ example: JSONValue, name: String? = nil) {
        switch example {
        case .null: self = .any
        case .string("time"): self = .time
        case .array(let elements): self = .list(elements.first.map { GoType($0) } ?? .any)
        case .object(let object):
            if let element = object[""] {
                self = .map(GoType(element))
            } else {
                self = .structure(object.members.map { Member($0.key, $0.value) }, name: name)
            }
        default: self = .scalar(zero: example)
        }
    }

    /// The value as Go would marshal it after reading it: zero values where something is missing, members in order.
    func shaped(_ value: JSONValue) -> JSONValue {
        switch (self, value) {
        case (.any, _): return value
        case (.scalar(let zero), .null): return zero
        case (.time, .null): return "0001-01-01T00:00:00Z"
        case (.list(let type), .array(let elements)): return .array(elements.map(type.shaped))
        case (.map(let type), .object(let object)):
            var result = JSONObject()
            for member in object.members.sorted(by: { $0.key < $1.key }) {
                result.append(member.key, type.shaped(member.value))
            }
            return .object(result)
        case (.pointer(let type), .object): return type.shaped(value)
        case (.structure(let members, _), _):
            var result = JSONObject()
            for member in members {
                let given = member.type.shaped(value[member.name] ?? .null)
                if member.omitsEmpty, member.type.isEmpty(given) { continue }
                result.append(member.name, given)
            }
            return .object(result)
        default: return value
        }
    }

    /// Whether `omitempty` leaves it out.
    private func isEmpty(_ value: JSONValue) -> Bool {
        switch self {
        case .time, .structure: false
        case .any, .pointer: value == .null
        case .scalar(let zero): value == zero
        case .list: value.array?.isEmpty ?? true
        case .map: value.object?.members.isEmpty ?? true
        }
    }

    /// The struct's member of that name, as Go's source spells it: `ID` where JSON has `Id`.
    func member(_ name: String) -> Member? {
        switch self {
        case .pointer(let type): type.member(name)
        case .structure(let members, _): members.first { $0.goName == name }
        default: nil
        }
    }

    /// What a list or map holds.
    var element: GoType? {
        switch self {
        case .list(let type), .map(let type): type
        default: nil
        }
    }

    var name: String? {
        switch self {
        case .structure(_, let name): name
        case .pointer(let type): type.name
        default: nil
        }
    }

    /// A value with its type, unless JSON alone says as much.
    func typed(_ value: JSONValue) -> TemplateValue {
        switch self {
        case .any where value != .null, .scalar: .json(shaped(value))
        default: .typed(value, self)
        }
    }

    /// `%v`.
    func printed(_ value: JSONValue) -> String {
        switch (self, value) {
        case (.pointer, .null): return "<nil>"
        case (.pointer(let type), _): return type.printed(value)
        case (.list(let type), _):
            return "[" + (value.array ?? []).map(type.printed).joined(separator: " ") + "]"
        case (.map(let type), _):
            let members = (value.object?.members ?? []).sorted { $0.key < $1.key }
            return "map[" + members.map { "\($0.key):\(type.printed($0.value))" }.joined(separator: " ") + "]"
        case (.structure(let members, _), _):
            return "{" + members.map { $0.type.printed(value[$0.name] ?? .null) }.joined(separator: " ") + "}"
        case (.time, _):
            // Seen times are UTC: `2026-01-02 15:04:05.5 +0000 UTC`.
            guard let text = shaped(value).string, text.hasSuffix("Z") else { return Printing.plain(value) }
            return text.dropLast().split(separator: "T").joined(separator: " ") + " +0000 UTC"
        default: return Printing.plain(shaped(value))
        }
    }
}

extension GoType.Member {
    fileprivate init(_ key: String, _ example: JSONValue) {
        var name = key[...]
        let isPointer = name.hasSuffix("*")
        if isPointer { name = name.dropLast() }
        omitsEmpty = name.hasSuffix("?")
        if omitsEmpty { name = name.dropLast() }
        self.name = String(name)
        type = isPointer ? .pointer(GoType(example)) : GoType(example)
    }
}
