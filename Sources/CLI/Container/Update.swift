// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import CommandLine
internal import EngineAPI

/// `update`: changes the limits of containers, and when they are started again.
enum ContainerUpdate {
    static func run(_ session: Session) throws -> Int32 {
        let flags = session.flags
        guard !flags.names.isEmpty else {
            throw Failure("you must provide one or more flags when using this command")
        }
        let request = try request(flags)
        let client = try session.client()
        var warnings: [String] = []
        var failures: [String] = []
        for name in session.arguments {
            do {
                warnings += try client.updateContainer(name, request).warnings ?? []
                session.console.print(name)
            } catch { failures.append(Failure.text(of: error)) }
        }
        if !warnings.isEmpty { session.console.print(warnings.joined(separator: "\n")) }
        guard failures.isEmpty else { throw Failure(failures.joined(separator: "\n")) }
        return 0
    }

    private static func request(_ flags: FlagValues) throws -> ContainerUpdateRequest {
        var request = ContainerUpdateRequest()
        request.restartPolicy = try HostFlags.restartPolicy(flags.text("restart"))
        request.blkioWeight = UInt16(clamping: flags.int("blkio-weight") ?? 0)
        request.cpuPeriod = Int64(flags.int("cpu-period") ?? 0)
        request.cpuQuota = Int64(flags.int("cpu-quota") ?? 0)
        request.cpuRealtimePeriod = Int64(flags.int("cpu-rt-period") ?? 0)
        request.cpuRealtimeRuntime = Int64(flags.int("cpu-rt-runtime") ?? 0)
        request.cpuShares = Int64(flags.int("cpu-shares") ?? 0)
        if let cpus = flags.string("cpus") { request.nanoCpus = try Units.nanoCPUs(cpus) }
        request.cpusetCpus = flags.text("cpuset-cpus")
        request.cpusetMems = flags.text("cpuset-mems")
        if let memory = flags.string("memory") { request.memory = try Units.bytes(memory) }
        if let memory = flags.string("memory-reservation") { request.memoryReservation = try Units.bytes(memory) }
        switch flags.string("memory-swap") {
        case nil: break
        case "-1": request.memorySwap = -1
        case .some(let swap): request.memorySwap = try Units.bytes(swap)
        }
        if let limit = flags.int("pids-limit"), limit != 0 { request.pidsLimit = Int64(limit) }
        return request
    }
}
