// SPDX-License-Identifier: Apache-2.0

package import JSON

/// A type with a value that stands for "not given", as in Go: empty, zero or false.
package protocol ZeroValue {
    init()
}

extension String: ZeroValue {}
extension Bool: ZeroValue {}
extension Int: ZeroValue {}
extension Int64: ZeroValue {}
extension UInt16: ZeroValue {}
extension UInt64: ZeroValue {}
extension Array: ZeroValue {}
extension Dictionary: ZeroValue {}

extension Timestamp: ZeroValue {
    /// `0001-01-01T00:00:00Z`
    package init() { self = .zero }
}

/// A member that is always written; absent or `null`, it reads as its type's zero value.
@propertyWrapper
package struct Zero<Value: ZeroValue & Codable & Sendable>: Codable, Sendable {
    package var wrappedValue: Value

    package init() { wrappedValue = Value() }
    package init(wrappedValue: Value) { self.wrappedValue = wrappedValue }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        wrappedValue = container.decodeNil() ? Value() : try container.decode(Value.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(wrappedValue)
    }
}

extension Zero: Equatable where Value: Equatable {}

/// A member that is written as `null` when there is nothing; an optional member without this is left out.
@propertyWrapper
package struct Nullable<Value: Codable & Sendable>: Codable, Sendable {
    package var wrappedValue: Value?

    package init() { wrappedValue = nil }
    package init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        wrappedValue = container.decodeNil() ? nil : try container.decode(Value.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
    }
}

extension Nullable: Equatable where Value: Equatable {}

/// A list of strings that a client may also write as one string; `null` when there is none.
@propertyWrapper
package struct StringList: Codable, Sendable, Equatable {
    package var wrappedValue: [String]?

    package init() { wrappedValue = nil }
    package init(wrappedValue: [String]?) { self.wrappedValue = wrappedValue }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            wrappedValue = nil
        } else if let one = try? container.decode(String.self) {
            wrappedValue = [one]
        } else {
            wrappedValue = try container.decode([String].self)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
    }
}

// The synthesized `Codable` of a struct calls these, as the most specific overloads, for its wrapped members.
extension KeyedDecodingContainer {
    package func decode<Value>(_: Zero<Value>.Type, forKey key: Key) throws -> Zero<Value> {
        Zero(wrappedValue: try decodeIfPresent(Value.self, forKey: key) ?? Value())
    }

    package func decode<Value>(_: Nullable<Value>.Type, forKey key: Key) throws -> Nullable<Value> {
        Nullable(wrappedValue: try decodeIfPresent(Value.self, forKey: key))
    }

    package func decode(_: StringList.Type, forKey key: Key) throws -> StringList {
        try decodeIfPresent(StringList.self, forKey: key) ?? StringList()
    }
}

extension KeyedEncodingContainer {
    package mutating func encode<Value>(_ value: Zero<Value>, forKey key: Key) throws {
        try encode(value.wrappedValue, forKey: key)
    }

    package mutating func encode<Value>(_ value: Nullable<Value>, forKey key: Key) throws {
        if let value = value.wrappedValue { try encode(value, forKey: key) } else { try encodeNil(forKey: key) }
    }
}
