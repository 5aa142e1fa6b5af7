// SPDX-License-Identifier: Apache-2.0

internal import Glibc
package import Linux
package import OCI

/// One container's control group, whichever version the host has. `CgroupV1` is a directory in each mounted hierarchy,
/// `CgroupV2` one in the unified hierarchy, `SystemdCgroup` one that systemd keeps there.
///
/// The story of one: `make` → `apply` (limits, before there is a process to limit) → `entrance` → … → `kill` →
/// `remove`. `Cgroups.group` finds the right implementation.
package protocol Cgroup: AnyObject {
    /// Below each hierarchy's root: `/wharf/0123…`.
    var path: String { get }

    /// Where to find it again, and who keeps it.
    var place: CgroupPlace { get }

    /// The group's directories on the host, by the name a container sees them under in /sys/fs/cgroup; v2: one, named
    /// "".
    var directories: [(name: String, path: String)] { get }

    /// Makes the directories; one that exists already is taken over if it has no processes. `pid`: the process that the
    /// group is for; systemd, which makes none without, puts it in.
    func make(around pid: Int32?) throws(CgroupError)

    /// Writes the limits. A limit whose controller is missing on this host is an error; so is one that can't be had.
    func apply(_ resources: RuntimeSpec.Resources) throws(CgroupError)

    /// Whether a process gets in by being forked into it (`CgroupEntrance.directory`): so with cgroup v2.
    var isForkedInto: Bool { get }

    /// Opens the way into the group, which was made. `pid` is a process of the container's: with cgroup v2 its group is
    /// entered where the container has divided its own, which then takes no processes. `subgroups`: instead of the
    /// group itself those below it, each `PATH` or `CONTROLLER,…:PATH`, which must exist.
    func entrance(beside pid: Int32?, subgroups: [String]) throws(CgroupError) -> CgroupEntrance

    /// The processes in the group and below it.
    func processes() throws(CgroupError) -> [Int32]

    /// Freezes or thaws the group, and waits until it is so.
    func setFrozen(_ frozen: Bool) throws(CgroupError)
    func isFrozen() throws(CgroupError) -> Bool

    /// Signals every process of the group. SIGKILL reaches those that fork meanwhile, too.
    func kill(_ signal: Int32) throws(CgroupError)

    /// Removes the directories, waiting a little for processes that are on their way out. One that is gone is no error.
    func remove() throws(CgroupError)

    /// What the group uses.
    func statistics() -> CgroupStatistics

    /// How often the kernel killed a process of the group for want of memory.
    func outOfMemoryKills() -> UInt64

    /// A descriptor to wait on for memory events; nil where there is no memory controller.
    func memoryEvents() throws(CgroupError) -> MemoryEvents?
}

/// See `Cgroup.memoryEvents`.
package enum MemoryEvents: ~Copyable {
    /// Readable when the group is out of memory: read eight bytes.
    case eventfd(FileDescriptor)
    /// EPOLLPRI when a count changed: compare `outOfMemoryKills` with what it was.
    case file(FileDescriptor)
}

/// A group that could not be made or changed: the message names the file and what the kernel said.
package struct CgroupError: Error, Equatable, Sendable, CustomStringConvertible {
    package var message: String
    /// The kernel does not let us: what an ordinary user meets.
    package var isDenied = false
    package init(_ message: String) { self.message = message }

    init(_ error: Errno) {
        message = "cgroup: \(error)"
        isDenied = [Errno.Code.accessDenied, .notPermitted, .readOnlyFileSystem].contains(error.code)
    }
    package var description: String { message }
}

/// Where a group is, from each hierarchy's root, and whether systemd keeps it.
package enum CgroupPlace: Equatable, Sendable {
    case path(String)
    case systemd(SystemdUnit)

    package var path: String {
        switch self {
        case .path(let path): path
        case .systemd(let unit): unit.path
        }
    }

    package var isSystemd: Bool {
        if case .systemd = self { true } else { false }
    }
}

extension Cgroup {
    package var place: CgroupPlace { .path(path) }

    package func make() throws(CgroupError) { try make(around: nil) }

    package func entrance(beside pid: Int32? = nil) throws(CgroupError) -> CgroupEntrance {
        try entrance(beside: pid, subgroups: [])
    }
}

/// Finds which version the host has.
package enum Cgroups {
    package static let root = "/sys/fs/cgroup"

    /// The group at `path` (made or not); `path` has no `..` and is taken from each hierarchy's root.
    package static func group(at path: String) throws(CgroupError) -> any Cgroup {
        let names = path.split(separator: "/")
        guard !names.isEmpty, !names.contains(".."), !names.contains("."), !path.contains("\n") else {
            throw CgroupError("invalid cgroup path \"\(path)\"")
        }
        var clean = ""
        for name in names {
            clean += "/"
            clean += name
        }
        let directory = try cgroupStep { () throws(Errno) in try FileDescriptor.open(root, directoryFlags) }
        let type = try cgroupStep { () throws(Errno) in try directory.filesystemType() }
        if type == unifiedMagic { return CgroupV2(path: clean, root: root) }
        return CgroupV1(path: clean, root: root)
    }

    /// The group at a place that may be systemd's.
    package static func group(at place: CgroupPlace) throws(CgroupError) -> any Cgroup {
        switch place {
        case .path(let path): return try group(at: path)
        case .systemd(let unit):
            guard try group(at: unit.path) is CgroupV2 else {
                throw CgroupError("the systemd cgroup driver needs cgroup v2 alone; this host has v1")
            }
            return SystemdCgroup(unit, root: root)
        }
    }

    static let unifiedMagic = 0x6367_7270
    static let directoryFlags = O_PATH | O_DIRECTORY
}

func cgroupStep<R: ~Copyable>(_ body: () throws(Errno) -> R) throws(CgroupError) -> R {
    do throws(Errno) { return try body() } catch { throw CgroupError(error) }
}
