// SPDX-License-Identifier: Apache-2.0

internal import Cgroups
internal import Glibc
internal import Linux
package import OCI

extension Container {
    /// Starts a further process in the container and waits until it executes its program.
    ///
    /// It gets the container's namespaces, cgroup and system call filter, and the identity that `process` says.
    /// `preservedDescriptors`: as in `ContainerRequest`. `subgroups`: as in `Cgroup.entrance`.
    package func exec(
        _ process: RuntimeSpec.Process, streams: ProcessStreams, filterCache: String? = nil,
        preservedDescriptors: UInt32 = 0, subgroups: [String] = []
    ) throws(RuntimeError) -> StartedProcess {
        try ContainerPlan.check(process)
        let available = try step("reading capabilities") { () throws(Errno) in try CurrentProcess.capabilities() }
        let namespaces = try NamespacePlan(specification.spec.linux?.namespaces ?? [])
        let credentials = try Credentials(
            process, available: available.permitted, inUserNamespace: namespaces.own(.user))
        let cache = FilterCache(directory: filterCache)
        let filter = try specification.seccomp.map { section throws(RuntimeError) in try cache.filter(for: section) }
        let entrance = try cgroup.map { cgroup throws(RuntimeError) in
            try cgroupStep { () throws(CgroupError) in
                try cgroup.entrance(beside: self.process.pid, subgroups: subgroups)
            }
        }
        if let mapping = try UserMapping(
            specification.spec.linux?.uidMappings, specification.spec.linux?.gidMappings, "linux")
        {
            streams.giveTo(UserMapping.host(credentials.uid, mapping.uids))
        }
        let link = try Link()
        let entry = Entry(
            id: id, process: process, namespaces: namespaces, credentials: credentials, filter: filter,
            streams: streams, attributes: try TaskAttributes(process, specification.spec.linux),
            affinity: try EntryAffinity(process.execCPUAffinity), host: try HostFiles(),
            entrance: entrance, preservedDescriptors: preservedDescriptors, runtime: try link.takeTheirs())
        guard let child = try fork(entry, link) else { throw RuntimeError(.system, "unreachable") }
        var started = child.take()
        started.warnings = credentials.warnings
        do throws(RuntimeError) {
            while var packet = try link.receive() {
                switch packet.bytes.first.flatMap(Report.init(rawValue:)) {
                case .terminal: started.terminal = packet.descriptor.take()
                case .listener:
                    guard let listener = packet.descriptor.take() else { break }
                    try SeccompAgent(specification.seccomp).send(listener, pid: started.pid, state(.running))
                case .failed: throw RuntimeError(report: packet.bytes)
                default: throw RuntimeError(.system, "unknown report from the process")
                }
            }
            return started
        } catch {
            try? started.pidfd.signalProcess(SIGKILL)
            _ = try? started.pidfd.waitForProcess()
            throw error
        }
    }

    private func fork(_ entry: Entry, _ link: Link) throws(RuntimeError) -> Child? {
        let container = SharedDescriptor(
            try step("container \(id)") { () throws(Errno) in try process.pidfd.duplicate() })
        if entry.namespaces.own(.user) {
            let child = try Stage.fork(namespaces: [], into: entry.entrance?.directory) { () throws(RuntimeError) in
                link.closeOurs()
                try entry.prepare()
                try NamespaceEntry.enter(entry.namespaces.entered.union([.user, .pid]), of: container)
            } child: {
                entry.run(container: nil)
            }
            entry.closeInParent()
            return child
        }
        return try InPidNamespace.run(process.pidfd) { () throws(RuntimeError) in
            let result = try step("forking") { () throws(Errno) in try forkChild(cgroup: entry.entrance?.directory) }
            switch consume result {
            case .child:
                link.closeOurs()
                entry.run(container: container)
                return nil
            case .parent(let pid, let pidfd):
                entry.closeInParent()
                return Child(StartedProcess(pid: pid, pidfd: pidfd))
            }
        }
    }
}

/// The child's way into a container that runs: `Init` for `exec`.
private final class Entry {
    private let id: String
    private let process: RuntimeSpec.Process
    let namespaces: NamespacePlan
    private let credentials: Credentials
    private let filter: SystemCallFilter?
    private let streams: ProcessStreams
    private let attributes: TaskAttributes
    private let affinity: EntryAffinity
    private let host: HostFiles
    let entrance: CgroupEntrance?
    private let preservedDescriptors: UInt32
    private var runtime: FileDescriptor?

