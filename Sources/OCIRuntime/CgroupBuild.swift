// SPDX-License-Identifier: Apache-2.0

internal import Cgroups
internal import Glibc
internal import Linux
internal import OCI

/// The cgroup of a container that is being made. After a failure `undo` removes it if it was made here: one that
/// somebody else uses is refused, and left alone.
final class CgroupBuild {
    private let cgroup: (any Cgroup)?
    private let resources: RuntimeSpec.Resources?
    private var isMade = false

    /// nil: the container stays in the runtime's own group.
    init(_ cgroup: (any Cgroup)?, _ resources: RuntimeSpec.Resources?) {
        self.cgroup = cgroup
        self.resources = resources
    }

    /// What the child is to be forked into: cgroup v2's directory, which is made here. (cgroup v1 has nine to be made:
    /// they are while the child mounts.)
    func makeBeforeFork() throws(RuntimeError) -> SharedDescriptor? {
        guard let cgroup, cgroup.isForkedInto else { return nil }
        try make()
        return try cgroupStep { () throws(CgroupError) in try cgroup.entrance(beside: nil).directory }
    }

    /// Makes the rest and opens the way in for the child.
    func finish(_ link: Link) throws(RuntimeError) {
        guard let cgroup else { return }
        if !isMade { try make() }
        try cgroupStep { () throws(CgroupError) in if let resources { try cgroup.apply(resources) } }
        let entrance = try cgroupStep { () throws(CgroupError) in try cgroup.entrance(beside: nil) }
        try link.send(.cgroup, entrance.files)
    }

    private func make() throws(RuntimeError) {
        guard let cgroup else { return }
        do throws(CgroupError) { try cgroup.make() } catch {
            // Directories of a group that was taken over half-way are somebody else's, if anything is in them.
            if (try? cgroup.processes().isEmpty) == true { try? cgroup.remove() }
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
