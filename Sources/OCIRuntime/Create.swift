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
        let credentials = try Credentials(plan.process, available: available.permitted)
        let cache = FilterCache(directory: request.filterCache)
        let filter = try specification.seccomp.map { section throws(RuntimeError) in try cache.filter(for: section) }
        let cgroup = try Container.cgroup(at: ContainerPlan.cgroupPath(plan.linux, id: id))
        let mayLackCgroup = request.mayLackCgroup
        let joined = try plan.namespaces.joined.map { namespace throws(RuntimeError) in
            try step("opening namespace \(namespace.path)") { () throws(Errno) in
                SharedDescriptor(try FileDescriptor.open(namespace.path, O_RDONLY))
            }
        }
        let gate = try Gate(request.gate.take())
        let link = try Link()

        let initial = InitPlan(
            request: request, plan: plan, cgroup: cgroup?.path ?? "", credentials: credentials, filter: filter,
            joined: joined, runtime: try link.takeTheirs(), gate: try gate.takeTheirs())
        let build = CgroupBuild(cgroup, plan.linux.resources, mayLack: mayLackCgroup)
        let child = try fork(initial, link, gate, build, namespaces: plan.namespaces)
        let container = Container(
            id: id, specification: specification, bundle: bundle, process: child.take(), cgroup: cgroup,
            gate: gate.takeOurs())
        do throws(RuntimeError) {
            try build.finish(link)
            if build.isAbsent { container.forgetCgroup() }
            try container.accompany(link)
            return container
        } catch {
            container.endProcess()
            build.undo()
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
        try InPidNamespace.run(namespaces.joinedPid) { () throws(RuntimeError) in
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

    /// Listens to the child until it is ready.
    private func accompany(_ link: Link) throws(RuntimeError) {
        while var packet = try link.receive() {
            switch packet.bytes.first.flatMap(Report.init(rawValue:)) {
            case .terminal: process.terminal = packet.descriptor.take()
            case .hooks:
                try Hooks.run(specification.spec.hooks?.createRuntime ?? [], "createRuntime", state(.creating))
                try link.send(.proceed)
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
