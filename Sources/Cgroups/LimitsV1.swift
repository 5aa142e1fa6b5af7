// SPDX-License-Identifier: Apache-2.0

package import OCI

/// The OCI limits as cgroup v1 files.
extension CgroupV1 {
    package func apply(_ resources: RuntimeSpec.Resources) throws(CgroupError) {
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
            try enter("hugetlb")
            try set("hugetlb", "hugetlb.\(page.pageSize).limit_in_bytes", "\(page.limit)")
            // Reservations too, since Linux 5.7.
            let reserved = "hugetlb.\(page.pageSize).rsvd.limit_in_bytes"
            if HostFile.exists("\(root)/hugetlb\(path)/\(reserved)") { try set("hugetlb", reserved, "\(page.limit)") }
        }
        for (device, limits) in resources.rdma ?? [:] {
            try enter("rdma")
            try set("rdma", "rdma.max", limits.cgroupText(device))
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

    /// Makes the group in a hierarchy that it was not in so far. The processes of a container that runs follow.
    private func enter(_ controller: String) throws(CgroupError) {
        let directory = "\(root)/\(controller)\(path)"
        guard !HostFile.exists(directory) else { return }
        try make(controller)
        for _ in 0..<1000 {
            // Those that were forked meanwhile are seen the next time.
            let moved = Set(try HostFile.processes(below: directory))
            let left = try processes().filter { !moved.contains($0) }
            if left.isEmpty { return }
            for pid in left { try? HostFile.write("\(pid)", to: "\(directory)/cgroup.procs") }
        }
        throw CgroupError("the processes of \(path) could not be moved to the \(controller) hierarchy")
    }

    private func apply(_ memory: RuntimeSpec.Memory) throws(CgroupError) {
        if let kernel = memory.kernel, kernel > 0 {
            throw CgroupError("linux.resources.memory.kernel is not supported (the kernel has given it up)")
        }
        if memory.useHierarchy == false {
            throw CgroupError("linux.resources.memory.useHierarchy false is not supported (the kernel has given it up)")
        }
        let directory = "\(root)/memory\(path)"
        let limit = memory.limit ?? 0
        var swap = memory.swap ?? 0
        if swap > 0, limit > 0, swap < limit {
            throw CgroupError("linux.resources.memory.swap (\(swap)) is less than the memory limit (\(limit))")
        }
        // The sum has no limit either, where it is limited at all.
        if limit < 0, swap == 0, HostFile.exists("\(directory)/memory.memsw.limit_in_bytes") { swap = -1 }
        if memory.checkBeforeUpdate == true {
            try Usage.check("\(directory)/memory.usage_in_bytes", limit: limit)
        }
        // Memory and swap together may never be less than memory: raise the sum first, lower it last.
        let sum = { () throws(CgroupError) in try self.set("memory", "memory.memsw.limit_in_bytes", "\(swap)") }
        let current = (try? HostFile.number("\(directory)/memory.memsw.limit_in_bytes")) ?? 0
        let raises = swap < 0 || swap > 0 && UInt64(swap) > current
        if raises { try sum() }
        if limit != 0 {
            do throws(CgroupError) { try set("memory", "memory.limit_in_bytes", "\(limit)") } catch {
                throw Usage.explain(error, "\(directory)/memory.usage_in_bytes", limit: limit)
            }
        }
        if swap != 0, !raises { try sum() }
        if let reservation = memory.reservation, reservation != 0 {
            try set("memory", "memory.soft_limit_in_bytes", "\(reservation)")
        }
        if let tcp = memory.kernelTCP, tcp != 0 { try set("memory", "memory.kmem.tcp.limit_in_bytes", "\(tcp)") }
        if let swappiness = memory.swappiness {
            guard swappiness <= 100 else {
                throw CgroupError("linux.resources.memory.swappiness must be from 0 to 100, not \(swappiness)")
            }
            try set("memory", "memory.swappiness", "\(swappiness)")
        }
        if let disable = memory.disableOOMKiller {
            try set("memory", "memory.oom_control", disable ? "1" : "0", needed: disable)
        }
    }

    private func apply(_ cpu: RuntimeSpec.CPU) throws(CgroupError) {
        // An idle group has no shares.
        if let idle = cpu.idle { try set("cpu", "cpu.idle", "\(idle)", needed: idle != 0) }
        if let shares = cpu.shares, shares != 0, cpu.idle != 1 { try set("cpu", "cpu.shares", "\(shares)") }
        var bandwidth: [HostFile.Setting] = []
        if let period = cpu.period, period != 0 {
            bandwidth.append(.init(file: "cpu.cfs_period_us", value: "\(period)"))
        }
        if let quota = cpu.quota, quota != 0 {
            bandwidth.append(.init(file: "cpu.cfs_quota_us", value: "\(quota)", needed: quota > 0))
        }
        if let burst = cpu.burst {
            bandwidth.append(.init(file: "cpu.cfs_burst_us", value: "\(burst)", needed: burst > 0))
        }
        if let period = cpu.realtimePeriod, period != 0 {
            bandwidth.append(.init(file: "cpu.rt_period_us", value: "\(period)"))
        }
        if let runtime = cpu.realtimeRuntime, runtime != 0 {
            bandwidth.append(.init(file: "cpu.rt_runtime_us", value: "\(runtime)"))
        }
        // What is valid depends on the others as they are now.
        try HostFile.inAnyOrder(bandwidth) { setting throws(CgroupError) in
            try set("cpu", setting.file, setting.value, needed: setting.needed)
        }
        guard cpu.cpus?.isEmpty == false || cpu.mems?.isEmpty == false else { return }
        try enter("cpuset")
        if let cpus = cpu.cpus, !cpus.isEmpty { try set("cpuset", "cpuset.cpus", cpus) }
        if let nodes = cpu.mems, !nodes.isEmpty { try set("cpuset", "cpuset.mems", nodes) }
    }

    private func apply(_ block: RuntimeSpec.BlockIO) throws(CgroupError) {
        if block.leafWeight ?? 0 != 0 {
            throw CgroupError("linux.resources.blockIO.leafWeight is not supported (the kernel has given it up)")
        }
        let bfq = HostFile.exists("\(root)/blkio\(path)/blkio.bfq.weight")
        let name = bfq ? "blkio.bfq.weight" : "blkio.weight"
        if let weight = block.weight, weight != 0 { try set("blkio", name, "\(weight)") }
        for device in block.weightDevice ?? [] {
            if device.leafWeight ?? 0 != 0 {
                throw CgroupError(
                    "linux.resources.blockIO.weightDevice.leafWeight is not supported (the kernel has given it up)")
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
            try enter("net_cls")
            try set("net_cls", "net_cls.classid", "\(classID)")
        }
        for priority in network.priorities ?? [] {
            try enter("net_prio")
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
