// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import OCI

/// The limits of a container's control group.
enum SpecResources {
    static func resources(_ host: HostConfig) -> RuntimeSpec.Resources {
        var resources = RuntimeSpec.Resources()
        resources.devices = host.privileged ? SecurityDefaults.allDevices : SecurityDefaults.deviceRules
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
        return cpu == RuntimeSpec.CPU() ? nil : cpu
    }
}
