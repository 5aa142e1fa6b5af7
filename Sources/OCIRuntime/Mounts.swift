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
    /// The SELinux context of file systems made for the container.
    let label: String?
    /// The container's /dev/pts, where it has one of its own.
    private(set) var terminals: SharedDescriptor?
    /// A /dev that is to be read-only once the devices are made.
    private var lateReadOnly: SharedDescriptor?

    init(root: consuming FileDescriptor, bundle: String, cgroup: String, label: String?) {
        self.root = root
        self.bundle = bundle
        self.cgroup = cgroup
        self.label = label
    }

    /// `source`: what is bind-mounted, where it had to be opened before.
    func attach(_ mount: RuntimeSpec.Mount, source: SharedDescriptor? = nil) throws(RuntimeError) {
        let what = "mounting \"\(mount.source ?? mount.type ?? "")\" to \"\(mount.destination)\""
        var options = try MountOptions(mount.options ?? [])
        let isLate = mount.destination == "/dev" && options.set.contains(.readOnly) && !mount.isBindOnly(options)
        if isLate { options.set.subtract(.readOnly) }
        if source == nil, options.idMapping != nil || mount.uidMappings != nil || mount.gidMappings != nil {
            throw ContainerPlan.unsupported("\(what): id-mapped mount")
        }
        if options.isRemount {
            let target = try remount(mount, options, what)
            if isLate { lateReadOnly = target }
            return
        }
        if mount.isBind(options) { return try bind(mount, options, source, what) }
        switch mount.type {
        case "cgroup", "cgroup2": try attachCgroup(mount, options, what)
        case nil, "", "none": throw RuntimeError(.invalid, "\(what): no type")
        case .some(let type):
            // What is mounted for the first time takes the mode of what it covers, as runc has it.
            let mode = type == "tmpfs" && !options.hasMode ? coveredMode(mount.destination) : nil
            let tree = SharedDescriptor(try makeFilesystem(type, mount.source, options, what, mode: mode))
            let target = try directory(mount.destination, what)
            if options.copiesUp { try copyUp(mount.destination, tree.descriptor, options, what) }
            try finish(tree.descriptor, on: target, mount.destination, options, what)
            if type == "devpts" { terminals = tree }
            if isLate { lateReadOnly = tree }
        }
    }

    func makeReadOnly() throws(RuntimeError) {
        guard let lateReadOnly else { return }
        try step("making /dev read-only") { () throws(Errno) in try lateReadOnly.descriptor.setMount(set: .readOnly) }
    }

    /// A new instance of a file system, detached.
    private func makeFilesystem(
        _ type: String, _ source: String?, _ options: MountOptions, _ what: String, mode: String? = nil
    ) throws(RuntimeError) -> FileDescriptor {
        let context = try step(what) { () throws(Errno) in try FilesystemContext(type) }
        do throws(Errno) {
            if let source, !source.isEmpty { try context.set("source", source) }
            // A disk is opened for reading only.
            if source?.hasPrefix("/") == true, options.set.contains(.readOnly) { try context.setFlag("ro") }
            if let label, !["proc", "sysfs", "mqueue", "cgroup2"].contains(type) { try context.set("context", label) }
            if let mode { try context.set("mode", mode) }
            for option in options.data { try context.set(option: option) }
            return try context.mount(options.copiesUp ? options.set.subtracting(.readOnly) : options.set)
        } catch {
            throw RuntimeError(error, at: what)
        }
    }

    private func coveredMode(_ path: String) -> String? {
        guard let status = try? root.openInRoot(path, O_PATH | O_DIRECTORY).status() else { return nil }
        return String(status.mode & 0o7777, radix: 8)
    }

    /// Copies what the mount point has into the new file system, which nobody sees yet.
    private func copyUp(
        _ path: String, _ tree: borrowing FileDescriptor, _ options: MountOptions, _ what: String
    ) throws(RuntimeError) {
        try step("\(what): tmpcopyup") { () throws(Errno) in
            let covered = try root.openInRoot(path, O_RDONLY | O_DIRECTORY)
            try covered.copyTree(to: try tree.openAt(".", O_RDONLY | O_DIRECTORY))
            if options.set.contains(.readOnly) { try tree.setMount(set: .readOnly) }
        }
    }

    /// The mount of a host path that `mount` asks for, detached. In the namespaces of the caller.
    static func openSource(
        _ mount: RuntimeSpec.Mount, _ options: MountOptions, bundle: String
    ) throws(RuntimeError) -> FileDescriptor {
        let what = "mounting \"\(mount.source ?? "")\" to \"\(mount.destination)\""
        guard let source = mount.source, !source.isEmpty else { throw RuntimeError(.invalid, "\(what): no source") }
        let path = source.hasPrefix("/") ? source : "\(bundle)/\(source)"
        let recursive = options.isRecursiveBind || !options.isBind
        return try step(what) { () throws(Errno) in try FileDescriptor.cloneMount(path, recursive: recursive) }
    }

    /// A mount of what is at a host path.
    private func bind(
        _ mount: RuntimeSpec.Mount, _ options: MountOptions, _ source: SharedDescriptor?, _ what: String
    ) throws(RuntimeError) {
        guard options.data.isEmpty else {
            throw RuntimeError(.invalid, "\(what): option \"\(options.data[0])\" does not go with bind")
        }
        guard let source else {
            let tree = try Mounter.openSource(mount, options, bundle: bundle)
            return try bind(tree, mount, options, what)
        }
        if options.propagation == nil {
            // It was opened where the host's mounts are seen: what is mounted in the container must stay there.
            try step(what) { () throws(Errno) in try source.descriptor.setMount(propagation: .slave, recursive: true) }
        }
        try bind(source.descriptor, mount, options, what)
    }

    private func bind(
        _ tree: borrowing FileDescriptor, _ mount: RuntimeSpec.Mount, _ options: MountOptions, _ what: String
    ) throws(RuntimeError) {
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
        try ProcGuard.check(tree, target, destination, what)
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

    /// Changes a mount that is there: its attributes, and unless `bind` says otherwise its file system's parameters.
    private func remount(
        _ mount: RuntimeSpec.Mount, _ options: MountOptions, _ what: String
    ) throws(RuntimeError) -> SharedDescriptor {
        try step("re\(what)") { () throws(Errno) in
            let target = try root.openInRoot(mount.destination, O_PATH)
            if !options.isBind, !options.data.isEmpty {
                let context = try FilesystemContext(reconfiguring: target)
                for option in options.data { try context.set(option: option) }
                try context.reconfigure()
            }
            try target.setMount(set: options.set, clear: options.clear)
            if !options.recursiveSet.isEmpty || !options.recursiveClear.isEmpty {
                try target.setMount(set: options.recursiveSet, clear: options.recursiveClear, recursive: true)
            }
            if let propagation = options.propagation {
                try target.setMount(propagation: propagation, recursive: options.propagationIsRecursive)
            }
            return SharedDescriptor(target)
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

extension FilesystemContext {
    /// Sets `key`, or `key=value`.
    fileprivate func set(option: String) throws(Errno) {
        let pair = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        if pair.count == 2 { try set(String(pair[0]), String(pair[1])) } else { try setFlag(option) }
    }
}

extension RuntimeSpec.Mount {
    func isBind(_ options: MountOptions) -> Bool { options.isBind || type == "bind" }
    /// Somebody else's, and not one of the container's own that is changed.
    func isBindOnly(_ options: MountOptions) -> Bool { isBind(options) && !options.isRemount }
}

extension MountOptions {
    fileprivate var hasMode: Bool { data.contains { $0.hasPrefix("mode=") } }
}
