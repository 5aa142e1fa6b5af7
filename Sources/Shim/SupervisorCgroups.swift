// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux

/// Where supervisors live, so that stopping or limiting the daemon's systemd unit does not touch them.
///
/// systemd knows a unit's processes by the name=systemd hierarchy (v1) or the unified one; only those matter here. A
/// daemon that is in the root of a hierarchy is nobody's unit there, and its supervisors stay with it.
enum SupervisorCgroups {
    /// Makes `parent/supervisors` in each hierarchy that needs it, and opens its cgroup.procs.
    static func open(parent: String) throws(Errno) -> [SharedDescriptor] {
        let membership = try text("/proc/self/cgroup")
        let mounts = try text("/proc/self/mountinfo")
        var result: [SharedDescriptor] = []
        for hierarchy in hierarchies(membership: membership, mounts: mounts) {
            try HostPath.makeDirectories("\(hierarchy)\(parent)/supervisors")
            let procs = try FileDescriptor.open("\(hierarchy)\(parent)/supervisors/cgroup.procs", O_WRONLY)
            result.append(SharedDescriptor(procs))
        }
        return result
    }

    /// The mount points of the hierarchies in which the process is not in the root.
    static func hierarchies(membership: String, mounts: String) -> [String] {
        var result: [String] = []
        for line in membership.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3, fields[2] != "/", let mount = mountPoint(of: fields[1], mounts) else { continue }
            result.append(mount)
        }
        return result
    }

    /// `controllers` is a field of /proc/self/cgroup: empty for the unified hierarchy.
    private static func mountPoint(of controllers: Substring, _ mounts: String) -> String? {
        for line in mounts.split(separator: "\n") {
            // 36 35 0:26 / /sys/fs/cgroup/systemd rw,… shared:9 - cgroup cgroup rw,name=systemd
            guard let dash = line.range(ofFirst: " - ") else { continue }
            let before = line[..<dash.lowerBound].split(separator: " ")
            let after = line[dash.upperBound...].split(separator: " ")
            guard before.count >= 5, after.count >= 3 else { continue }
            let matches =
                controllers.isEmpty
                ? after[0] == "cgroup2"
                : controllers == "name=systemd" && after[0] == "cgroup"
                    && after[2].split(separator: ",").contains(controllers)
            if matches { return String(before[4]) }
        }
        return nil
    }

    private static func text(_ path: String) throws(Errno) -> String {
        String(decoding: try HostPath.read(path, limit: 4 << 20), as: UTF8.self)
    }
}

extension Substring {
    fileprivate func range(ofFirst text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
