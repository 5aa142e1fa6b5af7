// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux
internal import OCI

/// The ids of a user namespace: `linux.uidMappings` and `gidMappings`, or a mount's own.
struct UserMapping: Equatable {
    let uids: [RuntimeSpec.IDMapping]
    let gids: [RuntimeSpec.IDMapping]

    /// What the kernel takes at most.
    private static let maximumEntries = 340

    /// nil where neither is given. `field` is what they are members of.
    init?(
        _ uids: [RuntimeSpec.IDMapping]?, _ gids: [RuntimeSpec.IDMapping]?, _ field: String
    ) throws(RuntimeError) {
        if uids?.isEmpty ?? true, gids?.isEmpty ?? true { return nil }
        self.uids = try UserMapping.checked(uids, "\(field).uidMappings")
        self.gids = try UserMapping.checked(gids, "\(field).gidMappings")
    }

    private static func checked(
        _ given: [RuntimeSpec.IDMapping]?, _ field: String
    ) throws(RuntimeError) -> [RuntimeSpec.IDMapping] {
        guard let given, !given.isEmpty else {
            throw RuntimeError(.invalid, "\(field) must not be empty where the other of uid and gid mappings is given")
        }
        guard given.count <= maximumEntries else {
            throw RuntimeError(.invalid, "\(field) must have at most \(maximumEntries) entries")
        }
        for (index, entry) in given.enumerated() {
            guard entry.size > 0 else { throw RuntimeError(.invalid, "\(field)[\(index)].size must not be 0") }
            let end = UInt64(max(entry.containerID, entry.hostID)) + UInt64(entry.size)
            guard end <= UInt64(UInt32.max) else {
                throw RuntimeError(.invalid, "\(field)[\(index)] goes beyond the highest id, 4294967294")
            }
            for other in given[..<index] where overlap(entry, other, \.containerID) || overlap(entry, other, \.hostID) {
                throw RuntimeError(.invalid, "\(field)[\(index)] overlaps an entry before it")
            }
        }
        return given
    }

    private static func overlap(
        _ a: RuntimeSpec.IDMapping, _ b: RuntimeSpec.IDMapping, _ start: KeyPath<RuntimeSpec.IDMapping, UInt32>
    ) -> Bool {
        UInt64(a[keyPath: start]) < UInt64(b[keyPath: start]) + UInt64(b.size)
            && UInt64(b[keyPath: start]) < UInt64(a[keyPath: start]) + UInt64(a.size)
    }

    /// The id outside of one inside; nil where it is not mapped.
    static func host(_ id: UInt32, _ map: [RuntimeSpec.IDMapping]) -> UInt32? {
        for entry in map where id >= entry.containerID && id - entry.containerID < entry.size {
            return entry.hostID + (id - entry.containerID)
        }
        return nil
    }

    /// The process must be somebody in its namespace, and so must root, who sets the container up.
    func check(_ user: RuntimeSpec.User) throws(RuntimeError) {
        for (name, map) in [("uidMappings", uids), ("gidMappings", gids)] where UserMapping.host(0, map) == nil {
            throw RuntimeError(.invalid, "linux.\(name) must map containerID 0")
        }
        guard UserMapping.host(user.uid, uids) != nil else {
            throw RuntimeError(.invalid, "process.user.uid: \(user.uid) is not in linux.uidMappings")
        }
        for (field, gid) in [("gid", user.gid)] + (user.additionalGids ?? []).map({ ("additionalGids", $0) })
        where UserMapping.host(gid, gids) == nil {
            throw RuntimeError(.invalid, "process.user.\(field): \(gid) is not in linux.gidMappings")
        }
    }

    /// Gives the new user namespace of process `pid` its ids.
    func write(to pid: Int32) throws(RuntimeError) {
        let proc = try step("opening /proc/\(pid)") { () throws(Linux.Errno) in
            try FileDescriptor.open("/proc/\(pid)", O_PATH | O_DIRECTORY)
        }
        let (uid, gid) = (geteuid(), getegid())
        if uid == 0 {
            try UserMapping.write(uids, "uid_map", proc)
            return try UserMapping.write(gids, "gid_map", proc)
        }
        if UserMapping.isOnly(uid, uids) {
            try UserMapping.write(uids, "uid_map", proc)
        } else {
            try UserMapping.run("newuidmap", pid, uids)
        }
        if UserMapping.isOnly(gid, gids) {
            // Without this the kernel lets nobody but root map groups: who can drop a group could get around its
            // absence.
            try step("linux.gidMappings") { () throws(Linux.Errno) in
                try proc.openAt("setgroups", O_WRONLY).writeOnce("deny", "setgroups")
            }
            try UserMapping.write(gids, "gid_map", proc)
        } else {
            try UserMapping.run("newgidmap", pid, gids)
        }
    }

    /// Whether an ordinary user may write this map himself.
    private static func isOnly(_ id: UInt32, _ map: [RuntimeSpec.IDMapping]) -> Bool {
        map.count == 1 && map[0].hostID == id && map[0].size == 1
    }

    private static func write(
        _ map: [RuntimeSpec.IDMapping], _ file: String, _ proc: borrowing FileDescriptor
    ) throws(RuntimeError) {
        let text = map.map { "\($0.containerID) \($0.hostID) \($0.size)\n" }.joined()
        try step(file == "uid_map" ? "linux.uidMappings" : "linux.gidMappings") { () throws(Linux.Errno) in
            try proc.openAt(file, O_WRONLY).writeOnce(text, file)
        }
    }

    /// shadow-utils' programs know which ids a user was given (/etc/subuid).
    private static func run(_ name: String, _ pid: Int32, _ map: [RuntimeSpec.IDMapping]) throws(RuntimeError) {
        let places = ["/usr/bin/", "/bin/", "/usr/local/bin/"].map { $0 + name }
        guard let path = places.first(where: { access($0, X_OK) == 0 }) else {
            throw RuntimeError(.unsupported, "mapping more than one's own id needs \(name) (package uidmap)")
        }
        let numbers = map.flatMap { ["\($0.containerID)", "\($0.hostID)", "\($0.size)"] }
        try Hooks.execute(.init(path: path, args: [name, "\(pid)"] + numbers), name, input: [])
    }

    /// A user namespace with these ids, which lasts as long as its descriptor.
    func makeNamespace() throws(RuntimeError) -> FileDescriptor {
        let result = try step("making a user namespace") { () throws(Linux.Errno) in
            try forkChild(namespaces: .user)
        }
        switch consume result {
        case .child:
            // Killed by the parent, who may itself be killed before.
            try? CurrentProcess.setParentDeathSignal(SIGKILL)
            while true { pause() }
        case .parent(let pid, let pidfd):
            defer {
                try? pidfd.signalProcess(SIGKILL)
                _ = try? pidfd.waitForProcess()
            }
            try write(to: pid)
            return try step("opening the user namespace") { () throws(Linux.Errno) in
                try FileDescriptor.open("/proc/\(pid)/ns/user", O_RDONLY)
            }
        }
    }
}
