// SPDX-License-Identifier: Apache-2.0

/// The standard library's `Encoder`, building a `JSONValue`.
///
/// A container may be filled after others were opened inside it, so what is not final yet is a node that its container
/// and the encoder share.
final class ValueEncoder: Encoder {
    private enum State {
        case empty
        case value(JSONValue)
        case object([(key: String, value: ValueEncoder)])
        case array([ValueEncoder])
    }

    private var state = State.empty
    private let path: JSONPath

    private init(path: JSONPath) { self.path = path }

    static func encode(_ value: some Encodable) throws -> JSONValue {
        let encoder = ValueEncoder(path: .root)
        try encoder.set(value)
        return encoder.value
    }

    var codingPath: [any CodingKey] { path.keys }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    fileprivate var value: JSONValue {
        switch state {
        case .empty: .object(JSONObject())
        case .value(let value): value
        case .object(let members): .object(JSONObject(members.map { (key: $0.key, value: $0.value.value) }))
        case .array(let elements): .array(elements.map(\.value))
        }
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        openObject()
        return KeyedEncodingContainer(KeyedNodes<Key>(encoder: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        openArray()
        return UnkeyedNodes(encoder: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { SingleNode(encoder: self) }

    fileprivate func openObject() {
        if case .object = state { return }
        state = .object([])
    }

    fileprivate func openArray() {
        if case .array = state { return }
        state = .array([])
    }

    fileprivate var count: Int {
        guard case .array(let elements) = state else { return 0 }
        return elements.count
    }

    /// A new node as the member `key`.
    fileprivate func member(_ key: any CodingKey) -> ValueEncoder {
        let child = ValueEncoder(path: path.appending(key))
        guard case .object(var members) = state else { return child }
        state = .empty
        members.append((key.stringValue, child))
        state = .object(members)
        return child
    }

    /// A new node as the next element.
    fileprivate func element() -> ValueEncoder {
        let child = ValueEncoder(path: path.appending(AnyKey(intValue: count)))
        guard case .array(var elements) = state else { return child }
        state = .empty
        elements.append(child)
        state = .array(elements)
        return child
    }

    fileprivate func set(_ value: some Encodable) throws {
        switch value {
        case let value as String: state = .value(.string(value))
        case let value as Bool: state = .value(.bool(value))
        case let value as Int: state = .value(.integer(Int64(value)))
        case let value as Int64: state = .value(.integer(value))
        case let value as UInt64: state = .value(Int64(exactly: value).map(JSONValue.integer) ?? .unsigned(value))
        case let value as JSONValue: state = .value(value)
        case let value as Double:
            guard value.isFinite else {
                throw EncodingError.invalidValue(
                    value, .init(codingPath: codingPath, debugDescription: "is not a finite number"))
            }
            state = .value(.double(value))
        case let value as any DictionaryOfStrings: try value.encodeSorted(into: self)
        default: try value.encode(to: self)
        }
    }

    fileprivate func setNull() { state = .value(.null) }
}

/// Dictionaries have no order of their own: like Go, they are written by name.
private protocol DictionaryOfStrings {
    func encodeSorted(into encoder: ValueEncoder) throws
}

extension Dictionary: DictionaryOfStrings where Key: CodingKeyRepresentable, Value: Encodable {
    fileprivate func encodeSorted(into encoder: ValueEncoder) throws {
        encoder.openObject()
        let members = map { (name: $0.key.codingKey.stringValue, value: $0.value) }
        for (name, value) in members.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
            try encoder.member(AnyKey(stringValue: name)).set(value)
        }
    }
}

private struct KeyedNodes<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: ValueEncoder

    var codingPath: [any CodingKey] { encoder.codingPath }

    func encodeNil(forKey key: Key) { encoder.member(key).setNull() }
    func encode<T: Encodable>(_ value: T, forKey key: Key) throws { try encoder.member(key).set(value) }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        encoder.member(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        encoder.member(key).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { encoder.member(AnyKey(stringValue: "super")) }
    func superEncoder(forKey key: Key) -> any Encoder { encoder.member(key) }
}

private struct UnkeyedNodes: UnkeyedEncodingContainer {
    let encoder: ValueEncoder

    var codingPath: [any CodingKey] { encoder.codingPath }
    var count: Int { encoder.count }

    func encodeNil() { encoder.element().setNull() }
    func encode<T: Encodable>(_ value: T) throws { try encoder.element().set(value) }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
        encoder.element().container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder.element().unkeyedContainer() }
    func superEncoder() -> any Encoder { encoder.element() }
}

private struct SingleNode: SingleValueEncodingContainer {
    let encoder: ValueEncoder

    var codingPath: [any CodingKey] { encoder.codingPath }

    func encodeNil() { encoder.setNull() }
    func encode(_ value: Int8) throws { try encoder.set(Int64(value)) }
    func encode(_ value: Int16) throws { try encoder.set(Int64(value)) }
    func encode(_ value: Int32) throws { try encoder.set(Int64(value)) }
    func encode(_ value: UInt) throws { try encoder.set(UInt64(value)) }
    func encode(_ value: UInt8) throws { try encoder.set(Int64(value)) }
    func encode(_ value: UInt16) throws { try encoder.set(Int64(value)) }
    func encode(_ value: UInt32) throws { try encoder.set(Int64(value)) }
    func encode(_ value: Float) throws { try encoder.set(Double(value)) }
    func encode(_ value: Bool) throws { try encoder.set(value) }
    func encode(_ value: String) throws { try encoder.set(value) }
    func encode(_ value: Double) throws { try encoder.set(value) }
    func encode(_ value: Int) throws { try encoder.set(value) }
    func encode(_ value: Int64) throws { try encoder.set(value) }
    func encode(_ value: UInt64) throws { try encoder.set(value) }
    func encode<T: Encodable>(_ value: T) throws { try encoder.set(value) }
}

extension JSONValue: Encodable {
    package func encode(to encoder: any Encoder) throws {
        guard let encoder = encoder as? ValueEncoder else {
            throw EncodingError.invalidValue(
                self,
                .init(codingPath: encoder.codingPath, debugDescription: "is written by this module's encoder only"))
        }
        try encoder.set(self)
    }
}
