// SPDX-License-Identifier: Apache-2.0

internal import Cgroups
internal import Glibc
internal import Linux
internal import OCI

/// What restoring a container takes.
package struct RestoreRequest: Sendable {
    package var id: String
    package var specification: Specification
    /// Absolute.
    package var bundle: String
    /// The program.
    package var criu: String
    /// Where the images are. Absolute.
    package var images: String
    /// Where criu's log goes to. Absolute.
    package var work: String
    /// The container's state directory: what restoring takes meanwhile is put there.
    package var directory: String
    package var isSystemdCgroup = false
    /// Features that the kernel must have, by criu's names.
    package var needs: [String] = []
    /// Further arguments for criu.
    package var arguments: [String] = []

    package init(
        id: String, specification: Specification, bundle: String, criu: String, images: String, work: String,
        directory: String
    ) {
        self.id = id
        self.specification = specification
        self.bundle = bundle
        self.criu = criu
        self.images = images
        self.work = work
        self.directory = directory
    }

    /// Asks whether the machine can do it, BEFORE anything is made.
    package func check() throws(RuntimeError) {
        let criu = try CRIU(criu)
        for feature in needs { try criu.need(feature) }
        let plan = try ContainerPlan(specification.spec)
        try CheckpointNamespaces.check(plan.namespaces)
        _ = try CheckpointRecord(in: images)
    }
}

extension Container {
    /// Makes a container of what `checkpoint` wrote: its process goes on where it was, as a child of this process and
    /// with its standard streams. On failure nothing of it is left. After `RestoreRequest.check`.
    package static func restore(_ request: RestoreRequest) throws(RuntimeError) -> Container {
        let spec = request.specification.spec
        let criu = try CRIU(request.criu)
        let plan = try ContainerPlan(spec)
        let record = try CheckpointRecord(in: request.images)
        guard record.hasTerminal == (spec.process?.terminal ?? false) else {
            throw RuntimeError(
                .invalid,
                "process.terminal must be as in the container that the checkpoint is of: \(record.hasTerminal)")
        }
        try step("making criu's work directory") { () throws(Linux.Errno) in
            try HostPath.makeDirectories(request.work, mode: 0o700)
        }
        var terminal: TerminalPair?
        if record.hasTerminal { terminal = try Terminal.openOnHost(size: spec.process?.consoleSize) }
        let cgroup = try Container.cgroup(
            at: ContainerPlan.cgroupPlace(plan.linux, id: request.id, systemd: request.isSystemdCgroup))
        let build = CgroupBuild(cgroup, plan.linux.resources, mayLack: false)
        do throws(RuntimeError) {
            let hooks = try RestoreHooks(spec, directory: request.directory)
            let run = try Restoration(
                request: request, criu: criu, plan: plan, record: record, cgroup: cgroup, terminal: terminal,
                hooks: hooks)
            let child = try run.fork(build)
            let pid = try run.wait(child, build)
            let pidfd = try step("container \(request.id)") { () throws(Linux.Errno) in try FileDescriptor.process(pid)
            }
            var process = StartedProcess(pid: pid, pidfd: pidfd)
            process.terminal = try terminal.map { pair throws(RuntimeError) in
                try step("terminal") { () throws(Linux.Errno) in try pair.master.duplicate() }
            }
            return Container(
                id: request.id, specification: request.specification, bundle: request.bundle, process: process,
                cgroup: cgroup, gate: nil)
        } catch {
            build.undo()
            throw error
        }
    }
}

/// One run of `criu restore`: in a mount namespace of its own, which only sees to it that the container's root and what
/// is bind-mounted are mount points, as criu needs them; in the container's cgroup; with the caller's streams.
private final class Restoration {
    private let request: RestoreRequest
    private let criu: CRIU
    private let plan: ContainerPlan
    private let record: CheckpointRecord
    private let cgroup: (any Cgroup)?
    private let terminal: TerminalPair?
    private let hooks: RestoreHooks?
    private let link: Link
    /// What criu says beside its log.
    private let said: FileDescriptor
    /// Descriptors that criu gets beside the streams.
    private var inherited: [SharedDescriptor] = []

