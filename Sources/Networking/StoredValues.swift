// SPDX-License-Identifier: Apache-2.0

package import Linux

// Addresses are stored as people write them.

extension IPv4Prefix: Codable {
    package init(from decoder: any Decoder) throws {
        self = try decoder.value { IPv4Prefix($0) }
    }

    package func encode(to encoder: any Encoder) throws { try encoder.value(description) }
}

extension IPv4Address: Codable {
    package init(from decoder: any Decoder) throws {
        self = try decoder.value { IPv4Address($0) }
    }

    package func encode(to encoder: any Encoder) throws { try encoder.value(description) }
}

extension MACAddress: Codable {
    package init(from decoder: any Decoder) throws {
        self = try decoder.value { MACAddress($0) }
    }

    package func encode(to encoder: any Encoder) throws { try encoder.value(description) }
}

extension Decoder {
    fileprivate func value<Value>(_ parse: (String) -> Value?) throws -> Value {
        let text = try singleValueContainer().decode(String.self)
        guard let value = parse(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: codingPath, debugDescription: "not a \(Value.self): \"\(text)\""))
        }
        return value
    }
}

extension Encoder {
    fileprivate func value(_ text: String) throws {
        var container = singleValueContainer()
        try container.encode(text)
    }
}
