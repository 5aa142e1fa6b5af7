// SPDX-License-Identifier: Apache-2.0

package import OCI

/// The OCI limits, which speak cgroup v1, as cgroup v2 files.
extension CgroupV2 {
    package func apply(_ resources: RuntimeSpec.Resources) throws(CgroupError) {
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
        for page in resources.hugepageLimits ?? [] {
            try set("hugetlb.\(page.pageSize).max", "\(page.limit)")
            try set("hugetlb.\(page.pageSize).rsvd.max", "\(page.limit)", needed: false)
        }
        for (device, limits) in resources.rdma ?? [:] { try set("rdma.max", limits.cgroupText(device)) }
        for (file, value) in (resources.unified ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard !file.contains("/"), file.contains("."), !file.hasPrefix("cgroup.") || file.hasPrefix("cgroup.max.")
            else {
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
        let limit = memory.limit ?? 0
        if memory.checkBeforeUpdate == true { try Usage.check("\(directory)/memory.current", limit: limit) }
        let swap = memory.swap ?? (limit < 0 ? -1 : 0)
        if swap != 0 {
            let memory = limit != 0 ? limit : try swap < 0 ? 0 : currentLimit()
            let value = try CgroupV2.swapOnly(memoryAndSwap: swap, memory: memory)
            // Without swap accounting there is no swap to be limited to nothing.
            try set("memory.swap.max", value, needed: value != "0" && value != "max")
        }
        if limit != 0 {
            do throws(CgroupError) {
                try set("memory.max", limit < 0 ? "max" : "\(limit)", needed: limit > 0)
            } catch {
                throw Usage.explain(error, "\(directory)/memory.current", limit: limit)
            }
        }
        if let reservation = memory.reservation, reservation != 0 {
            try set("memory.low", reservation < 0 ? "max" : "\(reservation)")
        }
    }

    /// The memory limit that an earlier call has set; 0: there is none.
    private func currentLimit() throws(CgroupError) -> Int64 {
        Int64(exactly: try HostFile.number("\(directory)/memory.max")) ?? 0
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
        // An idle group has no weight.
        if let idle = cpu.idle { try set("cpu.idle", "\(idle)", needed: idle != 0) }
        if let shares = cpu.shares, shares != 0, cpu.idle != 1 {
            try set("cpu.weight", "\(CgroupV2.weight(shares: shares))")
        }
        var bandwidth: [HostFile.Setting] = []
        if cpu.quota ?? 0 != 0 || cpu.period ?? 0 != 0 {
            bandwidth.append(.init(file: "cpu.max", value: self.bandwidth(cpu), needed: cpu.quota ?? 0 > 0))
        }
        if let burst = cpu.burst {
            bandwidth.append(.init(file: "cpu.max.burst", value: "\(burst)", needed: burst > 0))
        }
        // What is valid depends on the other as it is now.
        try HostFile.inAnyOrder(bandwidth) { setting throws(CgroupError) in
            try set(setting.file, setting.value, needed: setting.needed)
        }
        if let cpus = cpu.cpus, !cpus.isEmpty { try set("cpuset.cpus", cpus) }
        if let nodes = cpu.mems, !nodes.isEmpty { try set("cpuset.mems", nodes) }
    }

    /// `cpu.max`, whose two numbers may come one at a time: what is not given stays.
    private func bandwidth(_ cpu: RuntimeSpec.CPU) -> String {
        let current = (try? HostFile.read("\(directory)/cpu.max"))?.split(whereSeparator: \.isWhitespace) ?? []
        let quota = cpu.quota ?? 0
        let period = cpu.period ?? 0
        let first = quota > 0 ? "\(quota)" : quota < 0 ? "max" : String(current.first ?? "max")
        return "\(first) \(period > 0 ? "\(period)" : String(current.dropFirst().first ?? "100000"))"
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
        // 10…1000 is also bfq's range; io.weight's is 1…10000.
        let scale = { (weight: UInt16) in bfq ? UInt64(weight) : 1 + (UInt64(max(weight, 10)) - 10) * 9999 / 990 }
        if let weight = block.weight, weight != 0 { try set(name, "\(scale(weight))") }
        for device in block.weightDevice ?? [] {
            if device.leafWeight ?? 0 != 0 {
                throw CgroupError("linux.resources.blockIO.weightDevice.leafWeight needs cgroup v1")
            }
            guard let weight = device.weight else { continue }
            try set(name, "\(device.major):\(device.minor) \(scale(weight))")
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
