// SPDX-License-Identifier: Apache-2.0

internal import Cgroups
internal import Linux
internal import OCI

/// Mounts of a container that show something of the host's: bind mounts, what masks files, its cgroup. criu leaves out
/// what they show, and is told on the way back where it is now: by the bundle and never by the checkpoint.
struct ExternalMounts {
    private struct Bind {
        var destination: String
        /// nil: a file system of the container's own.
        var source: String?
    }

    private let binds: [Bind]
    private let masked: Set<String>
    private let devices: Set<String>
    private let cgroups: [(name: String, path: String)]

    /// `cgroups`: the host directories of the container's group, which is there.
    init(
        _ spec: RuntimeSpec, bundle: String, cgroups: [(name: String, path: String)]
    ) throws(RuntimeError) {
        binds = try (spec.mounts ?? []).map { mount throws(RuntimeError) in
            let options = try MountOptions(mount.options ?? [])
            let source = mount.isBind(options) ? mount.source.map { $0.hasPrefix("/") ? $0 : "\(bundle)/\($0)" } : nil
            return Bind(destination: ExternalMounts.clean(mount.destination), source: source)
        }
        masked = Set((spec.linux?.maskedPaths ?? []).map(ExternalMounts.clean))
        devices = Set(Devices.defaultPaths + (spec.linux?.devices ?? []).map(\.path))
        self.cgroups = cgroups
    }

    /// The mount points of those that a container has, in criu's words (its root is none of them).
    func find(in table: MountTable) -> [String] {
        table.entries.filter { $0.path != "/" && isExternal($0) }.map(\.path)
    }

    private func isExternal(_ mount: MountTable.Entry) -> Bool {
        if mount.type == "cgroup" || mount.type == "cgroup2" { return true }
        // A directory is masked by a file system of the container's own.
        if masked.contains(mount.path), mount.root.hasSuffix("/null") { return true }
        // A terminal.
        if mount.path == "/dev/console", mount.type == "devpts", mount.root != "/" { return true }
        if devices.contains(mount.path), mount.root != "/" { return true }
        return bind(over: mount.path)?.source != nil
    }

    /// The last mount of config.json that `path` is at or below.
    private func bind(over path: String) -> Bind? {
        var result: Bind?
        for bind in binds where path == bind.destination || path.hasPrefix(bind.destination + "/") {
            if bind.destination.utf8.count >= result?.destination.utf8.count ?? 0 { result = bind }
        }
        return result
    }

    /// What is to be mounted at one of a checkpoint's external mount points.
    func source(of path: String) throws(RuntimeError) -> String {
        if let source = cgroup(at: path) { return source }
        if let bind = bind(over: path), let source = bind.source {
            let rest = path.dropFirst(bind.destination.utf8.count)
            guard !rest.split(separator: "/").contains("..") else { throw unknown(path) }
            return source + rest
        }
        if masked.contains(path) { return "/dev/null" }
        if devices.contains(path) { return path }
        throw unknown(path)
    }

    private func unknown(_ path: String) -> RuntimeError {
        RuntimeError(
            .invalid,
            "the checkpoint has a mount at \(path) that config.json does not have: the bundle must be the same")
    }

    /// v2: the one directory; v1: that of the controller.
    private func cgroup(at path: String) -> String? {
        guard path == "/sys/fs/cgroup" || path.hasPrefix("/sys/fs/cgroup/") else { return nil }
        if cgroups.count == 1, cgroups[0].name.isEmpty { return cgroups[0].path }
        return cgroups.first { "/sys/fs/cgroup/\($0.name)" == path }?.path
    }

    private static func clean(_ path: String) -> String {
        "/" + path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }
}
