// SPDX-License-Identifier: Apache-2.0

/// Header fields, in order; names compare without regard to ASCII case.
package struct HTTPHeaders: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    package struct Field: Sendable, Equatable {
        package var name: String
        package var value: String
    }

    package private(set) var fields: [Field] = []

    package init() {}

    package init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { Field(name: $0.0, value: $0.1) }
    }

    /// The first field's value.
    package subscript(name: String) -> String? { fields.first { sameName($0.name, name) }?.value }

    /// All fields' values.
    package func all(_ name: String) -> [String] { fields.filter { sameName($0.name, name) }.map(\.value) }

    package mutating func add(_ name: String, _ value: String) { fields.append(Field(name: name, value: value)) }

    /// Replaces all fields of that name.
    package mutating func set(_ name: String, _ value: String) {
        fields.removeAll { sameName($0.name, name) }
        add(name, value)
    }

    package mutating func remove(_ name: String) { fields.removeAll { sameName($0.name, name) } }

    /// Whether a field that is a comma-separated list has `token`.
    package func contains(_ name: String, token: String) -> Bool {
        all(name).contains { value in
            value.split(separator: ",").contains { sameName(trimmed($0), token) }
        }
    }

    /// Appends the fields as they go over the wire.
    package func write(to bytes: inout [UInt8]) {
        for field in fields {
            bytes.append(contentsOf: field.name.utf8)
            bytes.append(contentsOf: ": ".utf8)
            // A line break in a value would begin another field: it becomes a space.
            for byte in field.value.utf8 { bytes.append(byte == 13 || byte == 10 || byte == 0 ? 32 : byte) }
            bytes.append(contentsOf: "\r\n".utf8)
        }
    }
}

/// Compares without regard to ASCII case.
func sameName(_ a: some StringProtocol, _ b: some StringProtocol) -> Bool {
    a.utf8.count == b.utf8.count && zip(a.utf8, b.utf8).allSatisfy { lowercase($0) == lowercase($1) }
}

/// Removes spaces and tabs at both ends.
func trimmed(_ text: Substring) -> Substring {
    var rest = text
    while let first = rest.utf8.first, first == 32 || first == 9 { rest = rest.dropFirst() }
    while let last = rest.utf8.last, last == 32 || last == 9 { rest = rest.dropLast() }
    return rest
}

private func lowercase(_ byte: UInt8) -> UInt8 { 65...90 ~= byte ? byte | 32 : byte }
