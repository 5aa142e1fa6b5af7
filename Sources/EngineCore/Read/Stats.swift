// SPDX-License-Identifier: Apache-2.0

internal import Cgroups
internal import EngineAPI
internal import JSON
internal import Linux

/// What containers use, from the host's cgroups and /proc (rule R6: nothing runs inside), whichever runtime they have.
enum Stats {
    /// One look. Of a container that does not run there is nothing but its name. Blocking.
    static func sample(_ record: ContainerRecord, _ services: Services) -> ContainerStats {
        var stats = identity(record)
        guard record.state.running, let group = try? CgroupAccess.group(record.id, services) else { return stats }
        let used = group.statistics()
        let processor = HostProcessor.read()
        // AFTER the look: what had ended by then has no numbers, and the process's id may be another's.
        guard services.table.entry(id: record.id)?.record.state.pid == record.state.pid else { return stats }
        let isV1 = used.cpu.usage.percpu != nil
        stats.read = .now
        stats.cpu = cpu(used.cpu, processor)
        stats.memory = memory(used.memory, isV1: isV1, machine: UInt64(max(0, services.host.memory)))
        stats.pids.current = used.pids.current
        stats.pids.limit = used.pids.limit
        stats.blockIO = blockIO(used.blkio, isV1: isV1)
        if record.hostConfig.networkMode != "host" { stats.networks = networks(record.state.pid) }
        return stats
    }

    private static func identity(_ record: ContainerRecord) -> ContainerStats {
        var stats = ContainerStats()
        stats.id = record.id
        stats.name = "/" + record.name
        stats.osType = "linux"
        return stats
    }

    private static func cpu(_ used: CgroupStatistics.CPU, _ processor: HostProcessor) -> CPUStats {
        var cpu = CPUStats()
        cpu.usage.total = used.usage.total
        cpu.usage.perCPU = used.usage.percpu
        cpu.usage.kernel = used.usage.kernel
        cpu.usage.user = used.usage.user
        cpu.system = processor.busyAndIdle
        cpu.onlineCPUs = processor.online
        cpu.throttling.periods = used.throttling.periods ?? 0
        cpu.throttling.throttledPeriods = used.throttling.throttledPeriods ?? 0
        cpu.throttling.throttledTime = used.throttling.throttledTime ?? 0
        return cpu
    }

    private static func memory(_ used: CgroupStatistics.Memory, isV1: Bool, machine: UInt64) -> MemoryStats {
        var memory = MemoryStats()
        memory.usage = used.usage.usage
        let limit = used.usage.limit ?? 0
        memory.limit = limit == 0 || limit > machine ? machine : limit
        memory.stats = isV1 ? used.raw.filter { classicNames.contains($0.key.withoutTotal) } : used.raw
        if isV1 {
            memory.maximum = used.usage.max
            memory.failures = used.usage.failcnt == 0 ? nil : used.usage.failcnt
        }
        return memory
    }

    /// What Docker shows of v1's memory.stat; each also with `total_` before it.
    private static let classicNames: Set<String> = [
        "cache", "rss", "rss_huge", "mapped_file", "dirty", "writeback", "pgpgin", "pgpgout", "pgfault", "pgmajfault",
        "inactive_anon", "active_anon", "inactive_file", "active_file", "unevictable", "hierarchical_memory_limit",
        "hierarchical_memsw_limit",
    ]

    private static func blockIO(_ used: CgroupStatistics.BlockIO, isV1: Bool) -> BlockIOStats {
        var stats = BlockIOStats()
        let entries = { (list: [CgroupStatistics.BlockIOEntry]?) in
            (list ?? []).map { entry in
                let op = entry.op ?? ""
                return BlockIOEntry(
                    major: entry.major ?? 0, minor: entry.minor ?? 0, op: isV1 ? op : op.lowercased(),
                    value: entry.value ?? 0)
            }
        }
        stats.bytes = entries(used.ioServiceBytesRecursive)
        guard isV1 else { return stats }
        stats.operations = entries(used.ioServicedRecursive)
        stats.queue = []
        stats.serviceTime = []
        stats.waitTime = []
        stats.merged = []
        stats.time = []
        stats.sectors = []
        return stats
    }

    /// The interfaces of the process's namespace but loopback; nil where there are none.
    private static func networks(_ pid: Int) -> [String: NetworkStats]? {
        guard let text = try? HostPath.read("/proc/\(pid)/net/dev") else { return nil }
        let networks = InterfaceCounters.parse(String(decoding: text, as: UTF8.self))
        return networks.isEmpty ? nil : networks
    }
}

/// /proc/PID/net/dev.
enum InterfaceCounters {
    static func parse(_ text: String) -> [String: NetworkStats] {
        var result: [String: NetworkStats] = [:]
        for line in text.split(separator: "\n") {
            // A name may have a colon of its own (an alias); the last one ends it.
            guard let colon = line.lastIndex(of: ":") else { continue }
            let name = line[..<colon].drop { $0 == " " }
            let numbers = line[line.index(after: colon)...].split(separator: " ").compactMap { UInt64($0) }
            guard numbers.count >= 16, name != "lo" else { continue }
            var stats = NetworkStats()
            (stats.rxBytes, stats.rxPackets, stats.rxErrors, stats.rxDropped) = (
                numbers[0], numbers[1], numbers[2], numbers[3]
            )
            (stats.txBytes, stats.txPackets, stats.txErrors, stats.txDropped) = (
                numbers[8], numbers[9], numbers[10], numbers[11]
            )
            result[String(name)] = stats
        }
        return result
    }
}

/// The machine's processors, of /proc/stat.
struct HostProcessor {
    /// Nanoseconds that all processors together have been there for.
    var busyAndIdle: UInt64 = 0
    var online = 0

    static func read() -> HostProcessor {
        guard let bytes = try? HostPath.read("/proc/stat") else { return HostProcessor() }
        return parse(String(decoding: bytes, as: UTF8.self))
    }

    static func parse(_ text: String) -> HostProcessor {
        var result = HostProcessor()
        for line in text.split(separator: "\n") where line.hasPrefix("cpu") {
            let fields = line.split(separator: " ")
            if fields[0] == "cpu" {
                // user, nice, system, idle, iowait, irq and softirq, in hundredths of a second.
                let ticks = fields.dropFirst().prefix(7).compactMap { UInt64($0) }.reduce(0, &+)
                result.busyAndIdle = ticks &* 10_000_000
            } else {
                result.online += 1
            }
        }
        return result
    }
}

/// One client's samples, a second apart, each with the processor time of the one before.
actor StatsSampler {
    private let id: String
    private let services: Services
    private var previous: ContainerStats?

    init(id: String, services: Services) {
        self.id = id
        self.services = services
    }

    /// The next sample, at once the first time; nil when the container has been removed.
    func next() async throws -> ContainerStats? {
        if previous != nil { try await Task.sleep(for: .seconds(1)) }
        guard let record = services.table.entry(id: id)?.record else { return nil }
        let services = services
        var stats = try await BlockingPool.shared.run(key: id) { Stats.sample(record, services) }
        if let previous {
            stats.previousRead = previous.read
            stats.previousCPU = previous.cpu
        }
        previous = stats
        return stats
    }
}

extension String {
    fileprivate var withoutTotal: String { hasPrefix("total_") ? String(dropFirst(6)) : self }
}
