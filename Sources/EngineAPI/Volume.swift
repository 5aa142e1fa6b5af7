// SPDX-License-Identifier: Apache-2.0

package import JSON

/// A volume.
package struct Volume: Codable, Sendable, Equatable, ZeroValue {
    /// RFC 3339, whole seconds.
    package var createdAt: String?
    @Zero package var driver: String
    @Nullable package var labels: [String: String]?
    @Zero package var mountpoint: String
    @Zero package var name: String
    @Nullable package var options: [String: String]?
    @Zero package var scope: String
    package var status: [String: JSONValue]?
    package var usageData: VolumeUsage?

    package init() {}

    package init(
        createdAt: String?,
        driver: String = .init(),
        labels: [String: String]? = nil,
        mountpoint: String = .init(),
        name: String = .init(),
        options: [String: String]? = nil,
        scope: String = .init(),
        status: [String: JSONValue]? = nil,
        usageData: VolumeUsage? = nil
    ) {
        self.createdAt = createdAt
        self.driver = driver
        self.labels = labels
        self.mountpoint = mountpoint
        self.name = name
        self.options = options
        self.scope = scope
        self.status = status
        self.usageData = usageData
    }

    package enum CodingKeys: String, CodingKey {
        case createdAt = "CreatedAt"
        case driver = "Driver"
        case labels = "Labels"
        case mountpoint = "Mountpoint"
        case name = "Name"
        case options = "Options"
        case scope = "Scope"
        case status = "Status"
        case usageData = "UsageData"
    }
}

/// What a volume takes; -1 where that is not known.
package struct VolumeUsage: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var refCount: Int64
    @Zero package var size: Int64

    package init() {}

    package init(refCount: Int64, size: Int64 = .init()) {
        self.refCount = refCount
        self.size = size
    }

    package enum CodingKeys: String, CodingKey {
        case refCount = "RefCount"
        case size = "Size"
    }
}

/// The answer of `GET /volumes`.
package struct VolumeList: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var volumes: [Volume]
    @Nullable package var warnings: [String]?

    package init() {}

    package init(volumes: [Volume], warnings: [String]? = nil) {
        self.volumes = volumes
        self.warnings = warnings
    }

    package enum CodingKeys: String, CodingKey {
        case volumes = "Volumes"
        case warnings = "Warnings"
    }
}

/// The body of `POST /volumes/create`.
package struct VolumeCreateRequest: Codable, Sendable, Equatable, ZeroValue {
    package var driver: String?
    package var driverOpts: [String: String]?
    package var labels: [String: String]?
    package var name: String?
    package var clusterVolumeSpec: JSONValue?

    package init() {}

    package init(
        driver: String? = nil,
        driverOpts: [String: String]? = nil,
        labels: [String: String]? = nil,
        name: String? = nil,
        clusterVolumeSpec: JSONValue? = nil
    ) {
        self.driver = driver
        self.driverOpts = driverOpts
        self.labels = labels
        self.name = name
        self.clusterVolumeSpec = clusterVolumeSpec
    }

    package enum CodingKeys: String, CodingKey {
        case driver = "Driver"
        case driverOpts = "DriverOpts"
        case labels = "Labels"
        case name = "Name"
        case clusterVolumeSpec = "ClusterVolumeSpec"
    }
}
