// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import JSON

/// A container as it is stored and as readers see it: the wire types, and what is not on the wire.
///
/// The record of a container that runs may lag behind (`state` is written without waiting): after a crash the shim and
/// its exit record tell what is true.
struct ContainerRecord: Codable, Sendable, Equatable {
    var id: String
    /// Without a slash.
    var name: String
    var created: Timestamp
    /// The image's ID; the name it was asked for by is `config.image`.
    var image: String
    var imageManifest: ImageDescriptor?
    var platform: String
    var path: String
    var args: [String]
    var config: ContainerConfig
    var hostConfig: HostConfig
    /// What was asked for.
    var requestedNetworks: [String: EndpointSettings]
    /// What it has: addresses while it runs.
    var networks: [String: EndpointSettings]
    var mounts: [MountRecord]
    var state: ContainerState
    var restartCount: Int = 0
    var sandbox: SandboxRecord?
    /// nil: nothing to remember.
    var restart: RestartMemory?

    var autoRemove: Bool { hostConfig.autoRemove }
}

/// A mount of a user's, as resolved at creation.
struct MountRecord: Codable, Sendable, Equatable {
    var point: MountPoint
    /// Made for this container: goes with it on `rm -v`.
    var anonymous: Bool = false
    /// tmpfs options, bind flags.
    var options: [String] = []
    var noCopy: Bool = false
    /// The host directory is made if it is missing (`-v`; `--mount` refuses).
    var createsSource: Bool = false
}

/// What networking gave a container that runs.
struct SandboxRecord: Codable, Sendable, Equatable {
    var id: String
    var key: String
    var ports: PortMap
}
