// SPDX-License-Identifier: Apache-2.0

/// A mount as `--mount` asks for it.
package struct MountRequest: Codable, Sendable, Equatable, ZeroValue {
    /// Bind, volume, tmpfs, image, cluster, npipe.
    package var type: String?
    package var source: String?
    package var target: String?
    package var readOnly: Bool?
    package var consistency: String?
    package var bindOptions: BindOptions?
    package var volumeOptions: VolumeOptions?
    package var imageOptions: ImageOptions?
    package var tmpfsOptions: TmpfsOptions?
    package var clusterOptions: EmptyObject?

    package init() {}

    package init(
        type: String? = nil,
        source: String? = nil,
        target: String? = nil,
        readOnly: Bool? = nil,
        consistency: String? = nil,
        bindOptions: BindOptions? = nil,
        volumeOptions: VolumeOptions? = nil,
        imageOptions: ImageOptions? = nil,
        tmpfsOptions: TmpfsOptions? = nil,
        clusterOptions: EmptyObject? = nil
    ) {
        self.type = type
        self.source = source
        self.target = target
        self.readOnly = readOnly
        self.consistency = consistency
        self.bindOptions = bindOptions
        self.volumeOptions = volumeOptions
        self.imageOptions = imageOptions
        self.tmpfsOptions = tmpfsOptions
        self.clusterOptions = clusterOptions
    }

    package enum CodingKeys: String, CodingKey {
        case type = "Type"
        case source = "Source"
        case target = "Target"
        case readOnly = "ReadOnly"
        case consistency = "Consistency"
        case bindOptions = "BindOptions"
        case volumeOptions = "VolumeOptions"
        case imageOptions = "ImageOptions"
        case tmpfsOptions = "TmpfsOptions"
        case clusterOptions = "ClusterOptions"
    }
}

/// The options of a bind mount.
package struct BindOptions: Codable, Sendable, Equatable, ZeroValue {
    /// How mounts below travel between host and container: what `propagation` may be.
    package static let propagations = ["private", "rprivate", "shared", "rshared", "slave", "rslave"]

    package var propagation: String?
    package var nonRecursive: Bool?
    package var createMountpoint: Bool?
    package var readOnlyNonRecursive: Bool?
    package var readOnlyForceRecursive: Bool?

    package init() {}

    package init(
        propagation: String? = nil,
        nonRecursive: Bool? = nil,
        createMountpoint: Bool? = nil,
        readOnlyNonRecursive: Bool? = nil,
        readOnlyForceRecursive: Bool? = nil
    ) {
        self.propagation = propagation
        self.nonRecursive = nonRecursive
        self.createMountpoint = createMountpoint
        self.readOnlyNonRecursive = readOnlyNonRecursive
        self.readOnlyForceRecursive = readOnlyForceRecursive
    }

    package enum CodingKeys: String, CodingKey {
        case propagation = "Propagation"
        case nonRecursive = "NonRecursive"
        case createMountpoint = "CreateMountpoint"
        case readOnlyNonRecursive = "ReadOnlyNonRecursive"
        case readOnlyForceRecursive = "ReadOnlyForceRecursive"
    }
}

/// The options of a volume mount.
package struct VolumeOptions: Codable, Sendable, Equatable, ZeroValue {
    package var noCopy: Bool?
    package var labels: [String: String]?
    package var subpath: String?
    package var driverConfig: VolumeDriverConfig?

    package init() {}

    package init(
        noCopy: Bool? = nil,
        labels: [String: String]? = nil,
        subpath: String? = nil,
        driverConfig: VolumeDriverConfig? = nil
    ) {
        self.noCopy = noCopy
        self.labels = labels
        self.subpath = subpath
        self.driverConfig = driverConfig
    }

    package enum CodingKeys: String, CodingKey {
        case noCopy = "NoCopy"
        case labels = "Labels"
        case subpath = "Subpath"
        case driverConfig = "DriverConfig"
    }
}

/// The driver a mount's new volume uses.
package struct VolumeDriverConfig: Codable, Sendable, Equatable, ZeroValue {
    package var name: String?
    package var options: [String: String]?

    package init() {}

    package init(name: String? = nil, options: [String: String]? = nil) {
        self.name = name
        self.options = options
    }

    package enum CodingKeys: String, CodingKey {
        case name = "Name"
        case options = "Options"
    }
}

/// The options of an image mount.
package struct ImageOptions: Codable, Sendable, Equatable, ZeroValue {
    package var subpath: String?

    package init() {}

    package init(subpath: String?) {
        self.subpath = subpath
    }

    package enum CodingKeys: String, CodingKey {
        case subpath = "Subpath"
    }
}

/// The options of a tmpfs mount.
package struct TmpfsOptions: Codable, Sendable, Equatable, ZeroValue {
    package var sizeBytes: Int64?
    /// Permission bits, as a decimal number.
    package var mode: UInt32?
    package var options: [[String]]?

    package init() {}

    package init(sizeBytes: Int64? = nil, mode: UInt32? = nil, options: [[String]]? = nil) {
        self.sizeBytes = sizeBytes
        self.mode = mode
        self.options = options
    }

    package enum CodingKeys: String, CodingKey {
        case sizeBytes = "SizeBytes"
        case mode = "Mode"
        case options = "Options"
    }
}

/// A mount as `inspect` and `ps` show it.
package struct MountPoint: Codable, Sendable, Equatable, ZeroValue {
    package var type: String?
    /// Of the volume.
    package var name: String?
    @Zero package var source: String
    @Zero package var destination: String
    package var driver: String?
    @Zero package var mode: String
    @Zero package var rw: Bool
    @Zero package var propagation: String

    package init() {}

    package init(
        type: String?,
        name: String? = nil,
        source: String = .init(),
        destination: String = .init(),
        driver: String? = nil,
        mode: String = .init(),
        rw: Bool = .init(),
        propagation: String = .init()
    ) {
        self.type = type
        self.name = name
        self.source = source
        self.destination = destination
        self.driver = driver
        self.mode = mode
        self.rw = rw
        self.propagation = propagation
    }

    package enum CodingKeys: String, CodingKey {
        case type = "Type"
        case name = "Name"
        case source = "Source"
        case destination = "Destination"
        case driver = "Driver"
        case mode = "Mode"
        case rw = "RW"
        case propagation = "Propagation"
    }
}
