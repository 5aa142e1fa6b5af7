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
    /// Without pivot_root(2) the old root stays below the new one.
    private var covered = CoveredMounts()

    private init(_ plan: InitPlan) throws(RuntimeError) {
        self.plan = plan
        host = try HostFiles()
    }

    /// Does not come back. (Not `Never`: the compiler then warns of the clean-up it put after the call.)
    static func run(_ plan: InitPlan) {
        do throws(RuntimeError) {
            try enterNamespaces(plan)
            let program = try Init(plan).steps()
            try plan.runStartHooks()
            // Whatever goes wrong from here on is the program's own failure.
            program.execute(initProgram: plan.initProgram)
        } catch {
            plan.report(error)
            exitNow(1)
        }
    }

    private static func enterNamespaces(_ plan: InitPlan) throws(RuntimeError) {
        let namespaces = plan.plan.namespaces
        if namespaces.own(.user) {
            // The runtime's death ends this wait.
            if namespaces.made.contains(.user) { try plan.expect(.mapped) }
            // FIRST: a change of user undoes the two steps that follow.
            try Credentials.becomeRoot()
        }
        // A runtime that is killed must not leave a half-made container behind.
        try step("init") { () throws(Linux.Errno) in try CurrentProcess.setParentDeathSignal(SIGKILL) }
        if plan.makesTimeItself {
            // Its own files are out of its reach otherwise.
            try step("init") { () throws(Linux.Errno) in try CurrentProcess.setDumpable(true) }
            try TimeOffsets.make(plan.plan.timeOffsets)
        }
        // BEFORE any process of the container's could look at this one.
        try step("init") { () throws(Linux.Errno) in try CurrentProcess.setDumpable(false) }
        CurrentProcess.resetSignals()
        CurrentProcess.setMask(0)
        // A stage has joined them, where there was one. BEFORE the host's files are opened, which a mount namespace has
        // its own of.
        if !plan.usesStage { try plan.joined.enter() }
    }

    private func steps() throws(RuntimeError) -> PreparedProgram {
        if plan.plan.namespaces.made.contains(.network) {
            try step("bringing up the loopback interface") { () throws(Linux.Errno) in
                try NetworkInterface.bringUpLoopback()
            }
        }
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
        // AFTER the hooks, which are programs too: the label is for the next one. BEFORE the root changes, while /proc
        // is the host's (rule R5).
        try SecurityLabels.apply(plan.plan.process, host)
        try changeRoot()
        // BEFORE capabilities are dropped: limits may be raised, and directories made, as root only.
        try ResourceLimits.apply(plan.plan.process.rlimits ?? [])
        try enterWorkingDirectory()
        try plan.streams.install(terminal: terminal, uid: plan.credentials.uid)
        let program = try ProcessSetup.finish(
            plan.plan.process, credentials: plan.credentials, filter: plan.filter, attributes: plan.plan.attributes,
            handOver: plan.handOver, initProgram: plan.initProgram != nil,
            preservedDescriptors: plan.preservedDescriptors)
        try waitForStart()
        return program
    }

    private func nameHost() throws(RuntimeError) {
        try step("naming the host") { () throws(Linux.Errno) in
            if let name = plan.spec.hostname, !name.isEmpty { try CurrentProcess.setHostName(name) }
            if let name = plan.spec.domainname, !name.isEmpty { try CurrentProcess.setDomainName(name) }
        }
    }

    private func ownProcessFiles() throws(RuntimeError) {
        // In a user namespace the runtime has done it.
        if let adjustment = plan.plan.process.oomScoreAdj, !plan.credentials.inUserNamespace {
            try host.writeOwn("oom_score_adj", "\(adjustment)")
        }
    }

    /// The root mount, attached in this mount namespace, where nothing but this process sees it.
    private func attachRoot() throws(RuntimeError) {
        let propagation = plan.plan.propagation
        let tree = try plan.takeRoot()
        // A namespace that is joined is others' too.
        if !plan.pivotsRoot, plan.plan.namespaces.made.contains(.mount) {
            covered = try step("reading mounts") { () throws(Linux.Errno) in try CoveredMounts(proc: host.proc) }
        }
        // BEFORE these mounts are cut off from the host's.
        if propagation.sharesWithHost { try plan.openSharedSources() }
        try step("attaching the root file system") { () throws(Linux.Errno) in
            // FIRST, or the host would get what is mounted from here on.
            try setPropagation(.slave, ofHostPath: "/")
            try tree.attachMount(onHostPath: "/")
            try tree.setMount(propagation: propagation.atFirst, recursive: true)
            // What the host set is the host's to clear.
            if !plan.credentials.inUserNamespace { try tree.setMount(clear: [.noSetuid, .noDevices]) }
        }
        mounter = Mounter(root: tree, bundle: plan.bundle, cgroup: plan.cgroup, label: plan.plan.mountLabel)
    }

    /// createRuntime hooks run in the runtime, createContainer hooks here; both before the root changes.
    private func runHooks() throws(RuntimeError) {
        guard let hooks = plan.spec.hooks else { return }
        if hooks.runInCreate {
            // BEFORE the hooks, which may look at the cgroup; and the runtime says so before it says to go on.
            try enterCgroup()
            try plan.report(Report.hooks)
            try plan.expect(.proceed)
        }
        // AFTER this /proc is out of reach.
        if hooks.startContainer?.isEmpty == false { plan.hostPid = try host.ownPid() }
        guard let own = hooks.createContainer, !own.isEmpty else { return }
        try Hooks.run(own, "createContainer", plan.state(.creating, pid: try host.ownPid()))
    }

    private func attachMounts() throws(RuntimeError) {
        for (index, mount) in (plan.spec.mounts ?? []).enumerated() {
            // The cgroup file system shows the group this process is in by then.
            if mount.type == "cgroup" || mount.type == "cgroup2" { try enterCgroup() }
            try mounter?.attach(mount, source: plan.sources[index])
        }
    }

    /// /dev is the container's own unless it is a bind mount of somebody else's.
    private func makeDevices() throws(RuntimeError) {
        guard let mounter else { return }
        let device = (plan.spec.mounts ?? []).last {
            $0.destination == "/dev" && $0.options?.contains("remount") != true
        }
        if let device,
            device.type == "bind" || device.options?.contains("bind") == true
                || device.options?.contains("rbind") == true
        {
            return
        }
        let devices = Devices(bindsHosts: plan.plan.namespaces.own(.user))
        for device in plan.plan.linux.devices ?? [] { try devices.make(device, in: mounter.root) }
        try devices.makeDefaults(in: mounter.root)
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
        try mounter.makeReadOnly()
        if plan.spec.root?.readonly == true {
            try step("making the root read-only") { () throws(Linux.Errno) in
                try mounter.root.setMount(set: .readOnly)
            }
        }
    }

    /// The runtime makes the cgroup while this process mounts: both take about as long.
    private func enterCgroup() throws(RuntimeError) {
        guard !isInCgroup else { return }
        isInCgroup = true
        if !plan.cgroup.isEmpty {
            let entrance = CgroupEntrance(files: try plan.expect(.cgroup))
            try cgroupStep { () throws(CgroupError) in try entrance.enter() }
        }
        // AFTER the move: the namespace's root is the group its maker is in.
        if plan.plan.namespaces.makesCgroup {
            try step("making the cgroup namespace") { () throws(Linux.Errno) in try unshare(.cgroup) }
        }
    }

    private func changeRoot() throws(RuntimeError) {
        guard let mounter else { return }
        try step("changing the root") { () throws(Linux.Errno) in
            try CurrentProcess.changeDirectory(to: mounter.root)
            if plan.pivotsRoot {
                try pivotRootToWorkingDirectory()
            } else {
                try covered.hide()
                try CurrentProcess.changeRootToWorkingDirectory()
            }
            if let propagation = plan.plan.propagation.atLast {
                try mounter.root.setMount(propagation: propagation, recursive: true)
            }
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
        // The runtime may have died since: then nobody knows of this container.
        if plan.awaitsRecord { try plan.expect(.recorded) }
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
                throw RuntimeError(.invalid, "config.json: root.path is missing")
            }
            return try step("root.path") { () throws(Linux.Errno) in
                try FileDescriptor.cloneMount(path.hasPrefix("/") ? path : "\(bundle)/\(path)", recursive: true)
            }
        }
    }

    /// What hooks are told of the container. `pid` is the host's.
    func state(_ status: RuntimeState.Status, pid: Int32) -> RuntimeState {
        var state = RuntimeState(ociVersion: spec.ociVersion, id: id, status: status, pid: pid, bundle: bundle)
        state.annotations = spec.annotations
        return state
    }

    /// A hook that fails stops the container.
    func runStartHooks() throws(RuntimeError) {
        guard let hooks = spec.hooks?.startContainer, !hooks.isEmpty else { return }
        do throws(RuntimeError) { try Hooks.run(hooks, "startContainer", state(.created, pid: hostPid)) } catch {
            answer(error)
            throw error
        }
    }

    /// Opens what is to stay a peer of the host's mounts (`shared`).
    func openSharedSources() throws(RuntimeError) {
        for (index, mount) in (spec.mounts ?? []).enumerated() where sources[index] == nil {
            let options = try MountOptions(mount.options ?? [])
            guard options.propagation == .shared, mount.isBind(options) else { continue }
            sources[index] = SharedDescriptor(try Mounter.openSource(mount, options, bundle: bundle))
        }
    }

    /// False when the runtime has gone.
    func waitAtGate() -> Bool {
        var byte: UInt8 = 0
        let count = withUnsafeMutableBytes(of: &byte) { (try? gate?.read(into: $0)) ?? 0 }
        return count == 1
    }
}
