// SPDX-License-Identifier: Apache-2.0

extension CgroupV1 {
    package func statistics() -> CgroupStatistics {
        var result = CgroupStatistics()
        let file = { (controller: String) in StatisticsFile(directory: "\(self.root)/\(controller)\(self.path)") }
        result.cpu = cpu(file("cpuacct"), file("cpu"))
        result.cpuset = cpuset(file("cpuset"))
        result.memory = memory(file("memory"))
        let pids = file("pids")
        let limit = pids.number("pids.max") ?? 0
        result.pids = .init(current: pids.number("pids.current")?.nonzero, limit: limit == .max ? nil : limit.nonzero)
        let blkio = file("blkio")
        result.blkio = .init(
            ioServiceBytesRecursive: entries(
                blkio, ["blkio.bfq.io_service_bytes_recursive", "blkio.throttle.io_service_bytes_recursive"]),
            ioServicedRecursive: entries(
                blkio, ["blkio.bfq.io_serviced_recursive", "blkio.throttle.io_serviced_recursive"]))
        let hugetlb = file("hugetlb")
        for size in hugetlb.pageSizes(".limit_in_bytes") {
            result.hugetlb[size] = .init(
                usage: hugetlb.number("hugetlb.\(size).usage_in_bytes")?.nonzero,
                max: hugetlb.number("hugetlb.\(size).max_usage_in_bytes")?.nonzero,
                failcnt: hugetlb.number("hugetlb.\(size).failcnt") ?? 0)
        }
        return result
    }

    private func cpu(_ account: StatisticsFile, _ cpu: StatisticsFile) -> CgroupStatistics.CPU {
        var result = CgroupStatistics.CPU()
        result.usage.total = account.number("cpuacct.usage") ?? 0
        // In clock ticks, of which Linux has 100 a second on every machine Swift runs on.
        let times = account.table("cpuacct.stat")
        result.usage.user = (times["user"] ?? 0) &* 10_000_000
        result.usage.kernel = (times["system"] ?? 0) &* 10_000_000
        result.usage.percpu = account.words("cpuacct.usage_percpu").compactMap { UInt64($0) }
        // cpu user system
        let rows = account.lines("cpuacct.usage_all").dropFirst().map { $0.split(separator: " ") }.filter {
            $0.count == 3
        }
        result.usage.percpuUser = rows.compactMap { UInt64($0[1]) }
        result.usage.percpuKernel = rows.compactMap { UInt64($0[2]) }
        let throttling = cpu.table("cpu.stat")
        result.throttling = .init(
            periods: throttling["nr_periods"]?.nonzero, throttledPeriods: throttling["nr_throttled"]?.nonzero,
            throttledTime: throttling["throttled_time"]?.nonzero)
        return result
    }

    private func cpuset(_ file: StatisticsFile) -> CgroupStatistics.CPUSet {
        var result = CgroupStatistics.CPUSet()
        result.cpus = file.list("cpuset.cpus")
        result.mems = file.list("cpuset.mems")
        result.exclusiveCPUs = file.number("cpuset.cpu_exclusive") ?? 0
        result.exclusiveNodes = file.number("cpuset.mem_exclusive") ?? 0
        result.hardwall = file.number("cpuset.mem_hardwall") ?? 0
        result.migrate = file.number("cpuset.memory_migrate") ?? 0
        result.spreadPage = file.number("cpuset.memory_spread_page") ?? 0
        result.spreadSlab = file.number("cpuset.memory_spread_slab") ?? 0
        result.pressure = file.number("cpuset.memory_pressure") ?? 0
        result.loadBalance = file.number("cpuset.sched_load_balance") ?? 0
        result.relaxDomainLevel = file.words("cpuset.sched_relax_domain_level").first.flatMap { Int64($0) } ?? 0
        return result
    }

    private func memory(_ file: StatisticsFile) -> CgroupStatistics.Memory {
        let usage = { (name: String) in
            CgroupStatistics.Usage(
                limit: file.number("memory.\(name)limit_in_bytes") ?? 0,
                usage: file.number("memory.\(name)usage_in_bytes")?.nonzero,
                max: file.number("memory.\(name)max_usage_in_bytes")?.nonzero,
                failcnt: file.number("memory.\(name)failcnt") ?? 0)
        }
        let raw = file.table("memory.stat")
        return .init(
            cache: raw["cache"]?.nonzero, usage: usage(""), swap: usage("memsw."), kernel: usage("kmem."),
            kernelTCP: usage("kmem.tcp."), raw: raw)
    }

    /// `8:0 Read 4096` lines of the first file that has any; `Total` lines have no device.
    private func entries(_ file: StatisticsFile, _ names: [String]) -> [CgroupStatistics.BlockIOEntry]? {
        for name in names {
            let entries = file.lines(name).compactMap { line -> CgroupStatistics.BlockIOEntry? in
                let fields = line.split { $0 == " " || $0 == ":" }
                guard fields.count == 4, let major = UInt64(fields[0]), let minor = UInt64(fields[1]),
                    let value = UInt64(fields[3])
                else { return nil }
                return .init(
                    major: major.nonzero, minor: minor.nonzero, op: String(fields[2]), value: value.nonzero)
            }
            if !entries.isEmpty { return entries }
        }
        return nil
    }
}
