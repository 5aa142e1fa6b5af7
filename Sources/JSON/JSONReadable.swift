// SPDX-License-Identifier: Apache-2.0

/// A type that reads itself from a value without `Codable`, whose containers make Swift's runtime search all
/// conformances of the program: of what a runtime has to do for a container that was nearly half (decision 0014).
package protocol JSONReadable {
    init(json: JSONValue) throws(JSONError)
}

extension JSON {
    /// Reads a document. Member names match exactly or, as in Go, without regard to case.
    package static func read<T: JSONReadable>(
        _ type: T.Type, from bytes: [UInt8], limits: JSONLimits = .default
    ) throws(JSONError) -> T {
        try T(json: parse(bytes, limits: limits))
    }
}

/// The members of an object that is read: errors name the one they are about.
package struct JSONMembers {
    private let object: JSONObject

    package init(_ json: JSONValue) throws(JSONError) {
        guard case .object(let object) = json else { throw .expected("an object", json) }
        self.object = object
    }

    /// nil where there is none, or `null`.
    package subscript<T: JSONReadable>(_ name: String) -> T? {
        get throws(JSONError) {
            guard let value = object.lenient(name) else { return nil }
            if case .null = value { return nil }
            return try JSONMembers.read(value, name)
        }
    }

    package func required<T: JSONReadable>(_ name: String) throws(JSONError) -> T {
        guard let value = object.lenient(name) else { throw JSONError(place: name, reason: "is missing") }
        return try JSONMembers.read(value, name)
    }

    fileprivate static func read<T: JSONReadable>(_ value: JSONValue, _ place: String) throws(JSONError) -> T {
        do throws(JSONError) { return try T(json: value) } catch { throw error.inside(place) }
    }
}

extension JSONError {
    /// `value` is of another kind than it must be.
    package static func expected(_ kind: String, _ value: JSONValue) -> JSONError {
        JSONError(place: "", reason: "expected \(kind), found \(value.kind)")
    }

    /// The same seen from outside: `outer` is a member's name, or `[3]`.
    fileprivate func inside(_ outer: String) -> JSONError {
        let separator = place.isEmpty || place.hasPrefix("[") ? "" : "."
        return JSONError(place: outer + separator + place, reason: reason)
    }
}

extension String: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        guard case .string(let text) = json else { throw .expected("a string", json) }
        self = text
    }
}

extension Bool: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        guard case .bool(let flag) = json else { throw .expected("true or false", json) }
        self = flag
    }
}

extension JSONReadable where Self: FixedWidthInteger {
    package init(json: JSONValue) throws(JSONError) {
        let number: Self?
        switch json {
        case .integer(let value): number = Self(exactly: value)
        case .unsigned(let value): number = Self(exactly: value)
        default: throw .expected("a whole number", json)
        }
        guard let number else { throw JSONError(place: "", reason: "is out of range (\(Self.min) to \(Self.max))") }
        self = number
    }
}

extension Int: JSONReadable {}
extension Int32: JSONReadable {}
extension Int64: JSONReadable {}
extension UInt8: JSONReadable {}
extension UInt16: JSONReadable {}
extension UInt32: JSONReadable {}
extension UInt64: JSONReadable {}

extension Array: JSONReadable where Element: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        guard case .array(let elements) = json else { throw .expected("an array", json) }
        self.init()
        reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() { append(try JSONMembers.read(element, index)) }
    }
}

extension JSONMembers {
    /// An element of an array; its place is made up only where it is wrong.
    fileprivate static func read<T: JSONReadable>(_ value: JSONValue, _ index: Int) throws(JSONError) -> T {
        do throws(JSONError) { return try T(json: value) } catch { throw error.inside("[\(index)]") }
    }
}

extension Dictionary: JSONReadable where Key == String, Value: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        guard case .object(let object) = json else { throw .expected("an object", json) }
        self.init(minimumCapacity: object.members.count)
        for member in object.members { self[member.key] = try JSONMembers.read(member.value, member.key) as Value }
    }
}
