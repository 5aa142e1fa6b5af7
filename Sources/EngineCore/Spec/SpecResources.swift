// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import OCI

/// The limits of a container's control group.
enum SpecResources {
    static func resources(_ host: HostConfig, _ devices: HostDevices) -> RuntimeSpec.Resources {
        var resources = RuntimeSpec.Resources()
        resources.devices = host.privileged ? SecurityDefaults.allDevices : SecurityDefaults.deviceRules + devices.rules
        resources.blockIO = blockIO(host, devices.blocks)
        resources.memory = memory(host)
        resources.cpu = cpu(host)
        if let limit = host.pidsLimit, limit != 0 { resources.pids = .init(limit: limit < 0 ? -1 : limit) }
        return resources
    }

    private static func memory(_ host: HostConfig) -> RuntimeSpec.Memory? {
        var memory = RuntimeSpec.Memory()
        if host.memory > 0 { memory.limit = host.memory }
        if host.memoryReservation > 0 { memory.reservation = host.memoryReservation }
        if host.memorySwap != 0 { memory.swap = host.memorySwap }
        if let swappiness = host.memorySwappiness { memory.swappiness = UInt64(swappiness) }
        if host.oomKillDisable == true { memory.disableOOMKiller = true }
        if let limit = host.kernelMemoryTCP, limit > 0 { memory.kernelTCP = limit }
        return memory == RuntimeSpec.Memory() ? nil : memory
    }

    private static func cpu(_ host: HostConfig) -> RuntimeSpec.CPU? {
        var cpu = RuntimeSpec.CPU()
        if host.cpuShares > 0 { cpu.shares = UInt64(host.cpuShares) }
        if host.nanoCpus > 0 {
            let period: Int64 = 100_000
            cpu.period = UInt64(period)
            cpu.quota = host.nanoCpus * period / 1_000_000_000
        }
        if host.cpuPeriod > 0 { cpu.period = UInt64(host.cpuPeriod) }
        if host.cpuQuota != 0 { cpu.quota = host.cpuQuota }
        if host.cpuRealtimePeriod > 0 { cpu.realtimePeriod = UInt64(host.cpuRealtimePeriod) }
        if host.cpuRealtimeRuntime != 0 { cpu.realtimeRuntime = host.cpuRealtimeRuntime }
        if !host.cpusetCpus.isEmpty { cpu.cpus = host.cpusetCpus }
        if !host.cpusetMems.isEmpty { cpu.mems = host.cpusetMems }
        return cpu == RuntimeSpec.CPU() ? nil : cpu
    }

    private static func blockIO(
        _ host: HostConfig, _ blocks: [String: HostDevices.BlockNumber]
    ) -> RuntimeSpec.BlockIO? {
        var block = RuntimeSpec.BlockIO()
        if host.blkioWeight > 0 { block.weight = host.blkioWeight }
        let weights = (host.blkioWeightDevice ?? []).compactMap { device in
            blocks[device.path].map {
                RuntimeSpec.WeightDevice(major: $0.major, minor: $0.minor, weight: device.weight)
            }
        }
        if !weights.isEmpty { block.weightDevice = weights }
        func throttle(_ devices: [ThrottleDevice]?) -> [RuntimeSpec.ThrottleDevice]? {
            let known = (devices ?? []).compactMap { device in
                blocks[device.path].map {
                    RuntimeSpec.ThrottleDevice(major: $0.major, minor: $0.minor, rate: device.rate)
                }
            }
            return known.isEmpty ? nil : known
        }
        block.throttleReadBpsDevice = throttle(host.blkioDeviceReadBps)
        block.throttleWriteBpsDevice = throttle(host.blkioDeviceWriteBps)
        block.throttleReadIOPSDevice = throttle(host.blkioDeviceReadIOps)
        block.throttleWriteIOPSDevice = throttle(host.blkioDeviceWriteIOps)
        return block == RuntimeSpec.BlockIO() ? nil : block
    }
}
