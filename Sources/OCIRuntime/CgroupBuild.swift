// SPDX-License-Identifier: Apache-2.0

internal import Cgroups
internal import Glibc
internal import Linux
internal import OCI

/// The cgroup of a container that is being made. After a failure `undo` removes it if it was made here: one that
/// somebody else uses is refused, and left alone.
final class CgroupBuild {
    private let cgroup: (any Cgroup)?
    private let resources: RuntimeSpec.Resources
    private let mayLack: Bool
    private var isMade = false
    /// There is none, and need not be.
    private(set) var isAbsent: Bool

    /// nil: the container stays in the runtime's own group.
    /// `mayLack`: where the kernel does not let us make it, and there is nothing to be limited, do without.
    init(_ cgroup: (any Cgroup)?, _ given: RuntimeSpec.Resources?, mayLack: Bool) {
        self.cgroup = cgroup
        self.mayLack = mayLack && (given.map { $0.onlyHasDevices } ?? true)
        var resources = given ?? .init()
        resources.devices = DeviceRules.complete(resources.devices)
        self.resources = resources
        isAbsent = cgroup == nil
    }

    /// What the child is to be forked into: cgroup v2's directory, which is made here. (cgroup v1 has nine to be made:
    /// they are while the child mounts, and so is systemd's, which takes the child's number.)
    func makeBeforeFork() throws(RuntimeError) -> SharedDescriptor? {
        guard let cgroup, cgroup.isForkedInto else { return nil }
        try make()
        if isAbsent { return nil }
        return try cgroupStep { () throws(CgroupError) in try cgroup.entrance().directory }
    }

    /// Makes the rest and opens the way in for the child.
    func finish(_ link: Link, pid: Int32) throws(RuntimeError) {
        guard let cgroup else { return }
        if !isMade, !isAbsent { try make(around: pid) }
        if isAbsent { return try link.send(.cgroup) }
        try cgroupStep { () throws(CgroupError) in try cgroup.apply(resources) }
        let entrance = try cgroupStep { () throws(CgroupError) in try cgroup.entrance() }
        try link.send(.cgroup, entrance.files)
    }

    private func make(around pid: Int32? = nil) throws(RuntimeError) {
        guard let cgroup else { return }
        do throws(CgroupError) { try cgroup.make(around: pid) } catch {
            // Directories of a group that was taken over half-way are somebody else's, if anything is in them.
            if (try? cgroup.processes().isEmpty) == true { try? cgroup.remove() }
            if error.isDenied, mayLack {
                isAbsent = true
                return
            }
            throw RuntimeError(.system, error.message)
        }
        isMade = true
    }

    func undo() {
        guard isMade, let cgroup else { return }
        isMade = false
        try? cgroup.kill(SIGKILL)
        try? cgroup.remove()
    }
}

extension RuntimeSpec.Resources {
    /// Limits of devices are kept by an ordinary user's lack of rights, too.
    fileprivate var onlyHasDevices: Bool {
        var rest = self
        rest.devices = nil
        return rest == .init()
    }
}
