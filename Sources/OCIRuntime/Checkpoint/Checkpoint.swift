// SPDX-License-Identifier: Apache-2.0

internal import Cgroups
internal import Glibc
internal import Linux
internal import OCI

/// What a checkpoint is to be.
package struct CheckpointRequest: Sendable {
    /// The program.
    package var criu: String
    /// Where images go to; made if it is missing. Absolute.
    package var images: String
    /// Where criu's log goes to. Absolute.
    package var work: String
    /// Where an earlier part is, from `images`.
    package var parent: String?
    /// Memory only, and the container goes on: a first part of a later checkpoint.
    package var isFirstPart = false
    /// The container goes on.
    package var leavesRunning = false
    /// Features that the kernel must have, by criu's names.
    package var needs: [String] = []
    /// Further arguments for criu.
    package var arguments: [String] = []

    package init(criu: String, images: String, work: String) {
        self.criu = criu
        self.images = images
        self.work = work
    }
}

extension Container {
    /// Writes the container's processes to files. Unless it is to go on, they have ended then; after a failure they go
    /// on.
    ///
    /// - Throws: `.unsupported` where criu is missing or the kernel does not allow it; nothing was touched then.
    package func checkpoint(_ request: CheckpointRequest) throws(RuntimeError) {
        let criu = try CRIU(request.criu)
        for feature in request.needs { try criu.need(feature) }
        let plan = try ContainerPlan(specification.spec)
        try CheckpointNamespaces.check(plan.namespaces)
        let mounts = try step("reading the container's mounts") { () throws(Errno) in
            try MountTable(of: "\(process.pid)", proc: try FileDescriptor.open("/proc", O_PATH | O_DIRECTORY))
        }
        let external = try ExternalMounts(specification.spec, bundle: bundle, cgroups: cgroup?.directories ?? [])
        let streams = try CheckpointStreams(of: process.pid, mounts: mounts)
        var record = CheckpointRecord()
        record.pid = process.pid
        record.externalMounts = external.find(in: mounts)
        record.streams = streams.names
        record.hasTerminal = streams.isTerminal

        try step("making the checkpoint's directories") { () throws(Errno) in
            try HostPath.makeDirectories(request.images, mode: 0o700)
            try HostPath.makeDirectories(request.work, mode: 0o700)
        }
        if let parent = request.parent, !HostPath.isDirectory("\(request.images)/\(parent)") {
            throw RuntimeError(.invalid, "--parent-path: there is no directory \(request.images)/\(parent)")
        }
        let log = "\(request.work)/dump.log"
        let wasFrozen = try isFrozen()
        var arguments = [
            request.isFirstPart ? "pre-dump" : "dump", "--tree", "\(process.pid)", "--images-dir", request.images,
            "--work-dir", request.work, "--log-file", "dump.log", "-v4", "--manage-cgroups=ignore",
            "--network-lock", "nftables",
        ]
        if let freezer { arguments += ["--freeze-cgroup", freezer] }
        if request.leavesRunning, !request.isFirstPart { arguments.append("--leave-running") }
        if request.isFirstPart { arguments.append("--track-mem") }
        for path in record.externalMounts { arguments += ["--external", "mnt[\(path)]:\(path)"] }
        for name in streams.external { arguments += ["--external", name] }
        for (kind, name) in CheckpointNamespaces.external(plan.namespaces) {
            let inode = try CheckpointNamespaces.inode(kind, of: process.pid)
            arguments += ["--external", "\(kind)[\(inode)]:\(name)"]
        }
        do throws(RuntimeError) {
            try criu.run(arguments + request.arguments, log: log)
            if !request.isFirstPart { try record.write(in: request.images) }
        } catch {
            // criu lets the processes go on, unless it was killed itself.
            if !wasFrozen, (try? isFrozen()) == true { try? setFrozen(false) }
            throw error
        }
    }

    /// The freezer's directory: a group that is frozen does not fork while its processes are looked up.
    private var freezer: String? {
        cgroup?.directories.first { $0.name.isEmpty || $0.name == "freezer" }?.path
    }
}

/// How criu is told of namespaces that are not the container's own.
enum CheckpointNamespaces {
    /// Those that criu can neither leave out nor enter.
    static func check(_ namespaces: NamespacePlan) throws(RuntimeError) {
        for namespace in namespaces.joined where [.mount, .cgroup].contains(namespace.kind) {
            throw RuntimeError(
                .unsupported,
                "checkpoint and restore: CRIU knows no way into the \(namespace.kind.rawValue) namespace at \(namespace.path)"
            )
        }
        if namespaces.own(.user) {
            throw RuntimeError(
                .unsupported, "checkpoint and restore: CRIU does not get a container with a user namespace back")
        }
    }

    /// Which are left out, and by which name: that of runc's images.
    static func external(_ namespaces: NamespacePlan) -> [(kind: String, name: String)] {
        var result: [(kind: String, name: String)] = []
        if namespaces.joined.contains(where: { $0.kind == .network }) { result.append(("net", "extRootNetNS")) }
        if namespaces.joinedPid != nil { result.append(("pid", "extRootPidNS")) }
        return result
    }

    static func inode(_ kind: String, of pid: Int32) throws(RuntimeError) -> UInt64 {
        var status = stat()
        let path = "/proc/\(pid)/ns/\(kind)"
        guard stat(path, &status) == 0 else { throw RuntimeError(.last("stat", path), at: "reading a namespace") }
        return UInt64(status.st_ino)
    }

    /// What restore has to open, in the order of `external`, and what it has to enter by path (`--join-ns`).
    static func paths(
        _ namespaces: NamespacePlan
    ) -> (external: [(name: String, path: String)], joined: [String]) {
        var external: [(name: String, path: String)] = []
        var joined: [String] = []
        for namespace in namespaces.joined {
            switch namespace.kind {
            case .network: external.append(("extRootNetNS", namespace.path))
            case .ipc, .uts, .time: joined.append("\(namespace.kind.rawValue):\(namespace.path)")
            default: break
            }
        }
        if let path = namespaces.joinedPid { external.append(("extRootPidNS", path)) }
        return (external, joined)
    }
}
