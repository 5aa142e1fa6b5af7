// SPDX-License-Identifier: Apache-2.0

internal import Cgroups
internal import Glibc
internal import Linux
internal import OCIRuntime

/// A container that is being made. `<root>/ID:new` is there from before the first trace of it until it is whole: a
/// symbolic link, as one call makes it with its content, which is what it takes to undo a create whose process was
/// killed: that process, and the container's cgroup. (No id has a colon.) Whoever meets it then clears up: `create` of
/// the same id, `delete` and `list`.
extension StateStore {
    enum ClaimKind: String {
        /// Its process ends with its maker.
        case create
        /// CRIU's half-made processes may outlive it.
        case restore
    }

    /// Takes the id and makes the container's state directory.
    func claim(_ id: String, _ kind: ClaimKind = .create, cgroup: CgroupPlace) throws(RuntimeError) -> String {
        let path = try directory(id)
        let maker = getpid()
        let driver = cgroup.isSystemd ? "systemd" : "cgroupfs"
        let started = StateStore.Process(maker)?.startTime ?? 0
        let content = "\(maker) \(started) \(kind.rawValue) \(driver) \(cgroup.path)"
        if symlink(content, claimPath(path)) != 0 {
            if errno == ENOENT { makeRoot() }
            guard try clearAbandoned(id), symlink(content, claimPath(path)) == 0 else { throw exists(id) }
        }
        if mkdir(path, 0o700) == 0 { return path }
        let error = Linux.Errno.last("mkdir", path)
        release(id)
        throw error.code == .exists ? exists(id) : RuntimeError(.system, "\(error)")
    }

    /// The container is whole.
    func release(_ id: String) {
        if let path = try? directory(id) { _ = unlink(claimPath(path)) }
    }

    /// After a failure that was undone.
    func abandon(_ id: String) throws(RuntimeError) {
        try remove(id)
        release(id)
    }

    /// Removes what a create that was killed has left. False: one is under way, or processes of a restore that was
    /// killed are left; with `force` these are killed.
    func clearAbandoned(_ id: String, force: Bool = false) throws(RuntimeError) -> Bool {
        let path = try directory(id)
        guard readClaim(path) != nil else { return true }
        // One at a time, so that nobody takes away what was made anew meanwhile.
        guard let lock = try? FileDescriptor.open(root, O_RDONLY | O_DIRECTORY) else { return true }
        while flock(lock.rawValue, LOCK_EX) != 0, errno == EINTR {}
        guard let claim = readClaim(path) else { return true }
        if claim.isHeld { return false }
        if let record = try? load(id) { StateStore.end(record) }
        if claim.kind == .restore, force { try Container.removeCgroup(claim.cgroup) }
        guard try Container.removeEmptyCgroup(claim.cgroup) || claim.kind == .create else { return false }
        try remove(id)
        // LAST: until then the id is taken.
        release(id)
        return true
    }

    /// The ids of all that are or were being made.
    var claimed: [String] {
        ((try? HostPath.names(in: root)) ?? []).filter { $0.hasSuffix(":new") }.map { String($0.dropLast(4)) }
    }

    private func claimPath(_ directory: String) -> String { directory + ":new" }

    private func exists(_ id: String) -> RuntimeError {
        RuntimeError(.invalid, "container with given ID already exists: \(id)")
    }

    private struct Claim {
        var maker: Int32
        var startTime: UInt64
        var kind = ClaimKind.create
        var cgroup: CgroupPlace?

        /// Whether who made it lives: a number may be another process's by now.
        var isHeld: Bool { StateStore.Process(maker)?.isAlive(since: startTime) == true }
    }

    /// nil: there is none.
    private func readClaim(_ directory: String) -> Claim? {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink(claimPath(directory), &buffer, buffer.count)
        guard count > 0 else { return nil }
        let text = String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
        let fields = text.split(separator: " ", maxSplits: 4, omittingEmptySubsequences: false)
        guard fields.count == 5 else { return Claim(maker: 0, startTime: 0) }
        return Claim(
            maker: Int32(fields[0]) ?? 0, startTime: UInt64(fields[1]) ?? 0,
            kind: ClaimKind(rawValue: String(fields[2])) ?? .create,
            cgroup: fields[3] == "systemd"
                ? .systemd(SystemdUnit(path: String(fields[4]))) : .path(String(fields[4])))
    }

    /// Kills the process of a container nobody was told of, and waits for its end.
    private static func end(_ record: Record) {
        // The descriptor first: then the number is not somebody else's by the time of the signal.
        guard let pidfd = try? FileDescriptor.process(record.pid),
            Process(record.pid)?.isAlive(since: record.startTime) == true
        else { return }
        try? pidfd.signalProcess(SIGKILL)
        var poll = pollfd(fd: pidfd.rawValue, events: Int16(POLLIN), revents: 0)
        _ = Glibc.poll(&poll, 1, 10_000)
    }
}
