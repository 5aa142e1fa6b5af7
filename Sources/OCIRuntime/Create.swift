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
        let cgroup = try Container.cgroup(at: plan.linux.cgroupsPath)
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
        guard let child = try fork(initial, link, gate, namespaces: plan.namespaces) else {
            throw RuntimeError(.system, "unreachable")
        }
        let container = Container(
            id: id, specification: specification, bundle: bundle, process: child.take(), cgroup: cgroup,
            gate: gate.takeOurs())
        do throws(RuntimeError) {
            try container.enterCgroup(plan.linux.resources, link)
            try container.accompany(link)
            return container
        } catch {
            container.undo()
            throw error
        }
    }

    /// Forks the child, which becomes the container; nil never comes back to the caller.
    private static func fork(
        _ initial: InitPlan, _ link: Link, _ gate: Gate, namespaces: NamespacePlan
    ) throws(RuntimeError) -> Child? {
        try InPidNamespace.run(namespaces.joinedPid) { () throws(RuntimeError) in
            let made = namespaces.made
            let result = try step("making namespaces") { () throws(Errno) in try forkChild(namespaces: made) }
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

    /// Makes the cgroup and moves the child in, while the child mounts: each takes about as long as the other.
    private func enterCgroup(_ resources: RuntimeSpec.Resources?, _ link: Link) throws(RuntimeError) {
        guard let cgroup else {
            guard resources == nil else {
                throw RuntimeError(.invalid, "linux.resources needs linux.cgroupsPath")
            }
            return
        }
        let pid = process.pid
        try cgroupStep { () throws(CgroupError) in
            try cgroup.make()
            if let resources { try cgroup.apply(resources) }
            try cgroup.add(pid)
        }
        try link.send(.inCgroup)
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
    private func undo() {
        try? process.pidfd.signalProcess(SIGKILL)
        _ = try? process.pidfd.waitForProcess()
        guard let cgroup else { return }
        try? cgroup.kill(SIGKILL)
        try? cgroup.remove()
    }
}
