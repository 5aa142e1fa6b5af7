// SPDX-License-Identifier: Apache-2.0

extension CgroupV2 {
    package func statistics() -> CgroupStatistics {
        var result = CgroupStatistics()
        let file = StatisticsFile(directory: directory)
        let cpu = file.table("cpu.stat")
        let nanoseconds = { (key: String) in (cpu[key] ?? 0) &* 1000 }
        result.cpu.usage = .init(
            total: nanoseconds("usage_usec"), kernel: nanoseconds("system_usec"), user: nanoseconds("user_usec"))
        result.cpu.throttling = .init(
            periods: cpu["nr_periods"]?.nonzero, throttledPeriods: cpu["nr_throttled"]?.nonzero,
            throttledTime: nanoseconds("throttled_usec").nonzero)
        result.cpuset.cpus = file.list("cpuset.cpus.effective")
        result.cpuset.mems = file.list("cpuset.mems.effective")
        result.memory = memory(file)
        let limit = file.number("pids.max") ?? 0
        result.pids = .init(current: file.number("pids.current")?.nonzero, limit: limit == .max ? nil : limit.nonzero)
        result.blkio = blockIO(file)
        for size in file.pageSizes(".current") {
            result.hugetlb[size] = .init(
                usage: file.number("hugetlb.\(size).current")?.nonzero,
                failcnt: file.table("hugetlb.\(size).events")["max"] ?? 0)
        }
        return result
    }

    private func memory(_ file: StatisticsFile) -> CgroupStatistics.Memory {
        let raw = file.table("memory.stat")
        let events = file.table("memory.events")
        let usage = CgroupStatistics.Usage(
            limit: file.number("memory.max") ?? 0, usage: file.number("memory.current")?.nonzero,
            max: file.number("memory.peak")?.nonzero, failcnt: events["max"] ?? 0)
        // As in v1, where it is the sum of memory and swap.
        let swapLimit = file.number("memory.swap.max") ?? 0
        let sum = { (memory: UInt64, swap: UInt64) in
            let (value, overflow) = memory.addingReportingOverflow(swap)
            return overflow ? UInt64.max : value
        }
        let swap = CgroupStatistics.Usage(
            limit: sum(usage.limit ?? 0, swapLimit),
            usage: sum(usage.usage ?? 0, file.number("memory.swap.current") ?? 0).nonzero,
            failcnt: file.table("memory.swap.events")["max"] ?? 0)
        return .init(cache: raw["file"]?.nonzero, usage: usage, swap: swap, raw: raw)
    }

    /// `8:0 rbytes=1 wbytes=2 rios=3 wios=4 …`
    private func blockIO(_ file: StatisticsFile) -> CgroupStatistics.BlockIO {
        var result = CgroupStatistics.BlockIO()
        for line in file.lines("io.stat") {
            let fields = line.split(separator: " ")
            let numbers = fields.first?.split(separator: ":").compactMap { UInt64($0) } ?? []
            guard numbers.count == 2 else { continue }
            for field in fields.dropFirst() {
                let parts = field.split(separator: "=")
                guard parts.count == 2, let value = UInt64(parts[1]) else { continue }
                let entry = { (op: String) in
                    CgroupStatistics.BlockIOEntry(
                        major: numbers[0].nonzero, minor: numbers[1].nonzero, op: op, value: value.nonzero)
                }
                switch parts[0] {
                case "rbytes": result.ioServiceBytesRecursive = (result.ioServiceBytesRecursive ?? []) + [entry("Read")]
                case "wbytes":
                    result.ioServiceBytesRecursive = (result.ioServiceBytesRecursive ?? []) + [entry("Write")]
                case "rios": result.ioServicedRecursive = (result.ioServicedRecursive ?? []) + [entry("Read")]
                case "wios": result.ioServicedRecursive = (result.ioServicedRecursive ?? []) + [entry("Write")]
                default: break
                }
            }
        }
        return result
    }
}
