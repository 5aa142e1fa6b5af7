// SPDX-License-Identifier: Apache-2.0

internal import Linux
internal import OCI

/// How a process is scheduled and what it is told of the machine: read from the specification before anything is made,
/// set right before privileges go.
struct TaskAttributes: Equatable {
    /// For personality(2); nil leaves the runtime's own.
    var personality: UInt?
    var scheduler: SchedulerAttributes?
    var ioPriority: (kind: Int32, level: Int32)?
    var memoryPolicy: (mode: Int32, nodes: BitMask)?

    init(_ process: RuntimeSpec.Process, _ linux: RuntimeSpec.Linux?) throws(RuntimeError) {
        personality = try TaskAttributes.personality(linux?.personality)
        scheduler = try process.scheduler.map(TaskAttributes.scheduler)
        ioPriority = try process.ioPriority.map(TaskAttributes.ioPriority)
        memoryPolicy = try linux?.memoryPolicy.flatMap(TaskAttributes.memoryPolicy)
    }

    /// In the process, AFTER it is in its cgroup, whose CPUs and memory nodes bound these; BEFORE its capabilities and
    /// its filter, which may not allow it.
    func apply() throws(RuntimeError) {
        if let personality {
            try step("setting linux.personality") { () throws(Errno) in try CurrentProcess.setPersonality(personality) }
        }
        if let memoryPolicy {
            try step("setting linux.memoryPolicy") { () throws(Errno) in
                try CurrentProcess.setMemoryPolicy(memoryPolicy.mode, nodes: memoryPolicy.nodes)
            }
        }
        if let scheduler {
            try step("setting process.scheduler") { () throws(Errno) in try CurrentProcess.setScheduler(scheduler) }
        }
        if let ioPriority {
            try step("setting process.ioPriority") { () throws(Errno) in
                try CurrentProcess.setIOPriority(class: ioPriority.kind, priority: ioPriority.level)
            }
        }
    }

    private static func personality(_ personality: RuntimeSpec.Personality?) throws(RuntimeError) -> UInt? {
        guard let personality else { return nil }
        if personality.flags?.isEmpty == false { throw ContainerPlan.unsupported("linux.personality.flags") }
        switch personality.domain {
        case "LINUX": return 0
        case "LINUX32": return 8
        default: throw ContainerPlan.unsupported("linux.personality.domain \"\(personality.domain)\"")
        }
    }

    private static let policies: [String: UInt32] = [
        "SCHED_OTHER": 0, "SCHED_FIFO": 1, "SCHED_RR": 2, "SCHED_BATCH": 3, "SCHED_ISO": 4, "SCHED_IDLE": 5,
        "SCHED_DEADLINE": 6,
    ]
    private static let schedulerFlags: [String: UInt64] = [
        "SCHED_FLAG_RESET_ON_FORK": 0x1, "SCHED_FLAG_RECLAIM": 0x2, "SCHED_FLAG_DL_OVERRUN": 0x4,
        "SCHED_FLAG_KEEP_POLICY": 0x8, "SCHED_FLAG_KEEP_PARAMS": 0x10, "SCHED_FLAG_UTIL_CLAMP_MIN": 0x20,
        "SCHED_FLAG_UTIL_CLAMP_MAX": 0x40,
    ]

    private static func scheduler(_ given: RuntimeSpec.Scheduler) throws(RuntimeError) -> SchedulerAttributes {
        let field = "process.scheduler"
        var result = SchedulerAttributes(policy: try choice(given.policy, policies, "\(field).policy"))
        for flag in given.flags ?? [] { result.flags |= try choice(flag, schedulerFlags, "\(field).flags") }
        result.nice = given.nice ?? 0
        guard (-20...19).contains(result.nice) else {
            throw RuntimeError(.invalid, "\(field).nice: \(result.nice) must be from -20 to 19")
        }
        let isRealTime = given.policy == "SCHED_FIFO" || given.policy == "SCHED_RR"
        let priority = given.priority ?? 0
        guard isRealTime ? (1...99).contains(priority) : priority == 0 else {
            throw RuntimeError(
                .invalid,
                "\(field).priority: \(priority) must be \(isRealTime ? "from 1 to 99" : "0") with \(given.policy)")
        }
        result.priority = UInt32(priority)
        (result.runtime, result.deadline, result.period) = (given.runtime ?? 0, given.deadline ?? 0, given.period ?? 0)
        let hasTimes = result.runtime != 0 || result.deadline != 0 || result.period != 0
        guard given.policy == "SCHED_DEADLINE" ? result.runtime != 0 : !hasTimes else {
            throw RuntimeError(
                .invalid, "\(field).runtime, deadline and period must be given with SCHED_DEADLINE, and only with it")
        }
        return result
    }