    init(
        request: RestoreRequest, criu: CRIU, plan: ContainerPlan, record: CheckpointRecord, cgroup: (any Cgroup)?,
        terminal: TerminalPair?, hooks: RestoreHooks?
    ) throws(RuntimeError) {
        link = try Link()
        said = try step("restore") { () throws(Linux.Errno) in try FileDescriptor.memoryFile("criu") }
        self.request = request
        self.criu = criu
        self.plan = plan
        self.record = record
        self.cgroup = cgroup
        self.terminal = terminal
        self.hooks = hooks
    }

    private var pidFile: String { "\(request.directory)/restore.pid" }
    private var log: String { "\(request.work)/restore.log" }
    private var spec: RuntimeSpec { request.specification.spec }

    private var rootfs: String {
        let path = spec.root?.path ?? ""
        return path.hasPrefix("/") ? path : "\(request.bundle)/\(path)"
    }

    func fork(_ build: CgroupBuild) throws(RuntimeError) -> Child {
        let group = try build.makeBeforeFork()
        let result = try step("forking") { () throws(Linux.Errno) in try forkChild(cgroup: group) }
        switch consume result {
        case .child:
            link.closeOurs()
            run()
            throw RuntimeError(.system, "unreachable")
        case .parent(let pid, let pidfd):
            _ = try link.takeTheirs()
            return Child(StartedProcess(pid: pid, pidfd: pidfd))
        }
    }

    /// Until criu has ended; returns the container's process.
    func wait(_ child: Child, _ build: CgroupBuild) throws(RuntimeError) -> Int32 {
        let criuProcess = child.take()
        defer {
            hooks?.remove()
            _ = unlink(pidFile)
        }
        do throws(RuntimeError) {
            try build.finish(link, pid: criuProcess.pid)
            // The socket ends when criu is executed.
            if let packet = try link.receive() { throw RuntimeError(report: packet.bytes) }
            var ended = try hooks?.serve(until: criuProcess.pidfd, state: state)
            if ended == nil {
                ended = try step("waiting for criu") { () throws(Linux.Errno) in try criuProcess.pidfd.waitForProcess()
                }
            }
            guard ended == .exited(0) else {
                try? said.seek(to: 0)
                let text = String(decoding: (try? said.readAll(limit: 1 << 20)) ?? [], as: UTF8.self)
                throw hooks?.failure
                    ?? criu.failure("restore", status: ended?.shellCode ?? -1, log: log, said: text)
            }
            let text = try step("reading criu's pid file") { () throws(Linux.Errno) in try HostPath.readLine(pidFile) }
            guard let pid = Int32(text) else { throw RuntimeError(.system, "criu's pid file has \"\(text)\"") }
            if plan.namespaces.made.contains(.network) { try NetworkLock.remove(of: record.pid, from: pid) }
            return pid
        } catch {
            try? criuProcess.pidfd.signalProcess(SIGKILL)
            _ = try? criuProcess.pidfd.waitForProcess()
            throw error
        }
    }

    private func state(_ pid: Int32) -> RuntimeState {
        var state = RuntimeState(
            ociVersion: spec.ociVersion, id: request.id, status: .creating, pid: pid, bundle: request.bundle)
        state.annotations = spec.annotations
        return state
    }

    /// In the child; does not come back. (Not `Never`: the compiler then warns of the clean-up it put after the call.)
    private func run() {
        guard let runtime = try? link.takeTheirs() else { exitNow(1) }
        do throws(RuntimeError) {
            CurrentProcess.resetSignals()
            try step("restore") { () throws(Linux.Errno) in try CurrentProcess.setParentDeathSignal(SIGKILL) }
            if cgroup != nil {
                let entrance = CgroupEntrance(files: try runtime.expect(.cgroup))
                try cgroupStep { () throws(CgroupError) in try entrance.enter() }
            }
            let arguments = try arguments(try mount())
            // AFTER the cgroup was entered: what criu makes is in this namespace, as it leaves cgroups alone.
            if plan.namespaces.makesCgroup {
                try step("making the cgroup namespace") { () throws(Linux.Errno) in try unshare(.cgroup) }
            }
            // AFTER the caller's own were duplicated: what criu says is not the container's output.
            try step("restore") { () throws(Linux.Errno) in
                try FileDescriptor.open("/dev/null", O_RDONLY).place(at: 0)
                try said.place(at: 1)
                try said.place(at: 2)
                try closeRangeOnExec(from: 3)
            }
            for descriptor in inherited {
                try step("restore") { () throws(Linux.Errno) in try descriptor.descriptor.setCloseOnExec(false) }
            }
            let path = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
            let failure = Linux.execute(criu.path, CStringArray([criu.path] + arguments), CStringArray(path))
            throw RuntimeError(failure, at: "running criu")
        } catch {
            runtime.report(error)
            exitNow(1)
        }
    }

