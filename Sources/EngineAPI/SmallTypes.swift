// SPDX-License-Identifier: Apache-2.0

/// An object without members: the value of Go's sets (`"80/tcp": {}`).
package struct EmptyObject: Codable, Sendable, Hashable, ZeroValue {
    package init() {}
}

/// The size of a terminal, on the wire `[height, width]`.
package struct ConsoleSize: Codable, Sendable, Equatable, ZeroValue {
    package var height: Int
    package var width: Int

    package init() { self.init(height: 0, width: 0) }

    package init(height: Int, width: Int) {
        self.height = height
        self.width = width
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.singleValueContainer().decode([Int].self)
        guard values.isEmpty || values.count == 2 else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "expected [height, width]"))
        }
        self.init(height: values.first ?? 0, width: values.last ?? 0)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode([height, width])
    }
}

/// The body of `POST /containers/create`: the members of the configuration, and two objects beside them.
package struct ContainerCreateRequest: Codable, Sendable, Equatable, ZeroValue {
    package var config: ContainerConfig
    package var hostConfig: HostConfig
    package var networkingConfig: NetworkingConfig

    package init() { self.init(config: ContainerConfig()) }

    package init(
        config: ContainerConfig, hostConfig: HostConfig = .init(), networkingConfig: NetworkingConfig = .init()
    ) {
        self.config = config
        self.hostConfig = hostConfig
        self.networkingConfig = networkingConfig
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        config = try ContainerConfig(from: decoder)
        hostConfig = try container.decodeIfPresent(HostConfig.self, forKey: .hostConfig) ?? HostConfig()
        networkingConfig =
            try container.decodeIfPresent(NetworkingConfig.self, forKey: .networkingConfig) ?? NetworkingConfig()
    }

    package func encode(to encoder: any Encoder) throws {
        try config.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(hostConfig, forKey: .hostConfig)
        try container.encode(networkingConfig, forKey: .networkingConfig)
    }

    package enum CodingKeys: String, CodingKey {
        case hostConfig = "HostConfig"
        case networkingConfig = "NetworkingConfig"
    }
}
