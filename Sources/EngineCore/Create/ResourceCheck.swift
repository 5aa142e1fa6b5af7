// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI

/// The checks of a container's limits, with Docker's texts, for `create` and `update` alike.
///
/// What this host's control groups can't do is taken out of the configuration, and the user is told of it: Docker warns
/// and goes on.
enum ResourceCheck {
    /// Returns the warnings. `processors`: how many there are.
    static func run(
        _ host: inout HostConfig, on support: CgroupSupport, processors: Int, update: Bool = false
    ) throws(EngineError) -> [String] {
        var warnings = try memory(&host, support, update)
        try cpu(host, processors: processors)
        warnings += try cpuset(&host, support)
        warnings += try blockIO(&host, support)
        return warnings
    }

    private static func invalid(_ text: String) -> EngineError { EngineError(.invalidParameter, text) }

    private static func memory(
        _ host: inout HostConfig, _ support: CgroupSupport, _ update: Bool
    ) throws(EngineError) -> [String] {
        let least = SecurityDefaults.minimumMemory
        if host.memory != 0, host.memory < least { throw invalid("Minimum memory limit allowed is 6MB") }
        if host.memory > 0, host.memorySwap > 0, host.memorySwap < host.memory {
            throw invalid("Minimum memoryswap limit should be larger than memory limit, see usage")
        }
        if host.memory == 0, host.memorySwap > 0, !update {
            throw invalid("You should always set the Memory limit when using Memoryswap limit, see usage")
        }
        var warnings = try swappiness(&host, support)
        if host.memoryReservation > 0, host.memoryReservation < least {
            throw invalid("Minimum memory reservation allowed is 6MB")
        }
        if host.memory > 0, host.memoryReservation > 0, host.memory < host.memoryReservation {
            throw invalid("Minimum memory limit can not be less than memory reservation limit, see usage")
        }
        if let kernel = host.kernelMemory, kernel > 0 {
            // Linux takes no such limit since 5.16.
            warnings.append(
                lacking("kernel memory limit capabilities or the cgroup is not mounted. Limitation discarded"))
            host.kernelMemory = nil
        }
        if host.kernelMemoryTCP ?? 0 != 0, !support.kernelTCP {
            warnings.append(
                lacking("kernel memory TCP limit capabilities or the cgroup is not mounted. Limitation discarded"))
            host.kernelMemoryTCP = nil
        }
        warnings += outOfMemory(&host, support)
        return warnings
    }

    private static func swappiness(
        _ host: inout HostConfig, _ support: CgroupSupport
    ) throws(EngineError) -> [String] {
        if host.memorySwappiness == -1 { host.memorySwappiness = nil }
        guard let value = host.memorySwappiness else { return [] }
        guard support.swappiness else {
            host.memorySwappiness = nil
            return [lacking("memory swappiness capabilities or the cgroup is not mounted. Memory swappiness discarded")]
        }
        guard (0...100).contains(value) else {
            throw invalid("Invalid value: \(value), valid memory swappiness range is 0-100")
        }
        return []
    }

    private static func outOfMemory(_ host: inout HostConfig, _ support: CgroupSupport) -> [String] {
        let wanted = host.oomKillDisable == true
        guard support.oomKillDisable else {
            host.oomKillDisable = nil
            return wanted ? [lacking("OomKillDisable. OomKillDisable discarded")] : []
        }
        guard wanted, host.memory == 0 else { return [] }
        return [
            "OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources."
        ]
    }

    private static func lacking(_ what: String) -> String { "Your kernel does not support \(what)." }

    private static func cpu(_ host: HostConfig, processors: Int) throws(EngineError) {
        if host.nanoCpus != 0 {
            if host.cpuPeriod > 0 { throw invalid("Conflicting options: Nano CPUs and CPU Period cannot both be set") }
            if host.cpuQuota > 0 { throw invalid("Conflicting options: Nano CPUs and CPU Quota cannot both be set") }
            guard host.nanoCpus >= 10_000_000, host.nanoCpus <= Int64(processors) * 1_000_000_000 else {
                throw invalid(
                    "range of CPUs is from 0.01 to \(processors).00, as there are only \(processors) CPUs available")
            }
        }
        if host.cpuShares < 0 {
            throw invalid("invalid CPU shares (\(host.cpuShares)): value must be a positive integer")
        }
        if host.cpuPeriod != 0, !(1000...1_000_000).contains(host.cpuPeriod) {
            throw invalid("CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)")
        }
        if host.cpuQuota > 0, host.cpuQuota < 1000 {
            throw invalid("CPU cfs quota can not be less than 1ms (i.e. 1000)")
        }
    }

