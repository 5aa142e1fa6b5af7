// SPDX-License-Identifier: Apache-2.0

internal import JSON
internal import Linux
internal import OCI
internal import OCIRuntime

/// `update ID`: changes the limits of a container that exists. What is not named stays as it is.
enum Update {
    static let command = Command(
        "update", "ID", "change the limits of a container",
        flags: [
            .init(name: "resources", short: "r", about: "a file with limits as in config.json; -: standard input"),
            .init(name: "blkio-weight", about: "from 10 to 1000"),
            .init(name: "cpu-period", about: "microseconds"),
            .init(name: "cpu-quota", about: "microseconds of CPU time in each period"),
            .init(name: "cpu-burst", about: "microseconds that may be saved up"),
            .init(name: "cpu-share", about: "the weight, beside other containers"),
            .init(name: "cpu-rt-period", about: "microseconds, for real-time tasks"),
            .init(name: "cpu-rt-runtime", about: "microseconds of CPU time in each of these"),
            .init(name: "cpu-idle", about: "1: only run when nothing else wants to"),
            .init(name: "cpuset-cpus", about: "the CPUs to use: 0-2,4"),
            .init(name: "cpuset-mems", about: "the memory nodes to use"),
            .init(name: "memory", about: "bytes, or with a unit (k, m, g); -1: no limit"),
            .init(name: "memory-reservation", about: "bytes that are kept for the container"),
            .init(name: "memory-swap", about: "bytes of memory and swap together; -1: no limit"),
            .init(name: "pids-limit", about: "how many tasks there may be; -1: no limit"),
            .init(name: "kernel-memory", refused: "the kernel has given it up"),
            .init(name: "kernel-memory-tcp", refused: "the kernel has given it up"),
            .init(name: "l3-cache-schema", refused: "there is no driver for Intel RDT"),
            .init(name: "mem-bw-schema", refused: "there is no driver for Intel RDT"),
        ], run: run)

    private static func run(_ context: RuntimeCommand.Context, _ options: Options) throws(RuntimeError) -> Int32 {
        let id = try options.containerID("update")
        let record = try context.store.load(id)
        var resources: RuntimeSpec.Resources
        if let path = options["resources"] {
            resources = try read(path)
        } else {
            resources = try self.resources(options)
        }
        // As runc has it: what a container may open is not changed under its feet.
        resources.devices = nil
        guard try context.store.status(record) != .stopped else {
            throw RuntimeError(.invalid, "container not running")
        }
        try Container.update(resources, cgroup: record.place)
        return 0
    }

    private static func read(_ path: String) throws(RuntimeError) -> RuntimeSpec.Resources {
        let bytes = try StateStore.read(path == "-" ? "/dev/stdin" : path)
        do throws(JSONError) { return try JSON.read(RuntimeSpec.Resources.self, from: bytes) } catch {
            throw RuntimeError(.invalid, "\(path): \(error)")
        }
    }

    private static func resources(_ options: Options) throws(RuntimeError) -> RuntimeSpec.Resources {
        var resources = RuntimeSpec.Resources()
        var cpu = RuntimeSpec.CPU()
        cpu.shares = try options.number("cpu-share")
        cpu.quota = try options.number("cpu-quota")
        cpu.period = try options.number("cpu-period")
        cpu.burst = try options.number("cpu-burst")
        cpu.realtimeRuntime = try options.number("cpu-rt-runtime")
        cpu.realtimePeriod = try options.number("cpu-rt-period")
        cpu.idle = try options.number("cpu-idle")
        cpu.cpus = options["cpuset-cpus"]
        cpu.mems = options["cpuset-mems"]
        if cpu != .init() { resources.cpu = cpu }
        var memory = RuntimeSpec.Memory()
        memory.limit = try bytes(options, "memory")
        memory.reservation = try bytes(options, "memory-reservation")
        memory.swap = try bytes(options, "memory-swap")
        if memory != .init() { resources.memory = memory }
        if let limit = try options.number("pids-limit", Int64.self), limit != 0 { resources.pids = .init(limit: limit) }
        if let weight = try options.number("blkio-weight", UInt16.self), weight != 0 {
            var block = RuntimeSpec.BlockIO()
            block.weight = weight
            resources.blockIO = block
        }
        return resources
    }

    /// `100m`, in powers of two, with or without a `b` at its end.
    static func bytes(_ options: Options, _ name: String) throws(RuntimeError) -> Int64? {
        guard let text = options[name] else { return nil }
        if text == "-1" { return -1 }
        var digits = text.lowercased()[...]
        if digits.hasSuffix("ib") {
            digits = digits.dropLast(2)
        } else if digits.hasSuffix("b") {
            digits = digits.dropLast()
        }
        let shift: [Character: Int64] = ["k": 10, "m": 20, "g": 30, "t": 40, "p": 50]
        var scale: Int64 = 1
        if let unit = digits.last, let bits = shift[unit] {
            scale = 1 << bits
            digits = digits.dropLast()
        }
        guard let number = Int64(digits), number >= 0,
            case let (value, overflow) = number.multipliedReportingOverflow(by: scale),
            !overflow
        else { throw RuntimeError(.invalid, "invalid value for \(name): invalid size: '\(text)'") }
        return value
    }
}
