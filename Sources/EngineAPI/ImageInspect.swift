// SPDX-License-Identifier: Apache-2.0

package import JSON

/// The answer of `GET /images/{name}/json`.
package struct ImageInspect: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var id: String
    @Zero package var repoTags: [String]
    @Zero package var repoDigests: [String]
    @Zero package var parent: String
    @Zero package var comment: String
    package var created: Timestamp?
    @Zero package var dockerVersion: String
    @Zero package var author: String
    package var config: ImageConfig?
    @Zero package var architecture: String
    package var variant: String?
    @Zero package var os: String
    package var osVersion: String?
    @Zero package var size: Int64
    /// Before API 1.44.
    package var virtualSize: Int64?
    @Zero package var graphDriver: DriverData
    @Zero package var rootFS: ImageRootFS
    @Zero package var metadata: ImageMetadata
    package var descriptor: ImageDescriptor?
    package var manifests: [ImageManifestSummary]?

    package init() {}

    package enum CodingKeys: String, CodingKey {
        case id = "Id"
        case repoTags = "RepoTags"
        case repoDigests = "RepoDigests"
        case parent = "Parent"
        case comment = "Comment"
        case created = "Created"
        case dockerVersion = "DockerVersion"
        case author = "Author"
        case config = "Config"
        case architecture = "Architecture"
        case variant = "Variant"
        case os = "Os"
        case osVersion = "OsVersion"
        case size = "Size"
        case virtualSize = "VirtualSize"
        case graphDriver = "GraphDriver"
        case rootFS = "RootFS"
        case metadata = "Metadata"
        case descriptor = "Descriptor"
        case manifests = "Manifests"
    }
}

/// The defaults an image gives its containers.
package struct ImageConfig: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var user: String
    package var exposedPorts: [PortSpec: EmptyObject]?
    @Nullable package var env: [String]?
    @StringList package var cmd: [String]?
    package var healthcheck: HealthConfig?
    package var argsEscaped: Bool?
    @Nullable package var volumes: [String: EmptyObject]?
    @Zero package var workingDir: String
    @StringList package var entrypoint: [String]?
    @Nullable package var onBuild: [String]?
    @Nullable package var labels: [String: String]?
    package var stopSignal: String?
    package var shell: [String]?

    package init() {}

    package enum CodingKeys: String, CodingKey {
        case user = "User"
        case exposedPorts = "ExposedPorts"
        case env = "Env"
        case cmd = "Cmd"
        case healthcheck = "Healthcheck"
        case argsEscaped = "ArgsEscaped"
        case volumes = "Volumes"
        case workingDir = "WorkingDir"
        case entrypoint = "Entrypoint"
        case onBuild = "OnBuild"
        case labels = "Labels"
        case stopSignal = "StopSignal"
        case shell = "Shell"
    }
}

/// The layers of an image, as digests of their uncompressed content.
package struct ImageRootFS: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var type: String
    package var layers: [String]?

    package init() {}

    package init(type: String, layers: [String]? = nil) {
        self.type = type
        self.layers = layers
    }

    package enum CodingKeys: String, CodingKey {
        case type = "Type"
        case layers = "Layers"
    }
}

/// What the engine knows of an image beside its content.
package struct ImageMetadata: Codable, Sendable, Equatable, ZeroValue {
    package var lastTagTime: Timestamp?

    package init() {}

    package init(lastTagTime: Timestamp?) {
        self.lastTagTime = lastTagTime
    }

    package enum CodingKeys: String, CodingKey {
        case lastTagTime = "LastTagTime"
    }
}
