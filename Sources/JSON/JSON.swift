// SPDX-License-Identifier: Apache-2.0

/// Reads and writes JSON (RFC 8259) without Foundation: for the runtime, which is static and small, and for replies
/// whose members must keep their order.
package enum JSON {
    /// Reads one document; only white space may follow it.
    package static func parse(_ bytes: [UInt8], limits: JSONLimits = .default) throws(JSONError) -> JSONValue {
        try parse(bytes, leaving: [], limits: limits).value
    }

    /// Reads a document except the member at `path`, whose place in `bytes` it returns instead (its value reads as
    /// `null`). The range is bracketed correctly, but is otherwise unchecked: parse it before trusting it.
    package static func parse(
        _ bytes: [UInt8], leaving path: [String], limits: JSONLimits = .default
    ) throws(JSONError) -> (value: JSONValue, left: Range<Int>?) {
        var result: Result<(JSONValue, Range<Int>?), JSONError> = .success((.null, nil))
        bytes.withUnsafeBufferPointer { buffer in
            var parser = JSONParser(buffer, leaving: path, limits: limits)
            do throws(JSONError) { result = .success((try parser.document(), parser.left)) } catch {
                result = .failure(error)
            }
        }
        return try result.get()
    }

    /// What a decoder makes of a `null` where a string, number or boolean is not optional, as in a list of strings.
    package enum Nulls: Sendable {
        case refused
        /// The empty string, 0 or false, as Go does: for what clients send.
        case zero
    }

    /// Decodes a `Codable` value from a document.
    package static func decode<T: Decodable>(
        _ type: T.Type, from bytes: [UInt8], limits: JSONLimits = .default, nulls: Nulls = .refused
    ) throws(JSONError) -> T {
        try decode(type, from: parse(bytes, limits: limits), nulls: nulls)
    }

    /// Decodes a `Codable` value from a tree. Member names match exactly or, as in Go, without regard to case.
    package static func decode<T: Decodable>(
        _ type: T.Type, from value: JSONValue, nulls: Nulls = .refused
    ) throws(JSONError) -> T {
        do {
            return try ValueDecoder(value: value, path: nulls == .zero ? .rootOfGo : .root).decode(type)
        } catch {
            throw JSONError(decoding: error)
        }
    }

    /// Encodes to a compact document: members in the order they are declared, or sorted.
    package static func encode(_ value: some Encodable, sortedKeys: Bool = false) throws(JSONError) -> [UInt8] {
        try self.value(value).serialized(sortedKeys: sortedKeys)
    }

    /// Encodes to a tree.
    package static func value(_ value: some Encodable) throws(JSONError) -> JSONValue {
        do {
            return try ValueEncoder.encode(value)
        } catch {
            throw JSONError(decoding: error)
        }
    }
}

/// What a reader refuses to go beyond.
package struct JSONLimits: Sendable {
    /// Objects and arrays inside each other.
    package var depth: Int
    /// Values in the document, each costs about 50 bytes of memory.
    package var values: Int

    package init(depth: Int, values: Int) {
        self.depth = depth
        self.values = values
    }

    package static let `default` = JSONLimits(depth: 200, values: 5_000_000)
}
