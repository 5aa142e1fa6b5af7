// SPDX-License-Identifier: Apache-2.0

package import JSON

/// What an image says of itself (image-spec, config.md), with Docker's additions.
package struct ImageConfiguration: Codable, Sendable, Equatable {
    package var created: Timestamp?
    package var author: String?
    package var architecture: String
    package var variant: String?
    package var os: String
    package var osVersion: String?
    package var osFeatures: [String]?
    package var config: Defaults?
    package var rootfs: RootFS
    package var history: [History]?
    package var dockerVersion: String?
    package var comment: String?

    package init(architecture: String, os: String, rootfs: RootFS) {
        self.architecture = architecture
        self.os = os
        self.rootfs = rootfs
    }

    package enum CodingKeys: String, CodingKey {
        case created, author, architecture, variant, os, config, rootfs, history, comment
        case osVersion = "os.version"
        case osFeatures = "os.features"
        case dockerVersion = "docker_version"
    }

    package var platform: Platform { Platform(os: os, architecture: architecture, variant: variant) }

    /// The defaults for containers made of the image.
    package struct Defaults: Codable, Sendable, Equatable {
        package var user: String?
        /// Keys: `80/tcp`.
        package var exposedPorts: [String: JSONValue]?
        package var env: [String]?
        package var entrypoint: [String]?
        package var cmd: [String]?
        package var healthcheck: JSONValue?
        package var argsEscaped: Bool?
        /// Keys: absolute paths.
        package var volumes: [String: JSONValue]?
        package var workingDir: String?
        package var onBuild: [String]?
        package var labels: [String: String]?
        package var stopSignal: String?
        package var shell: [String]?

        package init() {}

        package enum CodingKeys: String, CodingKey {
            case user = "User"
            case exposedPorts = "ExposedPorts"
            case env = "Env"
            case entrypoint = "Entrypoint"
            case cmd = "Cmd"
            case healthcheck = "Healthcheck"
            case argsEscaped = "ArgsEscaped"
            case volumes = "Volumes"
            case workingDir = "WorkingDir"
            case onBuild = "OnBuild"
            case labels = "Labels"
            case stopSignal = "StopSignal"
            case shell = "Shell"
        }
    }

    /// The digests of the uncompressed layers, lowest first.
    package struct RootFS: Codable, Sendable, Equatable {
        package var type: String
        package var diffIDs: [Digest]

        package init(diffIDs: [Digest]) {
            type = "layers"
            self.diffIDs = diffIDs
        }

        package enum CodingKeys: String, CodingKey {
            case type
            case diffIDs = "diff_ids"
        }
    }

    /// A step that made the image; each that is not `emptyLayer` stands for a layer.
    package struct History: Codable, Sendable, Equatable {
        package var created: Timestamp?
        package var createdBy: String?
        package var author: String?
        package var comment: String?
        package var emptyLayer: Bool?

        package init() {}

        package enum CodingKeys: String, CodingKey {
            case created, author, comment
            case createdBy = "created_by"
            case emptyLayer = "empty_layer"
        }
    }
}
