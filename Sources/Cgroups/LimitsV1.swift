// SPDX-License-Identifier: Apache-2.0

package import OCI

/// The OCI limits as cgroup v1 files.
extension CgroupV1 {
    package func apply(_ resources: RuntimeSpec.Resources) throws(CgroupError) {
        if resources.rdma?.isEmpty == false { throw CgroupError("linux.resources.rdma is not supported") }
        if resources.unified?.isEmpty == false {
            throw CgroupError("linux.resources.unified needs cgroup v2; this host has v1")
        }
        if let memory = resources.memory { try apply(memory) }
        if let cpu = resources.cpu { try apply(cpu) }
        if let pids = resources.pids, let limit = pids.limit {
            try set("pids", "pids.max", limit > 0 ? "\(limit)" : "max", needed: limit > 0)
        }
        if let block = resources.blockIO { try apply(block) }
        for page in resources.hugepageLimits ?? [] {
            try make("hugetlb")
            try set("hugetlb", "hugetlb.\(page.pageSize).limit_in_bytes", "\(page.limit)")
        }
        if let network = resources.network { try apply(network) }
        try apply(resources.devices ?? [])
    }

    /// Writes one file of one controller. Where the controller is missing, a limit that was `needed` is an error.
    private func set(_ controller: String, _ file: String, _ value: String, needed: Bool = true) throws(CgroupError) {
        let directory = "\(root)/\(controller)\(path)"
        guard HostFile.exists(directory) else {
            if !needed { return }
            throw CgroupError("the \(controller) cgroup controller is not available on this host (\(file))")
        }
        try HostFile.write(value, to: "\(directory)/\(file)")
    }

    private func apply(_ memory: RuntimeSpec.Memory) throws(CgroupError) {
        if let kernel = memory.kernel, kernel > 0 {
            throw CgroupError("linux.resources.memory.kernel is not supported (the kernel has given it up)")
        }
        if memory.useHierarchy == false {
            throw CgroupError("linux.resources.memory.useHierarchy false is not supported (the kernel has given it up)")
        }
        // `checkBeforeUpdate` asks for what is so: a new group uses nothing that a limit could be below.
        let limit = memory.limit ?? 0
        let swap = memory.swap ?? 0
        if swap > 0, limit > 0, swap < limit {
            throw CgroupError("linux.resources.memory.swap (\(swap)) is less than the memory limit (\(limit))")
        }
        // Memory and swap together may never be less than memory: raise the sum first, lower it last.
        if swap == -1 { try set("memory", "memory.memsw.limit_in_bytes", "-1") }
        if limit != 0 { try set("memory", "memory.limit_in_bytes", "\(limit)") }
        if swap > 0 { try set("memory", "memory.memsw.limit_in_bytes", "\(swap)") }
        if let reservation = memory.reservation, reservation != 0 {
            try set("memory", "memory.soft_limit_in_bytes", "\(reservation)")
        }
        if let tcp = memory.kernelTCP, tcp != 0 { try set("memory", "memory.kmem.tcp.limit_in_bytes", "\(tcp)") }
        if let swappiness = memory.swappiness { try set("memory", "memory.swappiness", "\(swappiness)") }
        if memory.disableOOMKiller == true { try set("memory", "memory.oom_control", "1") }
    }