    init(
        id: String, process: RuntimeSpec.Process, namespaces: NamespacePlan, credentials: Credentials,
        filter: SystemCallFilter?, streams: ProcessStreams, attributes: TaskAttributes, affinity: EntryAffinity,
        host: HostFiles, entrance: CgroupEntrance?, preservedDescriptors: UInt32, runtime: consuming FileDescriptor
    ) {
        self.attributes = attributes
        self.affinity = affinity
        self.id = id
        self.process = process
        self.namespaces = namespaces
        self.credentials = credentials
        self.filter = filter
        self.streams = streams
        self.host = host
        self.entrance = entrance
        self.preservedDescriptors = preservedDescriptors
        self.runtime = consume runtime
    }

    func closeInParent() { runtime = nil }

    /// Does not come back. (Not `Never`: the compiler then warns of the clean-up it put after the call.)
    /// `container`: its pidfd; nil: a stage has gone ahead, and is where `prepare` was called.
    func run(container: SharedDescriptor?) {
        do throws(RuntimeError) {
            let program = try enter(container)
            // The runtime's socket closes on execve(2): that tells it of success.
            let failure = try program.tryToExecute()
            let code: RuntimeError.Code = failure.code == .noEntry ? .notFound : .notExecutable
            throw RuntimeError(code, "exec \(program.path): \(failure.code)")
        } catch {
            runtime?.report(error)
            exitNow(1)
        }
    }

    /// What is done before the container's namespaces are entered: afterwards /proc is the container's (rule R5), and
    /// its cgroup namespace hides the way.
    func prepare() throws(RuntimeError) {
        // BEFORE the container's processes can see this one: they may not trace it, nor look through its descriptors.
        try step("exec") { () throws(Errno) in try CurrentProcess.setDumpable(false) }
        CurrentProcess.resetSignals()
        try EntryAffinity.set(affinity.initial, "initial")
        if let entrance { try cgroupStep { () throws(CgroupError) in try entrance.enter() } }
        if let adjustment = process.oomScoreAdj { try host.writeOwn("oom_score_adj", "\(adjustment)") }
        try SecurityLabels.apply(process, host)
        // AFTER the cgroup: entering one sets this anew.
        try EntryAffinity.set(affinity.final, "final")
    }

    private func enter(_ container: SharedDescriptor?) throws(RuntimeError) -> PreparedProgram {
        // BEFORE anything else: a change of user undoes the two steps that follow.
        if container == nil { try Credentials.becomeRoot() }
        try step("exec") { () throws(Errno) in
            try CurrentProcess.setParentDeathSignal(SIGKILL)
            try CurrentProcess.setDumpable(false)
        }
        if container != nil { try prepare() }
        try step("joining the container's namespaces") { () throws(Errno) in
            try CurrentProcess.newSession()
            try CurrentProcess.joinSessionKeyring("_ses.\(id)")
            try container?.descriptor.enterNamespaces(namespaces.entered)
        }
        try ResourceLimits.apply(process.rlimits ?? [])
        let terminal = try openTerminal()
        try WorkingDirectory.enter(process.cwd)
        try streams.install(terminal: terminal, uid: credentials.uid)
        let program = try ProcessSetup.finish(
            process, credentials: credentials, filter: filter, attributes: attributes,
            handOver: { (listener) throws(RuntimeError) in
                try step("handing over the seccomp listener") { () throws(Errno) in
                    try runtime?.sendPacket([Report.listener.rawValue], descriptor: listener)
                }
            }, preservedDescriptors: preservedDescriptors)
        try step("exec") { () throws(Errno) in try CurrentProcess.setParentDeathSignal(0) }
        return program
    }

    /// On the container's devpts, which must be one: the container could have put anything at /dev/pts.
    private func openTerminal() throws(RuntimeError) -> TerminalPair? {
        guard streams.isTerminal else { return nil }
        let devpts = try step("opening /dev/pts") { () throws(Errno) in
            try FileDescriptor.open("/", O_PATH | O_DIRECTORY).openInRoot("/dev/pts", O_PATH | O_DIRECTORY)
        }
        let type = try step("checking /dev/pts") { () throws(Errno) in try devpts.filesystemType() }
        guard type == 0x1cd1 else { throw RuntimeError(.invalid, "/dev/pts is not a devpts") }
        let pair = try Terminal.open(devpts, size: process.consoleSize)
        try step("handing over the terminal") { () throws(Errno) in
            try runtime?.sendPacket([Report.terminal.rawValue], descriptor: pair.master)
        }
        return pair
    }
}
