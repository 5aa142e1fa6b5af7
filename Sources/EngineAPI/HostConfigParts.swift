// SPDX-License-Identifier: Apache-2.0

/// The log driver and its options.
package struct LogConfig: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var type: String
    @Nullable package var config: [String: String]?

    package init() {}

    package init(type: String, config: [String: String]? = nil) {
        self.type = type
        self.config = config
    }

    package enum CodingKeys: String, CodingKey {
        case type = "Type"
        case config = "Config"
    }
}

/// What happens when the container exits: `no`, `always`, `unless-stopped` or `on-failure`.
package struct RestartPolicy: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var name: String
    @Zero package var maximumRetryCount: Int

    package init() {}

    package init(name: String, maximumRetryCount: Int = .init()) {
        self.name = name
        self.maximumRetryCount = maximumRetryCount
    }

    package enum CodingKeys: String, CodingKey {
        case name = "Name"
        case maximumRetryCount = "MaximumRetryCount"
    }
}

/// A soft and a hard limit of setrlimit(2), by its name without `RLIMIT_`, in lower case.
package struct Ulimit: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var name: String
    @Zero package var hard: Int64
    @Zero package var soft: Int64

    package init() {}

    package init(name: String, hard: Int64 = .init(), soft: Int64 = .init()) {
        self.name = name
        self.hard = hard
        self.soft = soft
    }

    package enum CodingKeys: String, CodingKey {
        case name = "Name"
        case hard = "Hard"
        case soft = "Soft"
    }
}

/// A weight for one block device.
package struct WeightDevice: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var path: String
    @Zero package var weight: UInt16

    package init() {}

    package init(path: String, weight: UInt16 = .init()) {
        self.path = path
        self.weight = weight
    }

    package enum CodingKeys: String, CodingKey {
        case path = "Path"
        case weight = "Weight"
    }
}

/// A rate limit for one block device, in bytes or operations per second.
package struct ThrottleDevice: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var path: String
    @Zero package var rate: UInt64

    package init() {}

    package init(path: String, rate: UInt64 = .init()) {
        self.path = path
        self.rate = rate
    }

    package enum CodingKeys: String, CodingKey {
        case path = "Path"
        case rate = "Rate"
    }
}

/// A host device as the container sees it.
package struct DeviceMapping: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var pathOnHost: String
    @Zero package var pathInContainer: String
    @Zero package var cgroupPermissions: String

    package init() {}

    package init(pathOnHost: String, pathInContainer: String = .init(), cgroupPermissions: String = .init()) {
        self.pathOnHost = pathOnHost
        self.pathInContainer = pathInContainer
        self.cgroupPermissions = cgroupPermissions
    }

    package enum CodingKeys: String, CodingKey {
        case pathOnHost = "PathOnHost"
        case pathInContainer = "PathInContainer"
        case cgroupPermissions = "CgroupPermissions"
    }
}

/// A request for devices that a driver chooses (GPUs, CDI).
package struct DeviceRequest: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var driver: String
    @Zero package var count: Int
    @Nullable package var deviceIDs: [String]?
    @Nullable package var capabilities: [[String]]?
    @Nullable package var options: [String: String]?

    package init() {}

    package init(
        driver: String,
        count: Int = .init(),
        deviceIDs: [String]? = nil,
        capabilities: [[String]]? = nil,
        options: [String: String]? = nil
    ) {
        self.driver = driver
        self.count = count
        self.deviceIDs = deviceIDs
        self.capabilities = capabilities
        self.options = options
    }

    package enum CodingKeys: String, CodingKey {
        case driver = "Driver"
        case count = "Count"
        case deviceIDs = "DeviceIDs"
        case capabilities = "Capabilities"
        case options = "Options"
    }
}
