// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import OCI

/// The mounts of a container's configuration: the file systems every container has, then its own, parents first.
enum SpecMounts {
    static func mounts(_ input: SpecInput) throws(EngineError) -> [RuntimeSpec.Mount] {
        let host = input.record.hostConfig
        var own: [RuntimeSpec.Mount] = []
        for mount in input.record.mounts { own.append(userMount(mount, input)) }
        for (path, options) in (host.tmpfs ?? [:]).sorted(by: { $0.key < $1.key }) {
            own.append(tmpfs(PathText.clean(path), try TmpfsOptionText.merge(options)))
        }
        let taken = Set(own.map(\.destination))
        for (destination, source) in input.files where !taken.contains(destination) {
            let access = host.readonlyRootfs ? ["ro"] : []
            own.append(
                .init(destination: destination, type: "bind", source: source, options: ["rbind", "rprivate"] + access))
        }
        own = own.enumerated().sorted { a, b in
            (depth(a.element), a.offset) < (depth(b.element), b.offset)
        }.map(\.element)
        let covered = Set(own.map(\.destination))
        return try standard(host).filter { mount in
            !covered.contains(mount.destination)
                && !(covered.contains("/dev") && mount.destination.hasPrefix("/dev/"))
        } + own
    }

    private static func depth(_ mount: RuntimeSpec.Mount) -> Int {
        mount.destination.split(separator: "/").count
    }

    private static func standard(_ host: HostConfig) throws(EngineError) -> [RuntimeSpec.Mount] {
        let locked = ["nosuid", "noexec", "nodev"]
        let access = host.privileged ? ["rw"] : ["ro"]
        let security = try SecurityOptions(parsing: host.securityOpt ?? [])
        let writesGroups = host.privileged || security.writableCgroups
        return [
            .init(destination: "/proc", type: "proc", source: "proc", options: locked),
            .init(
                destination: "/dev", type: "tmpfs", source: "tmpfs",
                options: ["nosuid", "strictatime", "mode=755", "size=65536k"]),
            .init(
                destination: "/dev/pts", type: "devpts", source: "devpts",
                options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
            .init(destination: "/sys", type: "sysfs", source: "sysfs", options: locked + access),
            .init(
                destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup",
                options: [writesGroups ? "rw" : "ro"] + locked),
            .init(destination: "/dev/mqueue", type: "mqueue", source: "mqueue", options: locked),
        ] + sharedMemory(host)
    }

    /// /dev/shm goes with the ipc namespace: of a container's own, the host's, or another container's.
    private static func sharedMemory(_ host: HostConfig) -> [RuntimeSpec.Mount] {
        let locked = ["nosuid", "noexec", "nodev"]
        switch host.ipcMode {
        case "none": return []
        case "host":
            return [
                .init(destination: "/dev/shm", type: "bind", source: "/dev/shm", options: ["rbind", "rprivate"])
            ]
        case let mode where NamespaceModes.target(mode) != nil:
            return [
                .init(destination: "/dev/shm", type: "bind", source: "shm", options: ["bind", "rprivate"] + locked)
            ]
        default:
            let size = host.shmSize > 0 ? host.shmSize : SecurityDefaults.sharedMemorySize
            return [
                .init(
                    destination: "/dev/shm", type: "tmpfs", source: "shm",
                    options: locked + ["mode=1777", "size=\(size)"])
            ]
        }
    }

    private static func userMount(_ mount: MountRecord, _ input: SpecInput) -> RuntimeSpec.Mount {
        let point = mount.point
        if point.type == "tmpfs" { return tmpfs(point.destination, mount.options) }
        if point.type == "image" {
            let options = ["bind", "ro", "nosuid", "nodev", "rprivate"]
            return .init(destination: point.destination, type: "bind", source: point.source, options: options)
        }
        var options = mount.options.contains("bind") ? [] : ["rbind"]
        options += mount.options
        if !point.rw {
            let isDeep = mount.readOnlyDepth.map { $0 == .all } ?? input.bindsReadOnlyRecursively
            options.append(isDeep ? "rro" : "ro")
        }
        options.append(point.propagation.isEmpty ? "rprivate" : point.propagation)
        return .init(destination: point.destination, type: "bind", source: point.source, options: options)
    }

    private static func tmpfs(_ destination: String, _ options: [String]) -> RuntimeSpec.Mount {
        .init(destination: destination, type: "tmpfs", source: "tmpfs", options: options)
    }

    /// The root must let through what a bind is to receive or send.
    static func rootPropagation(_ mounts: [MountRecord]) -> String? {
        let modes = Set(mounts.map(\.point.propagation))
        if !modes.isDisjoint(with: ["shared", "rshared"]) { return "rshared" }
        if !modes.isDisjoint(with: ["slave", "rslave"]) { return "rslave" }
        return nil
    }
}

/// The options of `--tmpfs`, checked: later ones replace earlier ones that contradict them.
enum TmpfsOptionText {
    static let standard = ["noexec", "nosuid", "nodev"]

    private static let opposites: [String: String] = [
        "ro": "rw", "suid": "nosuid", "dev": "nodev", "exec": "noexec", "sync": "async", "atime": "noatime",
        "diratime": "nodiratime", "relatime": "norelatime",
    ]
    private static let plain: Set<String> = ["dirsync", "strictatime", "defaults", "private", "rprivate"]
    private static let keyed: Set<String> = ["size", "mode", "uid", "gid", "nr_inodes", "nr_blocks", "mpol"]

    static func merge(_ text: String) throws(EngineError) -> [String] {
        var result = standard
        for option in text.split(separator: ",").map(String.init) {
            let key = option.split(separator: "=", maxSplits: 1).first.map(String.init) ?? option
            if option.contains("=") {
                guard keyed.contains(key) else { throw invalid(option) }
                result.removeAll { $0.hasPrefix(key + "=") }
            } else {
                let opposite = opposites[option] ?? opposites.first { $0.value == option }?.key
                guard opposite != nil || plain.contains(option) else { throw invalid(option) }
                result.removeAll { $0 == opposite || $0 == option }
            }
            if option != "defaults" { result.append(option) }
        }
        return result
    }

    private static func invalid(_ option: String) -> EngineError {
        EngineError(.invalidParameter, "invalid tmpfs option [\"\(option)\"]")
    }
}
