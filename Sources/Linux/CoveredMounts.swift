// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// The procfs and sysfs mounts of a root that another one is about to cover. Though nobody gets at them any more, the
/// kernel lets who has a user namespace mount such a file system whole where one that hides nothing is in the mount
/// namespace.
package struct CoveredMounts {
    private var paths: [String] = []

    package init() {}

    /// Finds those there are now. `proc` is the caller's procfs.
    package init(proc: borrowing FileDescriptor) throws(Errno) {
        let mounts = try MountTable(of: "self", proc: proc)
        paths = mounts.entries.filter { $0.type == "proc" || $0.type == "sysfs" }.map(\.path)
    }

    /// Takes them out of the calling process's mount namespace, or covers those that a user namespace has no right to
    /// take out. While its root is still the old one.
    package func hide() throws(Errno) {
        for path in paths.reversed() where wharf_umount2(path, 2) != 0 {  // MNT_DETACH
            guard [EINVAL, EPERM].contains(wharf_errno()) else { throw .last("umount2", path) }
            guard mount("tmpfs", path, "tmpfs", UInt(MS_RDONLY), nil) == 0 else { throw .last("mount", path) }
        }
    }
}
