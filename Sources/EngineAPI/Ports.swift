// SPDX-License-Identifier: Apache-2.0

/// A container's port: `80/tcp`. Without a protocol it is TCP.
package struct PortSpec: Hashable, Sendable, CustomStringConvertible {
    /// The transport protocols a port can be of.
    package enum Transport: String, Sendable, Codable, CaseIterable {
        case tcp, udp, sctp
    }

    package var port: UInt16
    package var transport: Transport

    package init(_ port: UInt16, _ transport: Transport = .tcp) {
        self.port = port
        self.transport = transport
    }

    /// Reads `80`, `80/tcp`, `53/UDP`; nil for anything else, and for port 0.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let first = parts.first, parts.count <= 2, let port = UInt16(first), port > 0,
            first.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 })
        else { return nil }
        guard let transport = Transport(rawValue: parts.count == 2 ? parts[1].lowercased() : "tcp") else { return nil }
        self.init(port, transport)
    }

    package var description: String { "\(port)/\(transport.rawValue)" }
}

extension PortSpec: Comparable {
    package static func < (a: PortSpec, b: PortSpec) -> Bool {
        (a.port, a.transport.rawValue) < (b.port, b.transport.rawValue)
    }
}

extension PortSpec: Codable {
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let value = PortSpec(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "invalid port specification: \"\(text)\""))
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// Ports are keys of JSON objects.
extension PortSpec: CodingKeyRepresentable {
    package struct Key: CodingKey {
        package var stringValue: String
        package var intValue: Int? { nil }
        package init(stringValue: String) { self.stringValue = stringValue }
        package init?(intValue: Int) { nil }
    }

    package var codingKey: any CodingKey { Key(stringValue: description) }
    package init?(codingKey: some CodingKey) { self.init(codingKey.stringValue) }
}

/// Where a container's port is published: an address (empty: all) and a port or range (empty: any free one).
package struct PortBinding: Codable, Sendable, Hashable, ZeroValue {
    @Zero package var hostIP: String
    @Zero package var hostPort: String

    package init() {}

    package init(hostIP: String = "", hostPort: String) {
        self.hostIP = hostIP
        self.hostPort = hostPort
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(hostIP)
        hasher.combine(hostPort)
    }

    package enum CodingKeys: String, CodingKey {
        case hostIP = "HostIp"
        case hostPort = "HostPort"
    }
}

/// Container port to bindings; nil (JSON's `null`) for a port that is exposed and not published.
package typealias PortMap = [PortSpec: [PortBinding]?]