    /// The real-time scheduler's part: before all else, as in Docker.
    static func realtime(_ host: HostConfig, _ support: CgroupSupport) throws(EngineError) {
        guard host.cpuRealtimePeriod != 0 || host.cpuRealtimeRuntime != 0 else { return }
        guard support.realtime else { throw invalid("kernel does not support CPU real-time scheduler") }
        guard host.cpuRealtimePeriod >= 0, host.cpuRealtimeRuntime >= -1 else {
            throw invalid("invalid CPU real-time period or runtime: it must be a positive integer")
        }
        if host.cpuRealtimePeriod != 0, host.cpuRealtimeRuntime > host.cpuRealtimePeriod {
            throw invalid("cpu real-time runtime cannot be higher than cpu real-time period")
        }
    }

    private static func cpuset(_ host: inout HostConfig, _ support: CgroupSupport) throws(EngineError) -> [String] {
        guard !host.cpusetCpus.isEmpty || !host.cpusetMems.isEmpty else { return [] }
        guard support.cpuset else {
            host.cpusetCpus = ""
            host.cpusetMems = ""
            return [lacking("cpuset or the cgroup is not mounted. Cpuset discarded")]
        }
        guard try numbers(host.cpusetCpus, "cpus").isSubset(of: support.processors) else {
            throw invalid(
                "Requested CPUs are not available - requested \(host.cpusetCpus), available: \(support.processorText)")
        }
        guard try numbers(host.cpusetMems, "mems").isSubset(of: support.memoryNodes) else {
            throw invalid(
                "Requested memory nodes are not available - requested \(host.cpusetMems), available: \(support.memoryNodeText)"
            )
        }
        return []
    }

    private static func numbers(_ text: String, _ kind: String) throws(EngineError) -> Set<Int> {
        do throws(NumberRanges.Problem) { return try NumberRanges.parse(text) } catch {
            throw invalid("Invalid value \(text) for cpuset \(kind): \(error.text)")
        }
    }

    private static func blockIO(_ host: inout HostConfig, _ support: CgroupSupport) throws(EngineError) -> [String] {
        var warnings: [String] = []
        if host.blkioWeight > 0, !support.blockWeight {
            warnings.append(lacking("Block I/O weight or the cgroup is not mounted. Weight discarded"))
            host.blkioWeight = 0
        }
        if host.blkioWeight > 0, !(10...1000).contains(host.blkioWeight) {
            throw invalid("Range of blkio weight is from 10 to 1000")
        }
        if !(host.blkioWeightDevice ?? []).isEmpty, !support.blockWeight {
            warnings.append(lacking("Block I/O weight_device or the cgroup is not mounted. Weight-device discarded"))
            host.blkioWeightDevice = []
        }
        for device in host.blkioWeightDevice ?? [] where !(device.weight == 0 || (10...1000).contains(device.weight)) {
            throw invalid("invalid weight for device: \(device.path):\(device.weight)")
        }
        guard !support.blockThrottle else { return warnings }
        let throttles: [(WritableKeyPath<HostConfig, [ThrottleDevice]?>, String)] = [
            (\.blkioDeviceReadBps, "BPS Block I/O read limit or the cgroup is not mounted. Block I/O BPS read limit"),
            (
                \.blkioDeviceWriteBps,
                "BPS Block I/O write limit or the cgroup is not mounted. Block I/O BPS write limit"
            ),
            (\.blkioDeviceReadIOps, "IOPS Block read limit or the cgroup is not mounted. Block I/O IOPS read limit"),
            (\.blkioDeviceWriteIOps, "IOPS Block write limit or the cgroup is not mounted. Block I/O IOPS write limit"),
        ]
        for (path, text) in throttles where !(host[keyPath: path] ?? []).isEmpty {
            warnings.append(lacking(text + " discarded"))
            host[keyPath: path] = []
        }
        return warnings
    }
}

/// `0-3,7` as the kernel writes lists of processors and memory nodes.
enum NumberRanges {
    struct Problem: Error { var text: String }

    private static let maximum = 8192

    static func parse(_ text: String) throws(Problem) -> Set<Int> {
        guard !text.isEmpty else { return [] }
        let invalid = Problem(text: "invalid format: \(text)")
        var result: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
            guard let first = number(ends[0]), let last = ends.count == 2 ? number(ends[1]) : first, first <= last
            else { throw invalid }
            guard last <= maximum else { throw Problem(text: "value of out range, maximum is \(maximum)") }
            result.formUnion(first...last)
        }
        return result
    }

    private static func number(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil
    }
}