    private func apply(_ cpu: RuntimeSpec.CPU) throws(CgroupError) {
        if let shares = cpu.shares, shares != 0 { try set("cpu", "cpu.shares", "\(shares)") }
        if let period = cpu.period, period != 0 { try set("cpu", "cpu.cfs_period_us", "\(period)") }
        if let quota = cpu.quota, quota != 0 { try set("cpu", "cpu.cfs_quota_us", "\(quota)", needed: quota > 0) }
        if let burst = cpu.burst { try set("cpu", "cpu.cfs_burst_us", "\(burst)", needed: burst > 0) }
        if let period = cpu.realtimePeriod, period != 0 { try set("cpu", "cpu.rt_period_us", "\(period)") }
        if let runtime = cpu.realtimeRuntime, runtime != 0 { try set("cpu", "cpu.rt_runtime_us", "\(runtime)") }
        if let idle = cpu.idle { try set("cpu", "cpu.idle", "\(idle)", needed: idle != 0) }
        guard cpu.cpus?.isEmpty == false || cpu.mems?.isEmpty == false else { return }
        try make("cpuset")
        if let cpus = cpu.cpus, !cpus.isEmpty { try set("cpuset", "cpuset.cpus", cpus) }
        if let nodes = cpu.mems, !nodes.isEmpty { try set("cpuset", "cpuset.mems", nodes) }
    }

    private func apply(_ block: RuntimeSpec.BlockIO) throws(CgroupError) {
        if block.leafWeight ?? 0 != 0 { throw CgroupError("linux.resources.blockIO.leafWeight is not supported") }
        let bfq = HostFile.exists("\(root)/blkio\(path)/blkio.bfq.weight")
        let name = bfq ? "blkio.bfq.weight" : "blkio.weight"
        if let weight = block.weight, weight != 0 { try set("blkio", name, "\(weight)") }
        for device in block.weightDevice ?? [] {
            if device.leafWeight ?? 0 != 0 {
                throw CgroupError("linux.resources.blockIO.weightDevice.leafWeight is not supported")
            }
            guard let weight = device.weight else { continue }
            try set("blkio", "\(name)_device", "\(device.major):\(device.minor) \(weight)")
        }
        let throttles = [
            ("read_bps", block.throttleReadBpsDevice), ("write_bps", block.throttleWriteBpsDevice),
            ("read_iops", block.throttleReadIOPSDevice), ("write_iops", block.throttleWriteIOPSDevice),
        ]
        for (kind, devices) in throttles {
            for device in devices ?? [] {
                try set("blkio", "blkio.throttle.\(kind)_device", "\(device.major):\(device.minor) \(device.rate)")
            }
        }
    }

    private func apply(_ network: RuntimeSpec.Network) throws(CgroupError) {
        if let classID = network.classID, classID != 0 {
            try make("net_cls")
            try set("net_cls", "net_cls.classid", "\(classID)")
        }
        for priority in network.priorities ?? [] {
            try make("net_prio")
            try set("net_prio", "net_prio.ifpriomap", "\(priority.name) \(priority.priority)")
        }
    }

    /// Rules in the order they are given: one file for what is allowed, one for what is not.
    private func apply(_ rules: [RuntimeSpec.DeviceRule]) throws(CgroupError) {
        guard !rules.isEmpty else { return }
        let directory = "\(root)/devices\(path)"
        guard HostFile.exists(directory) else {
            throw CgroupError("the devices cgroup controller is not available on this host")
        }
        let allow = try HostFile.Writer("\(directory)/devices.allow")
        let deny = try HostFile.Writer("\(directory)/devices.deny")
        for rule in rules {
            try (rule.allow ? allow : deny).write(rule.cgroupV1Text())
        }
    }
}

extension RuntimeSpec.DeviceRule {
    /// `c 1:3 rwm`; `a` for every device.
    func cgroupV1Text() throws(CgroupError) -> String {
        let kind = type ?? "a"
        guard ["a", "b", "c"].contains(kind) else { throw CgroupError("invalid device type \"\(kind)\"") }
        let access = access ?? "rwm"
        guard !access.isEmpty, access.allSatisfy({ "rwm".contains($0) }) else {
            throw CgroupError("invalid device access \"\(access)\"")
        }
        if kind == "a" { return "a" }
        return "\(kind) \(Self.number(major)):\(Self.number(minor)) \(access)"
    }

    private static func number(_ value: Int64?) -> String {
        guard let value, value >= 0 else { return "*" }
        return "\(value)"
    }
}
