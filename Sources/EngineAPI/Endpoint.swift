// SPDX-License-Identifier: Apache-2.0

/// The networks a new container joins.
package struct NetworkingConfig: Codable, Sendable, Equatable, ZeroValue {
    @Nullable package var endpointsConfig: [String: EndpointSettings]?

    package init() {}

    package init(endpointsConfig: [String: EndpointSettings]?) {
        self.endpointsConfig = endpointsConfig
    }

    package enum CodingKeys: String, CodingKey {
        case endpointsConfig = "EndpointsConfig"
    }
}

/// A container's place in one network: what was asked for, and what it got.
package struct EndpointSettings: Codable, Sendable, Equatable, ZeroValue {
    @Nullable package var ipamConfig: EndpointIPAMConfig?
    @Nullable package var links: [String]?
    @Nullable package var aliases: [String]?
    @Zero package var macAddress: String
    @Nullable package var driverOpts: [String: String]?
    @Zero package var gwPriority: Int
    @Zero package var networkID: String
    @Zero package var endpointID: String
    @Zero package var gateway: String
    @Zero package var ipAddress: String
    @Zero package var ipPrefixLength: Int
    @Zero package var ipv6Gateway: String
    @Zero package var globalIPv6Address: String
    @Zero package var globalIPv6PrefixLength: Int
    @Nullable package var dnsNames: [String]?

    package init() {}

    package enum CodingKeys: String, CodingKey {
        case ipamConfig = "IPAMConfig"
        case links = "Links"
        case aliases = "Aliases"
        case macAddress = "MacAddress"
        case driverOpts = "DriverOpts"
        case gwPriority = "GwPriority"
        case networkID = "NetworkID"
        case endpointID = "EndpointID"
        case gateway = "Gateway"
        case ipAddress = "IPAddress"
        case ipPrefixLength = "IPPrefixLen"
        case ipv6Gateway = "IPv6Gateway"
        case globalIPv6Address = "GlobalIPv6Address"
        case globalIPv6PrefixLength = "GlobalIPv6PrefixLen"
        case dnsNames = "DNSNames"
    }
}

/// Addresses the user asked for.
package struct EndpointIPAMConfig: Codable, Sendable, Equatable, ZeroValue {
    package var ipv4Address: String?
    package var ipv6Address: String?
    package var linkLocalIPs: [String]?

    package init() {}

    package init(ipv4Address: String? = nil, ipv6Address: String? = nil, linkLocalIPs: [String]? = nil) {
        self.ipv4Address = ipv4Address
        self.ipv6Address = ipv6Address
        self.linkLocalIPs = linkLocalIPs
    }

    package enum CodingKeys: String, CodingKey {
        case ipv4Address = "IPv4Address"
        case ipv6Address = "IPv6Address"
        case linkLocalIPs = "LinkLocalIPs"
    }
}
