// SPDX-License-Identifier: Apache-2.0

internal import Cgroups
internal import Glibc
internal import Linux
internal import OCI

/// The child's way from the fork to the container's program: one list of steps. Where order matters, a step says why.
///
/// It runs in the new namespaces as root, single-threaded, and ends in execve(2) or by telling the runtime why not.
final class Init {
    private let plan: InitPlan
    /// Opened in this mount namespace: the null device of another can't be mounted here.
    private let host: HostFiles
    private var mounter: Mounter?
    private var terminal: TerminalPair?
    private var isInCgroup = false

    private init(_ plan: InitPlan) throws(RuntimeError) {
        self.plan = plan
        host = try HostFiles()
    }

    /// Does not come back. (Not `Never`: the compiler then warns of the clean-up it put after the call.)
    static func run(_ plan: InitPlan) {
        do throws(RuntimeError) {
            let program = try Init(plan).steps()
            plan.runStartHooks()
            // Whatever goes wrong from here on is the program's own failure.
            program.execute(initProgram: plan.initProgram)
        } catch {
            plan.report(error)
            exitNow(1)
        }
    }

    private func steps() throws(RuntimeError) -> PreparedProgram {
        // FIRST: a runtime that is killed must not leave a half-made container behind.
        try step("init") { () throws(Linux.Errno) in try CurrentProcess.setParentDeathSignal(SIGKILL) }
        // BEFORE any process of the container's could look at this one.
        try step("init") { () throws(Linux.Errno) in try CurrentProcess.setDumpable(false) }
        CurrentProcess.resetSignals()
        CurrentProcess.setMask(0)
        try joinNamespaces()
        try step("init") { () throws(Linux.Errno) in
            try CurrentProcess.newSession()
            if plan.hasOwnKeyring { try CurrentProcess.joinSessionKeyring("_ses.\(plan.id)") }
        }
        try nameHost()
        // AFTER joining namespaces, as each of these files speaks of the reader's. BEFORE the root changes, while /proc
        // is the host's (rule R5).
        try Sysctls.apply(plan.plan.linux.sysctl ?? [:], proc: host.proc, namespaces: plan.plan.namespaces)
        try ownProcessFiles()
        try attachRoot()
        try runHooks()
        try attachMounts()
        try makeDevices()
        // AFTER devpts is mounted and /dev is there, BEFORE the root may become read-only.
        try openTerminal()
        // AFTER all mounts, which would lie on top. BEFORE the root changes, as its sources are the host's.
        try hidePaths()
        try enterCgroup()
        try changeRoot()
        // BEFORE capabilities are dropped: limits may be raised, and directories made, as root only.
        try ResourceLimits.apply(plan.plan.process.rlimits ?? [])
        try enterWorkingDirectory()
        try plan.streams.install(terminal: terminal, uid: plan.credentials.uid)
        let program = try ProcessSetup.finish(
            plan.plan.process, credentials: plan.credentials, filter: plan.filter, personality: plan.plan.personality,
            initProgram: plan.initProgram != nil, preservedDescriptors: plan.preservedDescriptors)
        try waitForStart()
        return program
    }

    private func joinNamespaces() throws(RuntimeError) {
        try step("joining namespaces") { () throws(Linux.Errno) in
            for namespace in plan.joined { try namespace.descriptor.enterNamespaces([]) }
        }
        if plan.plan.namespaces.made.contains(.network) {
            try step("bringing up the loopback interface") { () throws(Linux.Errno) in
                try NetworkInterface.bringUpLoopback()
            }
        }
    }

    private func nameHost() throws(RuntimeError) {
        try step("naming the host") { () throws(Linux.Errno) in
            if let name = plan.spec.hostname, !name.isEmpty { try CurrentProcess.setHostName(name) }
            if let name = plan.spec.domainname, !name.isEmpty { try CurrentProcess.setDomainName(name) }
        }
    }

    private func ownProcessFiles() throws(RuntimeError) {
        if let adjustment = plan.plan.process.oomScoreAdj {
            try host.writeOwn("oom_score_adj", "\(adjustment)")
        }
        if let profile = plan.plan.process.apparmorProfile, !profile.isEmpty {
            try host.writeOwn("attr/apparmor/exec", "exec \(profile)")
        }
    }

    /// The root mount, attached in this mount namespace, where nothing but this process sees it.
    private func attachRoot() throws(RuntimeError) {
        let propagation = try Init.rootPropagation(plan.plan.linux.rootfsPropagation)
        let tree = try plan.takeRoot()
        try step("attaching the root file system") { () throws(Linux.Errno) in
            // FIRST, or the host would get what is mounted from here on.
            try setPropagation(propagation, ofHostPath: "/")
            try tree.attachMount(onHostPath: "/")
            // A root that is shared can't be pivoted to.
            try tree.setMount(clear: [.noSetuid, .noDevices], propagation: .private, recursive: false)
        }
        mounter = Mounter(root: tree, bundle: plan.bundle, cgroup: plan.cgroup)
    }

    private static func rootPropagation(_ name: String?) throws(RuntimeError) -> Propagation {
        switch name ?? "" {
        case "", "slave", "rslave": return .slave
        case "private", "rprivate": return .private
        default: throw ContainerPlan.unsupported("linux.rootfsPropagation \"\(name ?? "")\"")
        }
    }

