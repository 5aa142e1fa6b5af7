// SPDX-License-Identifier: Apache-2.0

package import OCI

/// The OCI limits, which speak cgroup v1, as cgroup v2 files.
extension CgroupV2 {
    package func apply(_ resources: RuntimeSpec.Resources) throws(CgroupError) {
        if resources.rdma?.isEmpty == false { throw CgroupError("linux.resources.rdma is not supported") }
        if let network = resources.network, network.classID ?? 0 != 0 || network.priorities?.isEmpty == false {
            throw CgroupError("linux.resources.network needs cgroup v1; this host has v2")
        }
        enableControllers()
        if let memory = resources.memory { try apply(memory) }
        if let cpu = resources.cpu { try apply(cpu) }
        if let pids = resources.pids, let limit = pids.limit {
            try set("pids.max", limit > 0 ? "\(limit)" : "max", needed: limit > 0)
        }
        if let block = resources.blockIO { try apply(block) }
        for page in resources.hugepageLimits ?? [] { try set("hugetlb.\(page.pageSize).max", "\(page.limit)") }
        for (file, value) in (resources.unified ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard !file.contains("/"), file.contains("."), !file.hasPrefix("cgroup.") else {
                throw CgroupError("linux.resources.unified: \"\(file)\" is not a controller's file")
            }
            for line in value.split(separator: "\n") { try set(file, String(line)) }
        }
        if let rules = resources.devices, !rules.isEmpty {
            try DeviceProgram(rules).attach(toGroup: directory)
        }
    }

    /// Writes one file. Where its controller is missing, a limit that was `needed` is an error.
    private func set(_ file: String, _ value: String, needed: Bool = true) throws(CgroupError) {
        let path = "\(directory)/\(file)"
        guard HostFile.exists(path) else {
            if !needed { return }
            let controller = file.prefix { $0 != "." }
            throw CgroupError("the \(controller) cgroup controller is not available on this host (\(file))")
        }
        try HostFile.write(value, to: path)
    }

    private func apply(_ memory: RuntimeSpec.Memory) throws(CgroupError) {
        if memory.kernel ?? 0 > 0 { throw CgroupError("linux.resources.memory.kernel needs cgroup v1") }
        if memory.kernelTCP ?? 0 > 0 { throw CgroupError("linux.resources.memory.kernelTCP needs cgroup v1") }
        if memory.swappiness != nil { throw CgroupError("linux.resources.memory.swappiness needs cgroup v1") }
        if memory.disableOOMKiller == true {
            throw CgroupError("linux.resources.memory.disableOOMKiller needs cgroup v1")
        }
        if memory.useHierarchy == false {
            throw CgroupError("linux.resources.memory.useHierarchy false is not supported (the kernel has given it up)")
        }
        // `checkBeforeUpdate` asks for what is so: a new group uses nothing that a limit could be below.
        let limit = memory.limit ?? 0
        if let swap = memory.swap, swap != 0 {
            try set("memory.swap.max", try CgroupV2.swapOnly(memoryAndSwap: swap, memory: limit))
        }
        if limit != 0 { try set("memory.max", limit < 0 ? "max" : "\(limit)", needed: limit > 0) }
        if let reservation = memory.reservation, reservation != 0 {
            try set("memory.low", reservation < 0 ? "max" : "\(reservation)")
        }
    }

    /// v1 limits the sum of memory and swap, v2 swap alone.
    static func swapOnly(memoryAndSwap: Int64, memory: Int64) throws(CgroupError) -> String {
        if memoryAndSwap < 0 { return "max" }
        guard memory > 0, memoryAndSwap >= memory else {
            throw CgroupError(
                "linux.resources.memory.swap (\(memoryAndSwap)) is less than the memory limit (\(memory))")
        }
        return "\(memoryAndSwap - memory)"
    }

    private func apply(_ cpu: RuntimeSpec.CPU) throws(CgroupError) {
        if cpu.realtimeRuntime ?? 0 != 0 || cpu.realtimePeriod ?? 0 != 0 {
            throw CgroupError("linux.resources.cpu.realtimeRuntime and realtimePeriod need cgroup v1")
        }
        if let shares = cpu.shares, shares != 0 { try set("cpu.weight", "\(CgroupV2.weight(shares: shares))") }
        if cpu.quota != nil || cpu.period != nil {
            let quota = cpu.quota ?? 0
            let period = cpu.period ?? 0
            try set(
                "cpu.max", "\(quota > 0 ? "\(quota)" : "max") \(period > 0 ? period : 100_000)", needed: quota > 0)
        }
        if let burst = cpu.burst { try set("cpu.max.burst", "\(burst)", needed: burst > 0) }
        if let idle = cpu.idle { try set("cpu.idle", "\(idle)", needed: idle != 0) }
        if let cpus = cpu.cpus, !cpus.isEmpty { try set("cpuset.cpus", cpus) }
        if let nodes = cpu.mems, !nodes.isEmpty { try set("cpuset.mems", nodes) }
    }

    /// cpu.shares 2…262144 to cpu.weight 1…10000, linearly, as every runtime has it.
    static func weight(shares: UInt64) -> UInt64 {
        let clamped = min(max(shares, 2), 262_144)
        return 1 + (clamped - 2) * 9999 / 262_142
    }

    private func apply(_ block: RuntimeSpec.BlockIO) throws(CgroupError) {
        if block.leafWeight ?? 0 != 0 { throw CgroupError("linux.resources.blockIO.leafWeight needs cgroup v1") }
        let bfq = HostFile.exists("\(directory)/io.bfq.weight")
        let name = bfq ? "io.bfq.weight" : "io.weight"
        if let weight = block.weight, weight != 0 {
            // 10…1000 is also bfq's range; io.weight's is 1…10000.
            let value = bfq ? UInt64(weight) : 1 + (UInt64(max(weight, 10)) - 10) * 9999 / 990
            try set(name, "\(value)")
        }
        for device in block.weightDevice ?? [] {
            if device.leafWeight ?? 0 != 0 {
                throw CgroupError("linux.resources.blockIO.weightDevice.leafWeight is not supported")
            }
            guard let weight = device.weight else { continue }
            try set(name, "\(device.major):\(device.minor) \(weight)")
        }
        let throttles = [
            ("rbps", block.throttleReadBpsDevice), ("wbps", block.throttleWriteBpsDevice),
            ("riops", block.throttleReadIOPSDevice), ("wiops", block.throttleWriteIOPSDevice),
        ]
        for (kind, devices) in throttles {
            for device in devices ?? [] {
                try set("io.max", "\(device.major):\(device.minor) \(kind)=\(device.rate)")
            }
        }
    }
}