    private static func ioPriority(_ given: RuntimeSpec.IOPriority) throws(RuntimeError) -> (kind: Int32, level: Int32)
    {
        let classes = ["IOPRIO_CLASS_RT": Int32(1), "IOPRIO_CLASS_BE": 2, "IOPRIO_CLASS_IDLE": 3]
        let kind = try choice(given.class, classes, "process.ioPriority.class")
        let level = given.priority ?? 0
        guard (0...7).contains(level) else {
            throw RuntimeError(.invalid, "process.ioPriority.priority: \(level) must be from 0 to 7")
        }
        return (kind, Int32(level))
    }

    private static let memoryModes: [String: Int32] = [
        "MPOL_DEFAULT": 0, "MPOL_PREFERRED": 1, "MPOL_BIND": 2, "MPOL_INTERLEAVE": 3, "MPOL_LOCAL": 4,
        "MPOL_PREFERRED_MANY": 5, "MPOL_WEIGHTED_INTERLEAVE": 6,
    ]
    private static let memoryFlags: [String: Int32] = [
        "MPOL_F_NUMA_BALANCING": 1 << 13, "MPOL_F_RELATIVE_NODES": 1 << 14, "MPOL_F_STATIC_NODES": 1 << 15,
    ]

    private static func memoryPolicy(
        _ given: RuntimeSpec.MemoryPolicy
    ) throws(RuntimeError) -> (mode: Int32, nodes: BitMask)? {
        let field = "linux.memoryPolicy"
        // Without a mode there is no policy (the schema lets it be absent).
        guard let name = given.mode else {
            guard given.nodes == nil, given.flags == nil else {
                throw RuntimeError(.invalid, "\(field).mode is missing")
            }
            return nil
        }
        var mode = try choice(name, memoryModes, "\(field).mode")
        for flag in given.flags ?? [] { mode |= try choice(flag, memoryFlags, "\(field).flags") }
        let nodes = given.nodes ?? ""
        let wantsNone = name == "MPOL_DEFAULT" || name == "MPOL_LOCAL"
        if wantsNone, !nodes.isEmpty { throw RuntimeError(.invalid, "\(field).nodes must be empty with \(name)") }
        if nodes.isEmpty {
            guard wantsNone || name == "MPOL_PREFERRED" else {
                throw RuntimeError(.invalid, "\(field).nodes must name nodes with \(name)")
            }
            return (mode, BitMask())
        }
        return (mode, try NumberList.parse(nodes, "\(field).nodes"))
    }

    /// The value of one of the names that `field` may have.
    static func choice<T>(_ name: String, _ values: [String: T], _ field: String) throws(RuntimeError) -> T {
        guard let value = values[name] else {
            throw RuntimeError(
                .invalid, "\(field): \"\(name)\" must be one of \(values.keys.sorted().joined(separator: ", "))")
        }
        return value
    }

    static func == (a: TaskAttributes, b: TaskAttributes) -> Bool {
        a.personality == b.personality && a.scheduler == b.scheduler && a.ioPriority?.kind == b.ioPriority?.kind
            && a.ioPriority?.level == b.ioPriority?.level && a.memoryPolicy?.mode == b.memoryPolicy?.mode
            && a.memoryPolicy?.nodes == b.memoryPolicy?.nodes
    }
}

/// `process.execCPUAffinity`: where a process that enters the container may run, before and after it is in its cgroup.
struct EntryAffinity: Equatable {
    var initial: BitMask?
    var final: BitMask?

    init(_ given: RuntimeSpec.CPUAffinity?) throws(RuntimeError) {
        initial = try EntryAffinity.mask(given?.initial, "initial")
        final = try EntryAffinity.mask(given?.final, "final")
    }

    private static func mask(_ text: String?, _ member: String) throws(RuntimeError) -> BitMask? {
        guard let text, !text.isEmpty else { return nil }
        return try NumberList.parse(text, "process.execCPUAffinity.\(member)")
    }

    static func set(_ cpus: BitMask?, _ member: String) throws(RuntimeError) {
        guard let cpus else { return }
        try step("process.execCPUAffinity.\(member)") { () throws(Errno) in try CurrentProcess.setAffinity(cpus) }
    }
}