    /// createRuntime hooks run in the runtime, createContainer hooks here; both before the root changes.
    private func runHooks() throws(RuntimeError) {
        guard let hooks = plan.spec.hooks else { return }
        if hooks.createRuntime?.isEmpty == false {
            // BEFORE the hooks, which may look at the cgroup; and the runtime says so before it says to go on.
            try enterCgroup()
            try plan.report(Report.hooks)
            try plan.expect(.proceed)
        }
        let state = RuntimeState(
            ociVersion: plan.spec.ociVersion, id: plan.id, status: .created, pid: getpid(), bundle: plan.bundle)
        try Hooks.run(hooks.createContainer ?? [], "createContainer", state)
    }

    private func attachMounts() throws(RuntimeError) {
        for mount in plan.spec.mounts ?? [] {
            // The cgroup file system shows the group this process is in by then.
            if mount.type == "cgroup" || mount.type == "cgroup2" { try enterCgroup() }
            try mounter?.attach(mount)
        }
    }

    /// /dev is the container's own unless it is a bind mount of somebody else's.
    private func makeDevices() throws(RuntimeError) {
        guard let mounter else { return }
        let device = (plan.spec.mounts ?? []).last { $0.destination == "/dev" }
        if let device,
            device.type == "bind" || device.options?.contains("bind") == true
                || device.options?.contains("rbind") == true
        {
            return
        }
        try Devices.makeDefaults(in: mounter.root)
        for device in plan.plan.linux.devices ?? [] { try Devices.make(device, in: mounter.root) }
    }

    private func openTerminal() throws(RuntimeError) {
        guard plan.streams.isTerminal, let mounter else { return }
        guard let devpts = mounter.terminals else {
            throw RuntimeError(.invalid, "a terminal needs a devpts mount at /dev/pts")
        }
        let pair = try Terminal.open(devpts.descriptor, size: plan.plan.process.consoleSize)
        try Terminal.attachConsole(pair.slave, in: mounter.root)
        try step("handing over the terminal") { () throws(Linux.Errno) in
            try plan.runtime?.sendPacket([Report.terminal.rawValue], descriptor: pair.master)
        }
        terminal = pair
    }

    private func hidePaths() throws(RuntimeError) {
        guard let mounter else { return }
        let masks = Masks()
        for path in plan.plan.linux.maskedPaths ?? [] {
            try masks.hide(path, in: mounter.root, null: host.null)
        }
        for path in plan.plan.linux.readonlyPaths ?? [] { try Masks.protect(path, in: mounter.root) }
        if plan.spec.root?.readonly == true {
            try step("making the root read-only") { () throws(Linux.Errno) in
                try mounter.root.setMount(set: .readOnly)
            }
        }
    }

    /// The runtime makes the cgroup while this process mounts: both take about as long.
    private func enterCgroup() throws(RuntimeError) {
        guard !isInCgroup, !plan.cgroup.isEmpty else { return }
        isInCgroup = true
        let entrance = CgroupEntrance(files: try plan.expect(.cgroup))
        try cgroupStep { () throws(CgroupError) in try entrance.enter() }
        // AFTER the move: the namespace's root is the group its maker is in.
        if plan.plan.namespaces.makesCgroup {
            try step("making the cgroup namespace") { () throws(Linux.Errno) in try unshare(.cgroup) }
        }
    }

    private func changeRoot() throws(RuntimeError) {
        guard let mounter else { return }
        try step("changing the root") { () throws(Linux.Errno) in
            try CurrentProcess.changeDirectory(to: mounter.root)
            try pivotRootToWorkingDirectory()
        }
    }

    /// As root, who may enter directories that the process's user may not.
    private func enterWorkingDirectory() throws(RuntimeError) {
        let path = plan.plan.process.cwd
        guard let mounter else { return }
        do throws(Linux.Errno) {
            try CurrentProcess.changeDirectory(to: try mounter.root.makeDirectoryInRoot(path))
        } catch {
            throw WorkingDirectory.failure(path, error)
        }
        try WorkingDirectory.verify(path)
    }

    /// Says that the container is made, and waits for its start.
    private func waitForStart() throws(RuntimeError) {
        // A started container outlives the runtime; one that waits ends when the gate's other side is closed.
        try step("init") { () throws(Linux.Errno) in try CurrentProcess.setParentDeathSignal(0) }
        try plan.report(Report.ready)
        guard plan.waitAtGate() else { exitNow(1) }
    }
}

extension InitPlan {
    /// The root file system as a detached mount.
    func takeRoot() throws(RuntimeError) -> FileDescriptor {
        var taken = RootFilesystem.path
        swap(&taken, &rootfs)
        switch consume taken {
        case .mount(let tree): return tree
        case .path:
            guard let path = spec.root?.path, !path.isEmpty else {
                throw RuntimeError(.invalid, "config.json has no root.path")
            }
            return try step("root.path") { () throws(Linux.Errno) in
                try FileDescriptor.cloneMount(path.hasPrefix("/") ? path : "\(bundle)/\(path)", recursive: true)
            }
        }
    }

    /// The runtime has been told that the container starts: a hook that fails is only told of.
    func runStartHooks() {
        guard let hooks = spec.hooks?.startContainer, !hooks.isEmpty else { return }
        let state = RuntimeState(ociVersion: spec.ociVersion, id: id, status: .created, pid: getpid(), bundle: bundle)
        do throws(RuntimeError) { try Hooks.run(hooks, "startContainer", state) } catch {
            report(error)
        }
    }

    /// False when the runtime has gone.
    func waitAtGate() -> Bool {
        var byte: UInt8 = 0
        let count = withUnsafeMutableBytes(of: &byte) { (try? gate?.read(into: $0)) ?? 0 }
        return count == 1
    }
}
