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
        let credentials = try Credentials(process, available: available.permitted)
        let cache = FilterCache(directory: filterCache)
        let filter = try specification.seccomp.map { section throws(RuntimeError) in try cache.filter(for: section) }
        let entrance = try cgroup.map { cgroup throws(RuntimeError) in
            try cgroupStep { () throws(CgroupError) in
                try cgroup.entrance(beside: self.process.pid, subgroups: subgroups)
            }
        }
        let link = try Link()
        let entry = Entry(
            id: id, process: process, credentials: credentials, filter: filter, streams: streams,
            personality: try ContainerPlan.personality(specification.spec.linux), host: try HostFiles(),
            entrance: entrance, preservedDescriptors: preservedDescriptors, runtime: try link.takeTheirs())
        guard let child = try fork(entry, link) else { throw RuntimeError(.system, "unreachable") }
        var started = child.take()
        do throws(RuntimeError) {
            while var packet = try link.receive() {
                switch packet.bytes.first.flatMap(Report.init(rawValue:)) {
                case .terminal: started.terminal = packet.descriptor.take()
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
        try InPidNamespace.run(process.pidfd) { () throws(RuntimeError) in
            let result = try step("forking") { () throws(Errno) in try forkChild(cgroup: entry.entrance?.directory) }
            switch consume result {
            case .child:
                link.closeOurs()
                entry.run(container: process.pidfd)
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
    private let credentials: Credentials
    private let filter: SystemCallFilter?
    private let streams: ProcessStreams
    private let personality: UInt?
    private let host: HostFiles
    let entrance: CgroupEntrance?
    private let preservedDescriptors: UInt32
    private var runtime: FileDescriptor?

    init(
        id: String, process: RuntimeSpec.Process, credentials: Credentials, filter: SystemCallFilter?,
        streams: ProcessStreams, personality: UInt?, host: HostFiles, entrance: CgroupEntrance?,
        preservedDescriptors: UInt32, runtime: consuming FileDescriptor
    ) {
        self.personality = personality
        self.id = id
        self.process = process
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
    func run(container: borrowing FileDescriptor) {
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

    private func enter(_ container: borrowing FileDescriptor) throws(RuntimeError) -> PreparedProgram {
        try step("exec") { () throws(Errno) in
            try CurrentProcess.setParentDeathSignal(SIGKILL)
            // BEFORE the container's processes can see this one: they may not trace it, nor look through its descriptors.
            try CurrentProcess.setDumpable(false)
        }
        CurrentProcess.resetSignals()
        // BEFORE joining: afterwards /proc is the container's (rule R5), and its cgroup namespace hides the way.
        if let entrance { try cgroupStep { () throws(CgroupError) in try entrance.enter() } }
        if let adjustment = process.oomScoreAdj { try host.writeOwn("oom_score_adj", "\(adjustment)") }
        if let profile = process.apparmorProfile, !profile.isEmpty {
            try host.writeOwn("attr/apparmor/exec", "exec \(profile)")
        }
        try step("joining the container's namespaces") { () throws(Errno) in
            try CurrentProcess.newSession()
            try CurrentProcess.joinSessionKeyring("_ses.\(id)")
            try container.enterNamespaces([.mount, .ipc, .uts, .network, .cgroup])
        }
        try ResourceLimits.apply(process.rlimits ?? [])
        let terminal = try openTerminal()
        try WorkingDirectory.enter(process.cwd)
        try streams.install(terminal: terminal, uid: credentials.uid)
        let program = try ProcessSetup.finish(
            process, credentials: credentials, filter: filter, personality: personality,
            preservedDescriptors: preservedDescriptors)
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
