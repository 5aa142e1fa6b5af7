// SPDX-License-Identifier: Apache-2.0

/// The body of `POST /containers/{id}/update`: what is zero, empty or absent stays as it is.
package struct ContainerUpdateRequest: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var cpuShares: Int64
    /// Bytes, as the other memory sizes here.
    @Zero package var memory: Int64
    @Zero package var nanoCpus: Int64
    @Zero package var cgroupParent: String
    @Zero package var blkioWeight: UInt16
    @Nullable package var blkioWeightDevice: [WeightDevice]?
    @Nullable package var blkioDeviceReadBps: [ThrottleDevice]?
    @Nullable package var blkioDeviceWriteBps: [ThrottleDevice]?
    @Nullable package var blkioDeviceReadIOps: [ThrottleDevice]?
    @Nullable package var blkioDeviceWriteIOps: [ThrottleDevice]?
    /// Microseconds, as the other CPU times here.
    @Zero package var cpuPeriod: Int64
    @Zero package var cpuQuota: Int64
    @Zero package var cpuRealtimePeriod: Int64
    @Zero package var cpuRealtimeRuntime: Int64
    @Zero package var cpusetCpus: String
    @Zero package var cpusetMems: String
    @Nullable package var devices: [DeviceMapping]?
    @Nullable package var deviceCgroupRules: [String]?
    @Nullable package var deviceRequests: [DeviceRequest]?
    /// Before API 1.42.
    package var kernelMemory: Int64?
    package var kernelMemoryTCP: Int64?
    @Zero package var memoryReservation: Int64
    @Zero package var memorySwap: Int64
    @Nullable package var memorySwappiness: Int64?
    @Nullable package var oomKillDisable: Bool?
    @Nullable package var pidsLimit: Int64?
    @Nullable package var ulimits: [Ulimit]?
    /// Windows.
    @Zero package var cpuCount: Int64
    /// Windows.
    @Zero package var cpuPercent: Int64
    /// Windows.
    @Zero package var ioMaximumIOps: UInt64
    /// Windows.
    @Zero package var ioMaximumBandwidth: UInt64
    @Zero package var restartPolicy: RestartPolicy

    package init() {}

    package enum CodingKeys: String, CodingKey {
        case cpuShares = "CpuShares"
        case memory = "Memory"
        case nanoCpus = "NanoCpus"
        case cgroupParent = "CgroupParent"
        case blkioWeight = "BlkioWeight"
        case blkioWeightDevice = "BlkioWeightDevice"
        case blkioDeviceReadBps = "BlkioDeviceReadBps"
        case blkioDeviceWriteBps = "BlkioDeviceWriteBps"
        case blkioDeviceReadIOps = "BlkioDeviceReadIOps"
        case blkioDeviceWriteIOps = "BlkioDeviceWriteIOps"
        case cpuPeriod = "CpuPeriod"
        case cpuQuota = "CpuQuota"
        case cpuRealtimePeriod = "CpuRealtimePeriod"
        case cpuRealtimeRuntime = "CpuRealtimeRuntime"
        case cpusetCpus = "CpusetCpus"
        case cpusetMems = "CpusetMems"
        case devices = "Devices"
        case deviceCgroupRules = "DeviceCgroupRules"
        case deviceRequests = "DeviceRequests"
        case kernelMemory = "KernelMemory"
        case kernelMemoryTCP = "KernelMemoryTCP"
        case memoryReservation = "MemoryReservation"
        case memorySwap = "MemorySwap"
        case memorySwappiness = "MemorySwappiness"
        case oomKillDisable = "OomKillDisable"
        case pidsLimit = "PidsLimit"
        case ulimits = "Ulimits"
        case cpuCount = "CpuCount"
        case cpuPercent = "CpuPercent"
        case ioMaximumIOps = "IOMaximumIOps"
        case ioMaximumBandwidth = "IOMaximumBandwidth"
        case restartPolicy = "RestartPolicy"
    }

    /// What can be changed, as a host configuration.
    package var change: HostConfig {
        var host = HostConfig()
        host.blkioWeight = blkioWeight
        host.cpuShares = cpuShares
        host.nanoCpus = nanoCpus
        host.cpuPeriod = cpuPeriod
        host.cpuQuota = cpuQuota
        host.cpuRealtimePeriod = cpuRealtimePeriod
        host.cpuRealtimeRuntime = cpuRealtimeRuntime
        host.cpusetCpus = cpusetCpus
        host.cpusetMems = cpusetMems
        host.memory = memory
        host.memoryReservation = memoryReservation
        host.memorySwap = memorySwap
        // 0, like what is negative, takes the limit away.
        host.pidsLimit = pidsLimit.map { max(0, $0) }
        host.restartPolicy = restartPolicy
        return host
    }
}
