// SPDX-License-Identifier: Apache-2.0

package import JSON

/// The answer of `GET /version`.
package struct SystemVersion: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var platform: VersionPlatform
    @Zero package var version: String
    @Zero package var apiVersion: String
    @Zero package var minAPIVersion: String
    @Zero package var os: String
    @Zero package var arch: String
    @Zero package var components: [ComponentVersion]
    @Zero package var gitCommit: String
    @Zero package var goVersion: String
    package var kernelVersion: String?
    package var experimental: Bool?
    package var buildTime: String?

    package init() {}

    package init(
        platform: VersionPlatform,
        version: String = .init(),
        apiVersion: String = .init(),
        minAPIVersion: String = .init(),
        os: String = .init(),
        arch: String = .init(),
        components: [ComponentVersion] = .init(),
        gitCommit: String = .init(),
        goVersion: String = .init(),
        kernelVersion: String? = nil,
        experimental: Bool? = nil,
        buildTime: String? = nil
    ) {
        self.platform = platform
        self.version = version
        self.apiVersion = apiVersion
        self.minAPIVersion = minAPIVersion
        self.os = os
        self.arch = arch
        self.components = components
        self.gitCommit = gitCommit
        self.goVersion = goVersion
        self.kernelVersion = kernelVersion
        self.experimental = experimental
        self.buildTime = buildTime
    }

    package enum CodingKeys: String, CodingKey {
        case platform = "Platform"
        case version = "Version"
        case apiVersion = "ApiVersion"
        case minAPIVersion = "MinAPIVersion"
        case os = "Os"
        case arch = "Arch"
        case components = "Components"
        case gitCommit = "GitCommit"
        case goVersion = "GoVersion"
        case kernelVersion = "KernelVersion"
        case experimental = "Experimental"
        case buildTime = "BuildTime"
    }
}

/// The product's name.
package struct VersionPlatform: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var name: String

    package init() {}

    package init(name: String) {
        self.name = name
    }

    package enum CodingKeys: String, CodingKey {
        case name = "Name"
    }
}

/// One program of the engine.
package struct ComponentVersion: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var name: String
    @Zero package var version: String
    package var details: [String: String]?

    package init() {}

    package init(name: String, version: String = .init(), details: [String: String]? = nil) {
        self.name = name
        self.version = version
        self.details = details
    }

    package enum CodingKeys: String, CodingKey {
        case name = "Name"
        case version = "Version"
        case details = "Details"
    }
}

/// The answer of `GET /system/df`.
package struct DiskUsage: Codable, Sendable, Equatable, ZeroValue {
    package var layersSize: Int64?
    @Nullable package var images: [ImageSummary]?
    @Nullable package var containers: [ContainerSummary]?
    @Nullable package var volumes: [Volume]?
    @Nullable package var buildCache: [JSONValue]?

    package init() {}

    package init(
        layersSize: Int64?,
        images: [ImageSummary]? = nil,
        containers: [ContainerSummary]? = nil,
        volumes: [Volume]? = nil,
        buildCache: [JSONValue]? = nil
    ) {
        self.layersSize = layersSize
        self.images = images
        self.containers = containers
        self.volumes = volumes
        self.buildCache = buildCache
    }

    package enum CodingKeys: String, CodingKey {
        case layersSize = "LayersSize"
        case images = "Images"
        case containers = "Containers"
        case volumes = "Volumes"
        case buildCache = "BuildCache"
    }
}
