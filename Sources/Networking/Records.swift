// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
package import JSON
package import Linux

/// A network, as stored.
package struct NetworkRecord: Codable, Sendable, Equatable {
    package var name: String
    /// 64 hexadecimal digits.
    package var id: String
    /// `bridge`, `host`, `null`
    package var driver: String
    package var created: Timestamp
    /// With driver `bridge`.
    package var bridge: BridgeRecord?
}

/// The interface behind a bridge network.
package struct BridgeRecord: Codable, Sendable, Equatable {
    /// `docker0`
    package var interface: String
    /// The gateway's, with the subnet's prefix length.
    package var address: IPv4Prefix
    /// Wharf made the interface, rather than found it (`--bridge`).
    package var isOurs: Bool
    /// The boot in which Wharf turned routing on for the whole host; nil: it was on.
    package var routingTurnedOnInBoot: String?
}

extension BridgeRecord {
    /// A new name for the host's end of a cable: 11 of an interface name's 15 bytes.
    static func hostInterfaceName() -> String { "veth" + Identifier.random().prefix(7) }
}
