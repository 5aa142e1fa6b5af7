// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

extension CurrentProcess {
    /// Loads a compiled system call filter: eight bytes for each BPF instruction. Needs no_new_privs or CAP_SYS_ADMIN.
    package static func loadFilter(_ program: UnsafeRawBufferPointer, flags: UInt32) throws(Errno) {
        let count = program.count / 8
        guard program.count % 8 == 0, count > 0, count <= 4096, let base = program.baseAddress else {
            throw Errno(.invalidArgument, "seccomp", "\(program.count) bytes")
        }
        guard wharf_seccomp_load(base, UInt16(count), flags) == 0 else { throw .last("seccomp") }
    }
}
