// SPDX-License-Identifier: Apache-2.0

/// A line of `GET /containers/json`.
package struct ContainerSummary: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var id: String
    @Zero package var names: [String]
    @Zero package var image: String
    @Zero package var imageID: String
    package var imageManifestDescriptor: ImageDescriptor?
    @Zero package var command: String
    /// Seconds since 1970.
    @Zero package var created: Int64
    @Zero package var ports: [PortSummary]
    package var sizeRw: Int64?
    package var sizeRootFs: Int64?
    @Zero package var labels: [String: String]
    @Zero package var state: String
    /// `Up 3 minutes (healthy)`
    @Zero package var status: String
    @Zero package var hostConfig: SummaryHostConfig
    @Zero package var networkSettings: SummaryNetworkSettings
    @Zero package var mounts: [MountPoint]

    package init() {}

    package enum CodingKeys: String, CodingKey {
        case id = "Id"
        case names = "Names"
        case image = "Image"
        case imageID = "ImageID"
        case imageManifestDescriptor = "ImageManifestDescriptor"
        case command = "Command"
        case created = "Created"
        case ports = "Ports"
        case sizeRw = "SizeRw"
        case sizeRootFs = "SizeRootFs"
        case labels = "Labels"
        case state = "State"
        case status = "Status"
        case hostConfig = "HostConfig"
        case networkSettings = "NetworkSettings"
        case mounts = "Mounts"
    }
}

/// A port in a list of containers.
package struct PortSummary: Codable, Sendable, Equatable, ZeroValue {
    package var ip: String?
    @Zero package var privatePort: UInt16
    package var publicPort: UInt16?
    @Zero package var type: String

    package init() {}

    package init(ip: String?, privatePort: UInt16 = .init(), publicPort: UInt16? = nil, type: String = .init()) {
        self.ip = ip
        self.privatePort = privatePort
        self.publicPort = publicPort
        self.type = type
    }

    package enum CodingKeys: String, CodingKey {
        case ip = "IP"
        case privatePort = "PrivatePort"
        case publicPort = "PublicPort"
        case type = "Type"
    }
}

/// The part of the host configuration that lists show.
package struct SummaryHostConfig: Codable, Sendable, Equatable, ZeroValue {
    package var networkMode: String?
    package var annotations: [String: String]?

    package init() {}

    package init(networkMode: String? = nil, annotations: [String: String]? = nil) {
        self.networkMode = networkMode
        self.annotations = annotations
    }

    package enum CodingKeys: String, CodingKey {
        case networkMode = "NetworkMode"
        case annotations = "Annotations"
    }
}

/// The part of the network settings that lists show.
package struct SummaryNetworkSettings: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var networks: [String: EndpointSettings]

    package init() {}

    package init(networks: [String: EndpointSettings]) {
        self.networks = networks
    }

    package enum CodingKeys: String, CodingKey {
        case networks = "Networks"
    }
}
