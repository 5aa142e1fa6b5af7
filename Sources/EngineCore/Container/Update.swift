// SPDX-License-Identifier: Apache-2.0

internal import Cgroups
internal import EngineAPI
internal import Linux
internal import OCI

/// What `update` changes of a container: limits, and when it is started again. Pure.
struct ContainerUpdate: Sendable {
    /// What is zero, empty or nil stays.
    let change: HostConfig

    /// What of the request there is no changing.
    static let rules: [String: Refusals.Rule] = {
        let changed: Set = [
            "BlkioWeight", "CpuShares", "Memory", "NanoCpus", "CpuPeriod", "CpuQuota", "CpuRealtimePeriod",
            "CpuRealtimeRuntime", "CpusetCpus", "CpusetMems", "MemoryReservation", "MemorySwap", "PidsLimit",
            "RestartPolicy",
        ]
        return Dictionary(uniqueKeysWithValues: changed.map { ($0, .supported) })
    }()

    /// Throws with Docker's texts what can't be together with what the container has.
    func merge(into host: inout HostConfig) throws(EngineError) {
        try check(host)
        if change.blkioWeight != 0 { host.blkioWeight = change.blkioWeight }
        if change.cpuShares != 0 { host.cpuShares = change.cpuShares }
        if change.nanoCpus != 0 { host.nanoCpus = change.nanoCpus }
        if change.cpuPeriod != 0 { host.cpuPeriod = change.cpuPeriod }
        if change.cpuQuota != 0 { host.cpuQuota = change.cpuQuota }
        if change.cpuRealtimePeriod != 0 { host.cpuRealtimePeriod = change.cpuRealtimePeriod }
        if change.cpuRealtimeRuntime != 0 { host.cpuRealtimeRuntime = change.cpuRealtimeRuntime }
        if !change.cpusetCpus.isEmpty { host.cpusetCpus = change.cpusetCpus }
        if !change.cpusetMems.isEmpty { host.cpusetMems = change.cpusetMems }
        if change.memory != 0 { host.memory = change.memory }
        if change.memorySwap != 0 { host.memorySwap = change.memorySwap }
        if change.memoryReservation != 0 { host.memoryReservation = change.memoryReservation }
        if let limit = change.pidsLimit { host.pidsLimit = limit }
        if !change.restartPolicy.name.isEmpty { host.restartPolicy = change.restartPolicy }
    }

    private func check(_ host: HostConfig) throws(EngineError) {
        func conflict(_ text: String) -> EngineError { EngineError(.conflict, text) }
        if change.nanoCpus > 0, host.cpuPeriod > 0 {
            throw conflict("Conflicting options: Nano CPUs cannot be updated as CPU Period has already been set")
        }
        if change.nanoCpus > 0, host.cpuQuota > 0 {
            throw conflict("Conflicting options: Nano CPUs cannot be updated as CPU Quota has already been set")
        }
        if change.cpuPeriod > 0, host.nanoCpus > 0 {
            throw conflict("Conflicting options: CPU Period cannot be updated as NanoCPUs has already been set")
        }
        if change.cpuQuota > 0, host.nanoCpus > 0 {
            throw conflict("Conflicting options: CPU Quota cannot be updated as NanoCPUs has already been set")
        }
        if change.memory > host.memorySwap, change.memory != 0, change.memorySwap == 0 {
            throw conflict(
                "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time"
            )
        }
        if host.autoRemove, !change.restartPolicy.isNone {
            throw conflict("Restart policy cannot be updated because AutoRemove is enabled for the container")
        }
    }

    /// What the control group of a container that runs is told; `host` is the configuration after the change.
    func resources(of host: HostConfig) -> RuntimeSpec.Resources {
        var resources = RuntimeSpec.Resources()
        if change.blkioWeight != 0 {
            var block = RuntimeSpec.BlockIO()
            block.weight = change.blkioWeight
            resources.blockIO = block
        }
        var memory = RuntimeSpec.Memory()
        if change.memory != 0 || change.memorySwap != 0 {
            // Both: cgroup v2 limits swap alone, which is their difference.
            if host.memory != 0 { memory.limit = host.memory }
            if host.memorySwap != 0 { memory.swap = host.memorySwap }
        }
        if change.memoryReservation != 0 { memory.reservation = change.memoryReservation }
        if memory != RuntimeSpec.Memory() { resources.memory = memory }
        let cpu = self.cpu
        if cpu != RuntimeSpec.CPU() { resources.cpu = cpu }
        if let limit = change.pidsLimit { resources.pids = .init(limit: limit > 0 ? limit : -1) }
        return resources
    }

    private var cpu: RuntimeSpec.CPU {
        var cpu = RuntimeSpec.CPU()
        if change.cpuShares != 0 { cpu.shares = UInt64(clamping: change.cpuShares) }
        if change.nanoCpus != 0 {
            let period: Int64 = 100_000
            cpu.period = UInt64(period)
            cpu.quota = change.nanoCpus * period / 1_000_000_000
        }
        if change.cpuPeriod != 0 { cpu.period = UInt64(clamping: change.cpuPeriod) }
        if change.cpuQuota != 0 { cpu.quota = change.cpuQuota }
        if change.cpuRealtimePeriod != 0 { cpu.realtimePeriod = UInt64(clamping: change.cpuRealtimePeriod) }
        if change.cpuRealtimeRuntime != 0 { cpu.realtimeRuntime = change.cpuRealtimeRuntime }
        if !change.cpusetCpus.isEmpty { cpu.cpus = change.cpusetCpus }
        if !change.cpusetMems.isEmpty { cpu.mems = change.cpusetMems }
        return cpu
    }
}

extension Container {
    /// Changes limits and restart policy: at once where it runs, else for the next start.
    func change(_ change: HostConfig) async throws {
        let wanted = ContainerUpdate(change: change)
        switch await settle() {
        case .removed: throw ContainerTable.missing(id)
        default: break
        }
        var host = record.hostConfig
        do throws(EngineError) { try wanted.merge(into: &host) } catch { throw cannotUpdate(error.code, error.message) }
        let resources = wanted.resources(of: host)
        if let running = phase.running, resources != RuntimeSpec.Resources() {
            let services = services
            let id = id
            do {
                try await BlockingPool.shared.run(key: id) { try CgroupAccess.group(id, services).apply(resources) }
            } catch {
                // Where it has ended meanwhile, the next start has the new limits.
                if phase.running?.shim === running.shim { throw cannotUpdate(.system, "\(error)") }
            }
        }
        let before = record
        // Anew: another change may have come in between.
        update { try? wanted.merge(into: &$0.hostConfig) }
        do { try await services.writer.commit(record) } catch {
            update { $0.hostConfig = before.hostConfig }
            throw error
        }
        services.tell("update", record)
    }

    private func cannotUpdate(_ code: EngineError.Code, _ reason: String) -> EngineError {
        EngineError(code, "Cannot update container \(id): \(reason)")
    }
}
