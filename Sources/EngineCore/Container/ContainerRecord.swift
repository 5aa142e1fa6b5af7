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
    /// Whose hostname, hosts and resolv.conf it has, since it is on that container's network: found at the start.
    var filesOwner: String?

    var autoRemove: Bool { hostConfig.autoRemove }

    /// Whether the user has something mounted there.
    func hasOwnMount(at destination: String) -> Bool {
        mounts.contains { $0.point.destination == destination }
            || (hostConfig.tmpfs ?? [:]).keys.contains { PathText.clean($0) == destination }
    }
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
    /// nil: as deep as the runtime can.
    var readOnlyDepth: ReadOnlyDepth?
    /// Of a volume or an image only what is there.
    var subpath: String?
    /// The id of the image that is mounted.
    var image: String?
    /// Of the volume, if it is made for this.
    var labels: [String: String]?

    /// How far down a read-only bind is read-only: the mount itself, or all that is mounted below it, too.
    enum ReadOnlyDepth: String, Codable, Sendable { case top, all }
}

/// What networking gave a container that runs.
struct SandboxRecord: Codable, Sendable, Equatable {
    var id: String
    var key: String
    var ports: PortMap
}
