// SPDX-License-Identifier: Apache-2.0

/// Where a decoder or encoder is in the document: a list from the leaf up, so that going down costs one allocation.
final class JSONPath: Sendable {
    private let parent: JSONPath?
    private let key: (any CodingKey)?
    /// How the decoder of this document reads `null`.
    let nulls: JSON.Nulls

    static let root = JSONPath(parent: nil, key: nil, .refused)
    static let rootOfGo = JSONPath(parent: nil, key: nil, .zero)

    private init(parent: JSONPath?, key: (any CodingKey)?, _ nulls: JSON.Nulls) {
        self.parent = parent
        self.key = key
        self.nulls = nulls
    }

    func appending(_ key: any CodingKey) -> JSONPath { JSONPath(parent: self, key: key, nulls) }

    var keys: [any CodingKey] {
        guard let key else { return [] }
        return (parent?.keys ?? []) + [key]
    }
}

/// A key made of a name or an index.
struct AnyKey: CodingKey {
    var stringValue: String
    var intValue: Int?

    init(stringValue: String) { self.stringValue = stringValue }
    init(intValue: Int) {
        self.stringValue = String(intValue)
        self.intValue = intValue
    }
}

/// The standard library's `Decoder` over a `JSONValue`.
struct ValueDecoder: Decoder, SingleValueDecodingContainer {
    let value: JSONValue
    let path: JSONPath

