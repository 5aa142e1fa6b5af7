// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux
internal import OCI

/// Attaches the specification's mounts below the root, each built detached and attached to a descriptor that was
/// resolved inside the root (rules R1 and R4).
final class Mounter {
    /// `O_PATH`, of the container's root mount.
    let root: FileDescriptor
    /// Relative bind sources start here.
    let bundle: String
    let cgroup: String
    /// The container's /dev/pts, where it has one of its own.
    private(set) var terminals: SharedDescriptor?

    init(root: consuming FileDescriptor, bundle: String, cgroup: String) {
        self.root = root
        self.bundle = bundle
        self.cgroup = cgroup
    }

    func attach(_ mount: RuntimeSpec.Mount) throws(RuntimeError) {
        let what = "mounting \"\(mount.source ?? mount.type ?? "")\" to \"\(mount.destination)\""
        guard mount.destination.split(separator: "/").contains(where: { $0 != "." && $0 != ".." }) else {
            throw RuntimeError(.invalid, "\(what): a mount can't be the root")
        }
        guard mount.uidMappings == nil, mount.gidMappings == nil else {
            throw ContainerPlan.unsupported("\(what): id-mapped mount")
        }
        let options = try MountOptions(mount.options ?? [])
        if options.isBind || mount.type == "bind" { return try bind(mount, options, what) }
        switch mount.type {
        case "cgroup", "cgroup2": try attachCgroup(mount, options, what)
        case nil, "", "none": throw RuntimeError(.invalid, "\(what): no type")
        case .some(let type):
            let tree = SharedDescriptor(try makeFilesystem(type, mount.source, options, what))
            let target = try directory(mount.destination, what)
            try finish(tree.descriptor, on: target, mount.destination, options, what)
            if type == "devpts" { terminals = tree }
        }
    }

    /// A new instance of a file system, detached.
    private func makeFilesystem(
        _ type: String, _ source: String?, _ options: MountOptions, _ what: String
    ) throws(RuntimeError) -> FileDescriptor {
        let context = try step(what) { () throws(Errno) in try FilesystemContext(type) }
        do throws(Errno) {
            if let source, !source.isEmpty { try context.set("source", source) }
            // A disk is opened for reading only.
            if source?.hasPrefix("/") == true, options.set.contains(.readOnly) { try context.setFlag("ro") }
            for option in options.data {
                let pair = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                if pair.count == 2 {
                    try context.set(String(pair[0]), String(pair[1]))
                } else {
                    try context.setFlag(option)
                }
            }
            return try context.mount(options.set)
        } catch {
            throw RuntimeError(error, at: what)
        }
    }

    /// A mount of what is at a host path.
    private func bind(_ mount: RuntimeSpec.Mount, _ options: MountOptions, _ what: String) throws(RuntimeError) {
        guard options.data.isEmpty else {
            throw RuntimeError(.invalid, "\(what): option \"\(options.data[0])\" does not go with bind")
        }
        guard let source = mount.source, !source.isEmpty else { throw RuntimeError(.invalid, "\(what): no source") }
        let path = source.hasPrefix("/") ? source : "\(bundle)/\(source)"
        let recursive = options.isRecursiveBind || !options.isBind
        let tree = try step(what) { () throws(Errno) in try FileDescriptor.cloneMount(path, recursive: recursive) }
        let isDirectory = try step(what) { () throws(Errno) in try tree.status().isDirectory }
        let target = isDirectory ? try directory(mount.destination, what) : try file(mount.destination, what)
        if !options.set.isEmpty || !options.clear.isEmpty {
            try step(what) { () throws(Errno) in try tree.setMount(set: options.set, clear: options.clear) }
        }
        try finish(tree, on: target, mount.destination, options, what)
    }

    private func finish(
        _ tree: borrowing FileDescriptor, on target: borrowing FileDescriptor, _ destination: String,
        _ options: MountOptions, _ what: String
    ) throws(RuntimeError) {
        try Mounter.guardProc(tree, target, destination, what)
        do throws(Errno) {
            if !options.recursiveSet.isEmpty || !options.recursiveClear.isEmpty {
                try tree.setMount(set: options.recursiveSet, clear: options.recursiveClear, recursive: true)
            }
            try tree.attachMount(on: target)
            if let propagation = options.propagation {
                try tree.setMount(propagation: propagation, recursive: options.propagationIsRecursive)
            }
        } catch {
            throw RuntimeError(error, at: what)
        }
    }

