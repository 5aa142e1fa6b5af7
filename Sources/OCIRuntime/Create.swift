// SPDX-License-Identifier: Apache-2.0

internal import Cgroups
internal import Glibc
internal import Linux
internal import OCI

extension Container {
    /// Makes the container; its process waits at the gate. On failure nothing of it is left.
    ///
    /// - Throws: `.notFound`, `.notExecutable` for the program; `.unsupported` for what the specification asks for and
    ///   Wharf does not have.
    package static func create(_ request: consuming ContainerRequest) throws(RuntimeError) -> Container {
        // Everything that can fail before there is something to undo comes first.
        let specification = request.specification
        let id = request.id
        let bundle = request.bundle
        let plan = try ContainerPlan(specification.spec)
        let available = try step("reading capabilities") { () throws(Errno) in try CurrentProcess.capabilities() }
        let credentials = try Credentials(
            plan.process, available: available.permitted, inUserNamespace: plan.namespaces.own(.user))
        let privileged = available.effective.contains(.systemAdministration)
        guard privileged || plan.namespaces.own(.user) else {
            throw RuntimeError(
                .unsupported,
                "who is not root can't make a container without a user namespace: linux.namespaces must have user")
        }
        let given = request.mountSources
        let sources = try Sources.open(specification.spec, plan, bundle: bundle, privileged: privileged)
        let cache = FilterCache(directory: request.filterCache)
        let filter = try specification.seccomp.map { section throws(RuntimeError) in try cache.filter(for: section) }
        let cgroup = try Container.cgroup(
            at: ContainerPlan.cgroupPlace(plan.linux, id: id, systemd: request.isSystemdCgroup))
        let mayLackCgroup = request.mayLackCgroup
        let joined = try NamespaceEntry(plan.namespaces)
        let gate = try Gate(request.gate.take())
        let link = try Link()

        let initial = InitPlan(
            request: request, plan: plan, cgroup: cgroup?.path ?? "", credentials: credentials, filter: filter,
            joined: joined, runtime: try link.takeTheirs(), gate: try gate.takeTheirs(),
            awaitsRecord: gate.isNamed)
        initial.sources = sources.merging(given) { _, given in given }
        if plan.namespaces.own(.user) { try initial.prepareForUserNamespace(privileged: privileged) }
        let build = CgroupBuild(cgroup, plan.linux.resources, mayLack: mayLackCgroup)
        let child = try fork(initial, link, gate, build, namespaces: plan.namespaces)
        let container = Container(
            id: id, specification: specification, bundle: bundle, process: child.take(), cgroup: cgroup,
            gate: gate.takeOurs())
        do throws(RuntimeError) {
            if plan.namespaces.own(.user) { try container.setUpUserNamespace(plan, link) }
            if let devices = plan.linux.netDevices, !devices.isEmpty { try container.moveDevices(devices, plan) }
            try build.finish(link, pid: container.process.pid)
            if build.isAbsent { container.forgetCgroup() }
            try container.accompany(link)
            container.keepsLink(link, ofNamedGate: gate.isNamed)
            container.process.warnings = credentials.warnings
            return container
        } catch {
            container.endProcess()
            build.undo()
            container.endHooks()
            throw error
        }
    }

    /// Forks the child, which becomes the container; on failure there is neither it nor its cgroup.
    private static func fork(
        _ initial: InitPlan, _ link: Link, _ gate: Gate, _ build: CgroupBuild, namespaces: NamespacePlan
    ) throws(RuntimeError) -> Child {
        do throws(RuntimeError) {
            let group = try build.makeBeforeFork()
            if let child = try fork(initial, link, gate, into: group, namespaces: namespaces) { return child }
            throw RuntimeError(.system, "unreachable")
        } catch {
            build.undo()
            throw error
        }
    }

    /// nil never comes back to the caller.
    private static func fork(
        _ initial: InitPlan, _ link: Link, _ gate: Gate, into group: SharedDescriptor?, namespaces: NamespacePlan
    ) throws(RuntimeError) -> Child? {
        if initial.usesStage {
            let child = try Stage.fork(namespaces: namespaces.made, into: group) { () throws(RuntimeError) in
                link.closeOurs()
                gate.closeOurs()
                if namespaces.makesTime, !initial.makesTimeItself { try TimeOffsets.make(initial.plan.timeOffsets) }
                try initial.joined.enter(pid: namespaces.joinedPid)
            } child: {
                Init.run(initial)
            }
            initial.closeInParent()
            return child
        }
        return try InPidNamespace.run(namespaces.joinedPid) { () throws(RuntimeError) in
            let made = namespaces.made
            let result = try step("making namespaces") { () throws(Errno) in
                try forkChild(namespaces: made, cgroup: group)
            }
            switch consume result {
            case .child:
                // A gate whose other side this process itself holds open would never end.
                link.closeOurs()
                gate.closeOurs()
                Init.run(initial)
                return nil
            case .parent(let pid, let pidfd):
                // Or the child's death would go unnoticed.
                initial.closeInParent()
                return Child(StartedProcess(pid: pid, pidfd: pidfd))
            }
        }
    }

    /// What the child in its new user namespace has no right to: its ids, and its standing with the out-of-memory
    /// killer.
    private func setUpUserNamespace(_ plan: ContainerPlan, _ link: Link) throws(RuntimeError) {
        if let adjustment = plan.process.oomScoreAdj {
            try step("process.oomScoreAdj") { () throws(Errno) in
                try FileDescriptor.open("/proc/\(process.pid)/oom_score_adj", O_WRONLY).writeOnce("\(adjustment)")
            }
        }
        guard let mapping = plan.mapping else { return }
        try mapping.write(to: process.pid)
        try link.send(.mapped)
    }

    private func moveDevices(
        _ devices: [String: RuntimeSpec.NetDevice], _ plan: ContainerPlan
    ) throws(RuntimeError) {
        let path = plan.namespaces.joined.first { $0.kind == .network }?.path ?? "/proc/\(process.pid)/ns/net"
        let namespace = try step("linux.netDevices") { () throws(Errno) in try FileDescriptor.open(path, O_RDONLY) }
        try NetDevices.move(devices, into: namespace)
    }

    /// Listens to the child until it is ready.
    private func accompany(_ link: Link) throws(RuntimeError) {
        while var packet = try link.receive() {
            switch packet.bytes.first.flatMap(Report.init(rawValue:)) {
            case .terminal: process.terminal = packet.descriptor.take()
            case .hooks:
                let hooks = specification.spec.hooks
                hooksHaveBegun = true
                try Hooks.run(hooks?.prestart ?? [], "prestart", state(.creating))
                try Hooks.run(hooks?.createRuntime ?? [], "createRuntime", state(.creating))
                try link.send(.proceed)
            case .listener:
                guard let listener = packet.descriptor.take() else { break }
                try SeccompAgent(specification.seccomp).send(listener, pid: process.pid, state(.creating))
            case .ready: return
            case .failed: throw RuntimeError(report: packet.bytes)
            default: throw RuntimeError(.system, "unknown report from container init")
            }
        }
        let status = try? process.pidfd.waitForProcess()
        throw RuntimeError(.system, "container init ended early (status \(status?.shellCode ?? -1))")
    }

    /// After a failure: nothing of the container may stay.
    private func endProcess() {
        try? process.pidfd.signalProcess(SIGKILL)
        _ = try? process.pidfd.waitForProcess()
    }
}