    var codingPath: [any CodingKey] { path.keys }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let object) = value else { throw mismatch(JSONObject.self, "an object") }
        return KeyedDecodingContainer(KeyedValues<Key>(object: ObjectIndex(object), path: path))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let elements) = value else { throw mismatch([JSONValue].self, "an array") }
        return UnkeyedValues(elements: elements, path: path)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

    func mismatch(_ type: any Any.Type, _ expected: String) -> DecodingError {
        DecodingError.typeMismatch(
            type, .init(codingPath: codingPath, debugDescription: "expected \(expected), found \(value.kind)"))
    }

    func decodeNil() -> Bool { value == .null }

    private var isZero: Bool { value == .null && path.nulls == .zero }

    func decode(_ type: Bool.Type) throws -> Bool {
        if case .bool(let flag) = value { return flag }
        guard isZero else { throw mismatch(type, "true or false") }
        return false
    }

    func decode(_ type: String.Type) throws -> String {
        if case .string(let text) = value { return text }
        guard isZero else { throw mismatch(type, "a string") }
        return ""
    }

    func decode(_ type: Double.Type) throws -> Double {
        switch value {
        case .null where isZero: return 0
        case .double(let number): return number
        case .integer(let number): return Double(number)
        case .unsigned(let number): return Double(number)
        default: throw mismatch(type, "a number")
        }
    }

    func decode(_ type: Float.Type) throws -> Float { Float(try decode(Double.self)) }
    func decode(_ type: Int.Type) throws -> Int { try whole(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try whole(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try whole(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try whole(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try whole(type) }
    func decode(_ type: UInt.Type) throws -> UInt { try whole(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try whole(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try whole(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try whole(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try whole(type) }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        // A cast of any other type asks the runtime for conformances, which is slow.
        if type == JSONValue.self, let value = value as? T { return value }
        return try T(from: self)
    }

    private func whole<Number: FixedWidthInteger>(_ type: Number.Type) throws -> Number {
        let number: Number?
        switch value {
        case .null where isZero: return 0
        case .integer(let value): number = Number(exactly: value)
        case .unsigned(let value): number = Number(exactly: value)
        default: throw mismatch(type, "a whole number")
        }
        guard let number else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: codingPath, debugDescription: "is out of range (\(Number.min) to \(Number.max))"))
        }
        return number
    }
}

/// Looks members up by name: in a small object by going through them, in a large one by an index, as a client decides
/// how large an object is and a dictionary asks for every name.
private struct ObjectIndex {
    private static let smallObject = 64

    let object: JSONObject
    private var exact: [String: Int] = [:]
    private var folded: [String: Int] = [:]

    init(_ object: JSONObject) {
        self.object = object
        guard object.members.count > Self.smallObject else { return }
        exact.reserveCapacity(object.members.count)
        folded.reserveCapacity(object.members.count)
        for (index, member) in object.members.enumerated() {
            exact[member.key] = index
            folded[Self.fold(member.key)] = index
        }
    }

    /// As `JSONObject.lenient`.
    func lenient(_ key: String) -> JSONValue? {
        guard object.members.count > Self.smallObject else { return object.lenient(key) }
        return (exact[key] ?? folded[Self.fold(key)]).map { object.members[$0].value }
    }

    /// With ASCII letters in lower case.
    private static func fold(_ key: String) -> String {
        guard key.utf8.contains(where: { 65...90 ~= $0 }) else { return key }
        return String(decoding: key.utf8.map { 65...90 ~= $0 ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}

private struct KeyedValues<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let object: ObjectIndex
    let path: JSONPath

    var codingPath: [any CodingKey] { path.keys }
    var allKeys: [Key] { object.object.members.compactMap { Key(stringValue: $0.key) } }

    func contains(_ key: Key) -> Bool { object.lenient(key.stringValue) != nil }

    private func decoder(_ key: Key) throws -> ValueDecoder {
        guard let value = object.lenient(key.stringValue) else {
            throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: "is missing"))
        }
        return ValueDecoder(value: value, path: path.appending(key))
    }

    /// One look-up for what `contains`, `decodeNil` and `decode` would each look up.
    private func optional(_ key: Key) -> ValueDecoder? {
        guard let value = object.lenient(key.stringValue), value != .null else { return nil }
        return ValueDecoder(value: value, path: path.appending(key))
    }

    func decodeNil(forKey key: Key) throws -> Bool { try decoder(key).decodeNil() }
    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try decoder(key).decode(type) }
    func decode(_ type: String.Type, forKey key: Key) throws -> String { try decoder(key).decode(type) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try decoder(key).decode(type) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try decoder(key).decode(type) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try decoder(key).decode(type) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try decoder(key).decode(type) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try decoder(key).decode(type) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try decoder(key).decode(type) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try decoder(key).decode(type) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try decoder(key).decode(type) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try decoder(key).decode(type) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try decoder(key).decode(type) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try decoder(key).decode(type) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try decoder(key).decode(type) }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T { try decoder(key).decode(type) }

    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try optional(key)?.decode(type) }
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? { try optional(key)?.decode(type) }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try optional(key)?.decode(type) }
    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? { try optional(key)?.decode(type) }
    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
        try optional(key)?.decode(type)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try decoder(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try decoder(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { ValueDecoder(value: object.lenient("super") ?? .null, path: path) }
    func superDecoder(forKey key: Key) throws -> any Decoder { try decoder(key) }
}

private struct UnkeyedValues: UnkeyedDecodingContainer {
    let elements: [JSONValue]
    let path: JSONPath
    var currentIndex = 0

    init(elements: [JSONValue], path: JSONPath) {
        self.elements = elements
        self.path = path
    }

    var codingPath: [any CodingKey] { path.keys }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex >= elements.count }

    private mutating func next() throws -> ValueDecoder {
        guard !isAtEnd else {
            throw DecodingError.valueNotFound(
                JSONValue.self, .init(codingPath: codingPath, debugDescription: "has no element \(currentIndex)"))
        }
        defer { currentIndex += 1 }
        return ValueDecoder(value: elements[currentIndex], path: path.appending(AnyKey(intValue: currentIndex)))
    }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd, elements[currentIndex] == .null else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try next().decode(type) }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        try next().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try next().unkeyedContainer() }
    mutating func superDecoder() throws -> any Decoder { try next() }
}

extension JSONValue: Decodable {
    package init(from decoder: any Decoder) throws {
        guard let decoder = decoder as? ValueDecoder else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath, debugDescription: "JSONValue is read by this module's decoder only")
            )
        }
        self = decoder.value
    }
}