    /// Files of /proc that may be covered, as they say nothing of other processes and are written by nobody.
    private static let coverable: Set<String> = [
        "/proc/cpuinfo", "/proc/diskstats", "/proc/meminfo", "/proc/stat", "/proc/swaps", "/proc/uptime",
        "/proc/loadavg", "/proc/slabinfo", "/proc/net/dev", "/proc/sys/kernel/ns_last_pid",
        "/proc/sys/crypto/fips_enabled",
    ]

    /// What a process writes to its own /proc must arrive in the kernel's, and masks must lie where the kernel's files
    /// are: nothing else is mounted there (rule R5, CVE-2019-16884). `target` shows where links of the image led.
    private static func guardProc(
        _ tree: borrowing FileDescriptor, _ target: borrowing FileDescriptor, _ destination: String, _ what: String
    ) throws(RuntimeError) {
        let procfs = 0x9fa0
        let path = destination.split(separator: "/").filter { $0 != "." }.map { "/" + $0 }.joined()
        let types = try step(what) { () throws(Errno) in (try tree.filesystemType(), try target.filesystemType()) }
        if path == "/proc", types.0 != procfs {
            throw RuntimeError(.invalid, "\(what): \"\(destination)\" cannot be mounted because it is not of type proc")
        }
        if path != "/proc", types.1 == procfs, !coverable.contains(path) {
            throw RuntimeError(.invalid, "\(what): \"\(destination)\" cannot be mounted because it is inside /proc")
        }
    }

    /// The mount point, made where it is missing. /proc and /sys must be directories and no links: what is masked below
    /// them is only masked there.
    private func directory(_ path: String, _ what: String) throws(RuntimeError) -> FileDescriptor {
        try step(what) { () throws(Errno) in
            let target = try root.makeDirectoryInRoot(path)
            if path == "/proc" || path == "/sys" {
                return try root.openInRootWithoutLinks(path, O_PATH | O_DIRECTORY)
            }
            return target
        }
    }

    private func file(_ path: String, _ what: String) throws(RuntimeError) -> FileDescriptor {
        let target = try step(what) { () throws(Errno) in try root.makeFileInRoot(path) }
        let status = try step(what) { () throws(Errno) in try target.status() }
        guard !status.isDirectory else {
            throw RuntimeError(
                .invalid,
                "\(what): not a directory: Are you trying to mount a directory onto a file (or vice-versa)? "
                    + "Check if the specified host path exists and is the expected type")
        }
        return target
    }

    /// /sys/fs/cgroup: cgroup2 itself; or for v1 a tmpfs with the container's own directory of each hierarchy.
    private func attachCgroup(
        _ mount: RuntimeSpec.Mount, _ options: MountOptions, _ what: String
    ) throws(RuntimeError) {
        let target = try directory(mount.destination, what)
        let directories = CgroupDirectories.find(cgroup)
        if directories.count == 1, directories[0].name.isEmpty {
            // Made in the container's cgroup namespace, its root is the container's group.
            let tree = try makeFilesystem("cgroup2", "cgroup", options, what)
            return try finish(tree, on: target, mount.destination, options, what)
        }
        do throws(Errno) {
            let context = try FilesystemContext("tmpfs")
            try context.set("mode", "755")
            let tree = try context.mount(options.set.subtracting(.readOnly))
            try tree.attachMount(on: target)
            for (name, path) in directories {
                try tree.makeDirectory(name, mode: 0o755)
                let group = try FileDescriptor.cloneMount(path, recursive: false)
                try group.setMount(set: options.set, clear: options.clear)
                try group.attachMount(on: try tree.openAt(name, O_PATH | O_DIRECTORY))
            }
            try tree.setMount(set: options.set, clear: options.clear)
        } catch {
            throw RuntimeError(error, at: what)
        }
    }
}
