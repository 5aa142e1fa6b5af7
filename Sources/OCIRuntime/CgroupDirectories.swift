// SPDX-License-Identifier: Apache-2.0

internal import Cgroups

/// The directories of a container's cgroup, for its /sys/fs/cgroup.
enum CgroupDirectories {
    static func find(_ path: String) -> [(name: String, path: String)] {
        (try? Cgroups.group(at: path))?.directories ?? []
    }
}
