// SPDX-License-Identifier: Apache-2.0

package import JSON

/// A network, as `GET /networks` and `GET /networks/{id}` show it; only the latter has `Containers`.
package struct NetworkInspect: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var name: String
    @Zero package var id: String
    @Zero package var created: Timestamp
    @Zero package var scope: String
    @Zero package var driver: String
    @Zero package var enableIPv4: Bool
    @Zero package var enableIPv6: Bool
    @Zero package var ipam: IPAM
    @Zero package var isInternal: Bool
    @Zero package var attachable: Bool
    @Zero package var ingress: Bool
    @Zero package var configFrom: NetworkConfigReference
    @Zero package var configOnly: Bool
    @Zero package var options: [String: String]
    @Zero package var labels: [String: String]
    package var containers: [String: NetworkContainer]?

    package init() {}

    package enum CodingKeys: String, CodingKey {
        case name = "Name"
        case id = "Id"
        case created = "Created"
        case scope = "Scope"
        case driver = "Driver"
        case enableIPv4 = "EnableIPv4"
        case enableIPv6 = "EnableIPv6"
        case ipam = "IPAM"
        case isInternal = "Internal"
        case attachable = "Attachable"
        case ingress = "Ingress"
        case configFrom = "ConfigFrom"
        case configOnly = "ConfigOnly"
        case options = "Options"
        case labels = "Labels"
        case containers = "Containers"
    }
}

/// The network a config-only network is made from.
package struct NetworkConfigReference: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var network: String

    package init() {}

    package init(network: String) {
        self.network = network
    }

    package enum CodingKeys: String, CodingKey {
        case network = "Network"
    }
}

/// Where a network's addresses come from.
package struct IPAM: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var driver: String
    @Nullable package var options: [String: String]?
    @Nullable package var config: [IPAMPool]?

    package init() {}

    package init(driver: String, options: [String: String]? = nil, config: [IPAMPool]? = nil) {
        self.driver = driver
        self.options = options
        self.config = config
    }

    package enum CodingKeys: String, CodingKey {
        case driver = "Driver"
        case options = "Options"
        case config = "Config"
    }
}

/// One subnet of a network.
package struct IPAMPool: Codable, Sendable, Equatable, ZeroValue {
    package var subnet: String?
    package var ipRange: String?
    package var gateway: String?
    package var auxiliaryAddresses: [String: String]?

    package init() {}

    package init(
        subnet: String? = nil,
        ipRange: String? = nil,
        gateway: String? = nil,
        auxiliaryAddresses: [String: String]? = nil
    ) {
        self.subnet = subnet
        self.ipRange = ipRange
        self.gateway = gateway
        self.auxiliaryAddresses = auxiliaryAddresses
    }

    package enum CodingKeys: String, CodingKey {
        case subnet = "Subnet"
        case ipRange = "IPRange"
        case gateway = "Gateway"
        case auxiliaryAddresses = "AuxiliaryAddresses"
    }
}

/// A container in a network.
package struct NetworkContainer: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var name: String
    @Zero package var endpointID: String
    @Zero package var macAddress: String
    /// With its prefix length.
    @Zero package var ipv4Address: String
    @Zero package var ipv6Address: String

    package init() {}

    package init(
        name: String,
        endpointID: String = .init(),
        macAddress: String = .init(),
        ipv4Address: String = .init(),
        ipv6Address: String = .init()
    ) {
        self.name = name
        self.endpointID = endpointID
        self.macAddress = macAddress
        self.ipv4Address = ipv4Address
        self.ipv6Address = ipv6Address
    }

    package enum CodingKeys: String, CodingKey {
        case name = "Name"
        case endpointID = "EndpointID"
        case macAddress = "MacAddress"
        case ipv4Address = "IPv4Address"
        case ipv6Address = "IPv6Address"
    }
}
