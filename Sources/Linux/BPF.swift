// SPDX-License-Identifier: Apache-2.0

internal import CLinux

extension FileDescriptor {
    /// Loads a BPF_PROG_TYPE_CGROUP_DEVICE program of eight-byte instructions.
    package static func loadCgroupDeviceProgram(_ instructions: [UInt64]) throws(Errno) -> FileDescriptor {
        let number = instructions.withUnsafeBufferPointer { wharf_bpf_load_device($0.baseAddress, UInt32($0.count)) }
        guard number >= 0 else { throw .last("bpf", "BPF_PROG_LOAD") }
        return FileDescriptor(owning: number)
    }

    /// Attaches this program to a cgroup v2 directory, beside others (BPF_F_ALLOW_MULTI).
    package func attachCgroupDeviceProgram(to group: borrowing FileDescriptor) throws(Errno) {
        guard wharf_bpf_attach_device(rawValue, group.rawValue) == 0 else { throw .last("bpf", "BPF_PROG_ATTACH") }
    }
}
