// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

extension CurrentProcess {
    /// Loads a compiled system call filter: eight bytes for each BPF instruction. Needs no_new_privs or CAP_SYS_ADMIN.
    /// With SECCOMP_FILTER_FLAG_NEW_LISTENER among `flags`: returns what notifications are read from.
    package static func loadFilter(
        _ program: UnsafeRawBufferPointer, flags: UInt32
    ) throws(Errno) -> FileDescriptor? {
        let count = program.count / 8
        guard program.count % 8 == 0, count > 0, count <= 4096, let base = program.baseAddress else {
            throw Errno(.invalidArgument, "seccomp", "\(program.count) bytes")
        }
        let result = wharf_seccomp_load(base, UInt16(count), flags)
        guard result >= 0 else { throw .last("seccomp") }
        return flags & 8 != 0 ? FileDescriptor(owning: result) : nil
    }
}
