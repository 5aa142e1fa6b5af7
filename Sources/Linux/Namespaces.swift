// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// Kinds of namespaces: CLONE_NEW* of clone(2).
package struct Namespaces: OptionSet, Sendable {
    package var rawValue: UInt64
    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Not a namespace: the root, the working directory and the umask, which threads share (CLONE_FS).
    package static let fileSystem = Self(rawValue: 0x200)
    package static let time = Self(rawValue: 0x80)
    package static let mount = Self(rawValue: 0x2_0000)
    package static let cgroup = Self(rawValue: 0x200_0000)
    package static let uts = Self(rawValue: 0x400_0000)
    package static let ipc = Self(rawValue: 0x800_0000)
    package static let user = Self(rawValue: 0x1000_0000)
    package static let pid = Self(rawValue: 0x2000_0000)
    package static let network = Self(rawValue: 0x4000_0000)
}

extension FileDescriptor {
    /// Enters the namespace this descriptor is of, or those of `kinds` of the process this pidfd is of (Linux 5.8).
    package func enterNamespaces(_ kinds: Namespaces) throws(Errno) {
        guard wharf_setns(rawValue, Int32(truncatingIfNeeded: kinds.rawValue)) == 0 else { throw .last("setns") }
    }
}

/// Leaves the caller's namespaces of `kinds` for new ones.
package func unshare(_ kinds: Namespaces) throws(Errno) {
    guard wharf_unshare(Int32(truncatingIfNeeded: kinds.rawValue)) == 0 else { throw .last("unshare") }
}