    /// Makes mount points of all that criu is to mount from; returns its words for them.
    private func mount() throws(RuntimeError) -> [String] {
        let external = try ExternalMounts(spec, bundle: request.bundle, cgroups: cgroup?.directories ?? [])
        var sources: [String: String] = [:]
        for path in record.externalMounts { sources[path] = try source(of: path, external) }
        try step("making a mount namespace") { () throws(Linux.Errno) in
            try unshare(.mount)
            // BEFORE the mounts, which are not the host's.
            try setPropagation(.slave, ofHostPath: "/")
        }
        for path in Set(sources.values).sorted() {
            try step("mounting \(path)") { () throws(Linux.Errno) in
                try FileDescriptor.cloneMount(path, recursive: true).attachMount(onHostPath: path)
            }
        }
        try step("root.path") { () throws(Linux.Errno) in
            try FileDescriptor.cloneMount(rootfs, recursive: true).attachMount(onHostPath: rootfs)
        }
        try makeMountPoints(external)
        return sources.sorted { $0.key < $1.key }.flatMap { ["--external", "mnt[\($0.key)]:\($0.value)"] }
    }

    private func source(of path: String, _ external: ExternalMounts) throws(RuntimeError) -> String {
        if path == "/dev/console", let terminal { return terminal.hostPath }
        return try external.source(of: path)
    }

    /// In a root file system that is new, what the first one was given.
    private func makeMountPoints(_ external: ExternalMounts) throws(RuntimeError) {
        var made: [String] = []
        let root = try step("root.path") { () throws(Linux.Errno) in
            try FileDescriptor.open(rootfs, O_PATH | O_DIRECTORY)
        }
        for mount in spec.mounts ?? [] where !made.contains(where: { mount.destination.hasPrefix($0 + "/") }) {
            made.append(mount.destination)
            let isBind = mount.isBind(try MountOptions(mount.options ?? []))
            var isFile = false
            if isBind { isFile = !HostPath.isDirectory(try external.source(of: mount.destination)) }
            try step("making the mount point \(mount.destination)") { () throws(Linux.Errno) in
                if isFile {
                    _ = try root.makeFileInRoot(mount.destination)
                } else {
                    _ = try root.makeDirectoryInRoot(mount.destination)
                }
            }
        }
    }

    private func arguments(_ mounts: [String]) throws(RuntimeError) -> [String] {
        var arguments = [
            "restore", "--images-dir", request.images, "--work-dir", request.work, "--log-file", "restore.log", "-v4",
            "--restore-detached", "--restore-sibling", "--pidfile", pidFile, "--root", rootfs,
            "--manage-cgroups=ignore",
            // The newer engine (3.17) can't make two mounts slaves that show different parts of one file system.
            "--mntns-compat-mode",
        ]
        arguments += mounts
        if let terminal {
            let slave = SharedDescriptor(
                try step("terminal") { () throws(Linux.Errno) in try terminal.slave.duplicate() })
            inherited.append(slave)
            for name in Set(record.streams) where name.hasPrefix("tty[") {
                arguments += ["--inherit-fd", "fd[\(slave.rawValue)]:\(name)"]
            }
        } else {
            for (stream, name) in CheckpointStreams.inherited(record.streams) {
                let own = SharedDescriptor(
                    try step("streams") { () throws(Linux.Errno) in try FileDescriptor(duplicating: Int32(stream)) })
                inherited.append(own)
                arguments += ["--inherit-fd", "fd[\(own.rawValue)]:\(name)"]
            }
        }
        let namespaces = CheckpointNamespaces.paths(plan.namespaces)
        for (name, path) in namespaces.external {
            let namespace = SharedDescriptor(
                try step("opening namespace \(path)") { () throws(Linux.Errno) in
                    try FileDescriptor.open(path, O_RDONLY)
                })
            inherited.append(namespace)
            arguments += ["--inherit-fd", "fd[\(namespace.rawValue)]:\(name)"]
        }
        for namespace in namespaces.joined { arguments += ["--join-ns", namespace] }
        if let hooks { arguments += ["--action-script", hooks.script] }
        return arguments + request.arguments
    }
}
