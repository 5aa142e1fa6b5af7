// SPDX-License-Identifier: Apache-2.0

package import JSON

/// What a container uses (`stats`), in the order in which Docker 29 writes it. Optional members are left out where
/// Linux, or its cgroup version, has no such thing.
package struct ContainerStats: Codable, Sendable, Equatable {
    @Zero package var id: String
    /// With a slash.
    @Zero package var name: String
    package var osType: String?
    /// When this was read; zero for a container that does not run.
    @Zero package var read: Timestamp
    @Zero package var cpu: CPUStats
    @Zero package var memory: MemoryStats
    package var networks: [String: NetworkStats]?
    @Zero package var pids: PidsStats
    @Zero package var blockIO: BlockIOStats
    /// Of Windows.
    @Zero package var processes: Int
    /// Of Windows.
    @Zero package var storage: [String: UInt64]
    /// When `previousCPU` was read.
    @Zero package var previousRead: Timestamp
    @Zero package var previousCPU: CPUStats

    package init() {}

    package enum CodingKeys: String, CodingKey {
        case id, name, read, networks
        case osType = "os_type"
        case cpu = "cpu_stats"
        case memory = "memory_stats"
        case pids = "pids_stats"
        case blockIO = "blkio_stats"
        case processes = "num_procs"
        case storage = "storage_stats"
        case previousRead = "preread"
        case previousCPU = "precpu_stats"
    }
}

/// Nanoseconds since the container started.
package struct CPUStats: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var usage: CPUUsage
    /// Of the whole machine.
    package var system: UInt64?
    package var onlineCPUs: Int?
    @Zero package var throttling: ThrottlingStats

    package init() {}

    package enum CodingKeys: String, CodingKey {
        case usage = "cpu_usage"
        case system = "system_cpu_usage"
        case onlineCPUs = "online_cpus"
        case throttling = "throttling_data"
    }
}

package struct CPUUsage: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var total: UInt64
    /// Of each processor; cgroup v1 only.
    package var perCPU: [UInt64]?
    @Zero package var kernel: UInt64
    @Zero package var user: UInt64

    package init() {}

    package enum CodingKeys: String, CodingKey {
        case total = "total_usage"
        case perCPU = "percpu_usage"
        case kernel = "usage_in_kernelmode"
        case user = "usage_in_usermode"
    }
}

package struct ThrottlingStats: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var periods: UInt64
    @Zero package var throttledPeriods: UInt64
    /// Nanoseconds.
    @Zero package var throttledTime: UInt64

    package init() {}

    package enum CodingKeys: String, CodingKey {
        case periods
        case throttledPeriods = "throttled_periods"
        case throttledTime = "throttled_time"
    }
}

/// Bytes.
package struct MemoryStats: Codable, Sendable, Equatable, ZeroValue {
    package var usage: UInt64?
    /// cgroup v1 only.
    package var maximum: UInt64?
    /// memory.stat, whose names differ between the cgroup versions.
    package var stats: [String: UInt64]?
    /// How often the limit was met; cgroup v1 only.
    package var failures: UInt64?
    /// The machine's memory where there is no limit.
    package var limit: UInt64?

    package init() {}

    package enum CodingKeys: String, CodingKey {
        case usage, stats, limit
        case maximum = "max_usage"
        case failures = "failcnt"
    }
}

/// Of one interface.
package struct NetworkStats: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var rxBytes: UInt64
    @Zero package var rxPackets: UInt64
    @Zero package var rxErrors: UInt64
    @Zero package var rxDropped: UInt64
    @Zero package var txBytes: UInt64
    @Zero package var txPackets: UInt64
    @Zero package var txErrors: UInt64
    @Zero package var txDropped: UInt64

    package init() {}

    package enum CodingKeys: String, CodingKey {
        case rxBytes = "rx_bytes"
        case rxPackets = "rx_packets"
        case rxErrors = "rx_errors"
        case rxDropped = "rx_dropped"
        case txBytes = "tx_bytes"
        case txPackets = "tx_packets"
        case txErrors = "tx_errors"
        case txDropped = "tx_dropped"
    }
}

package struct PidsStats: Codable, Sendable, Equatable, ZeroValue {
    package var current: UInt64?
    /// Nil: there is none.
    package var limit: UInt64?

    package init() {}
}

/// With cgroup v2 there are only `bytes`.
package struct BlockIOStats: Codable, Sendable, Equatable, ZeroValue {
    @Nullable package var bytes: [BlockIOEntry]?
    @Nullable package var operations: [BlockIOEntry]?
    @Nullable package var queue: [BlockIOEntry]?
    @Nullable package var serviceTime: [BlockIOEntry]?
    @Nullable package var waitTime: [BlockIOEntry]?
    @Nullable package var merged: [BlockIOEntry]?
    @Nullable package var time: [BlockIOEntry]?
    @Nullable package var sectors: [BlockIOEntry]?

    package init() {}

    package enum CodingKeys: String, CodingKey {
        case bytes = "io_service_bytes_recursive"
        case operations = "io_serviced_recursive"
        case queue = "io_queue_recursive"
        case serviceTime = "io_service_time_recursive"
        case waitTime = "io_wait_time_recursive"
        case merged = "io_merged_recursive"
        case time = "io_time_recursive"
        case sectors = "sectors_recursive"
    }
}

package struct BlockIOEntry: Codable, Sendable, Equatable {
    @Zero package var major: UInt64
    @Zero package var minor: UInt64
    @Zero package var op: String
    @Zero package var value: UInt64

    package init(major: UInt64, minor: UInt64, op: String, value: UInt64) {
        self.major = major
        self.minor = minor
        self.op = op
        self.value = value
    }
}
