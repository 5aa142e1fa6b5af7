// SPDX-License-Identifier: Apache-2.0

package import JSON

/// The answer of `GET /containers/{id}/json`.
package struct ContainerInspect: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var id: String
    @Zero package var created: Timestamp
    @Zero package var path: String
    @Zero package var args: [String]
    @Zero package var state: ContainerState
    /// The image's ID.
    @Zero package var image: String
    @Zero package var resolvConfPath: String
    @Zero package var hostnamePath: String
    @Zero package var hostsPath: String
    @Zero package var logPath: String
    /// With its slash.
    @Zero package var name: String
    @Zero package var restartCount: Int
    @Zero package var driver: String
    @Zero package var platform: String
    @Zero package var mountLabel: String
    @Zero package var processLabel: String
    @Zero package var appArmorProfile: String
    @Nullable package var execIDs: [String]?
    @Zero package var hostConfig: HostConfig
    @Zero package var graphDriver: DriverData
    /// Bytes, when asked for.
    package var sizeRw: Int64?
    package var sizeRootFs: Int64?
    @Zero package var mounts: [MountPoint]
    @Zero package var config: ContainerConfig
    @Zero package var networkSettings: NetworkSettings
    package var imageManifestDescriptor: ImageDescriptor?

    package init() {}

    package enum CodingKeys: String, CodingKey {
        case id = "Id"
        case created = "Created"
        case path = "Path"
        case args = "Args"
        case state = "State"
        case image = "Image"
        case resolvConfPath = "ResolvConfPath"
        case hostnamePath = "HostnamePath"
        case hostsPath = "HostsPath"
        case logPath = "LogPath"
        case name = "Name"
        case restartCount = "RestartCount"
        case driver = "Driver"
        case platform = "Platform"
        case mountLabel = "MountLabel"
        case processLabel = "ProcessLabel"
        case appArmorProfile = "AppArmorProfile"
        case execIDs = "ExecIDs"
        case hostConfig = "HostConfig"
        case graphDriver = "GraphDriver"
        case sizeRw = "SizeRw"
        case sizeRootFs = "SizeRootFs"
        case mounts = "Mounts"
        case config = "Config"
        case networkSettings = "NetworkSettings"
        case imageManifestDescriptor = "ImageManifestDescriptor"
    }
}

/// A layer driver's name and what it tells of one container or image.
package struct DriverData: Codable, Sendable, Equatable, ZeroValue {
    @Nullable package var data: [String: String]?
    @Zero package var name: String

    package init() {}

    package init(data: [String: String]?, name: String = .init()) {
        self.data = data
        self.name = name
    }

    package enum CodingKeys: String, CodingKey {
        case data = "Data"
        case name = "Name"
    }
}

/// A container's network, as far as it is up.
package struct NetworkSettings: Codable, Sendable, Equatable, ZeroValue {
    /// API before 1.52, when something is to be said.
    package var bridge: String?
    @Zero package var sandboxID: String
    @Zero package var sandboxKey: String
    @Zero package var ports: PortMap
    package var hairpinMode: Bool?
    package var linkLocalIPv6Address: String?
    package var linkLocalIPv6PrefixLength: Int?
    package var secondaryIPAddresses: [NetworkAddress]?
    package var secondaryIPv6Addresses: [NetworkAddress]?
    /// Of the default bridge, as the other single addresses here.
    @Zero package var endpointID: String
    @Zero package var gateway: String
    @Zero package var globalIPv6Address: String
    @Zero package var globalIPv6PrefixLength: Int
    @Zero package var ipAddress: String
    @Zero package var ipPrefixLength: Int
    @Zero package var ipv6Gateway: String
    @Zero package var macAddress: String
    @Zero package var networks: [String: EndpointSettings]

    package init() {}

    package enum CodingKeys: String, CodingKey {
        case bridge = "Bridge"
        case sandboxID = "SandboxID"
        case sandboxKey = "SandboxKey"
        case ports = "Ports"
        case hairpinMode = "HairpinMode"
        case linkLocalIPv6Address = "LinkLocalIPv6Address"
        case linkLocalIPv6PrefixLength = "LinkLocalIPv6PrefixLen"
        case secondaryIPAddresses = "SecondaryIPAddresses"
        case secondaryIPv6Addresses = "SecondaryIPv6Addresses"
        case endpointID = "EndpointID"
        case gateway = "Gateway"
        case globalIPv6Address = "GlobalIPv6Address"
        case globalIPv6PrefixLength = "GlobalIPv6PrefixLen"
        case ipAddress = "IPAddress"
        case ipPrefixLength = "IPPrefixLen"
        case ipv6Gateway = "IPv6Gateway"
        case macAddress = "MacAddress"
        case networks = "Networks"
    }
}

/// An address and its prefix length.
package struct NetworkAddress: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var address: String
    @Zero package var prefixLength: Int

    package init() {}

    package init(address: String, prefixLength: Int = .init()) {
        self.address = address
        self.prefixLength = prefixLength
    }

    package enum CodingKeys: String, CodingKey {
        case address = "Addr"
        case prefixLength = "PrefixLen"
    }
}
