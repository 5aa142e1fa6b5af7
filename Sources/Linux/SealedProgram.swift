// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

extension FileDescriptor {
    /// A file in memory that never holds more than `size` bytes: what is written beyond them fails.
    package static func boundedMemoryFile(_ name: String, size: Int) throws(Errno) -> FileDescriptor {
        let number = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING)
        guard number >= 0 else { throw .last("memfd_create", name) }
        let file = FileDescriptor(owning: number)
        guard ftruncate(number, size) == 0 else { throw .last("ftruncate", name) }
        guard wharf_add_seals(number, F_SEAL_GROW) == 0 else { throw .last("fcntl", "F_ADD_SEALS") }
        return file
    }

    /// Where the next byte is read from or written to.
    package func position() throws(Errno) -> Int64 {
        let offset = lseek(rawValue, 0, SEEK_CUR)
        guard offset >= 0 else { throw .last("lseek") }
        return Int64(offset)
    }
}

/// A program in a memfd that nobody can change any more (memfd_create(2), F_ADD_SEALS): what rule R11 asks for.
package enum SealedProgram {
    /// Copies the file at `path` into a sealed, executable memfd.
    package static func seal(_ path: String, name: String) throws(Errno) -> FileDescriptor {
        let source = try FileDescriptor.open(path, O_RDONLY)
        let program = try create(name)
        while true {
            let count = sendfile(program.rawValue, source.rawValue, nil, 16 << 20)
            if count == 0 { break }
            if count < 0, wharf_errno() != EINTR { throw .last("sendfile", path) }
        }
        let seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL
        if wharf_add_seals(program.rawValue, seals) != 0 { throw .last("fcntl", "F_ADD_SEALS") }
        return program
    }

    /// MFD_EXEC says that it is meant to be executed, where vm.memfd_noexec asks; kernels before 6.3 refuse the flag.
    private static func create(_ name: String) throws(Errno) -> FileDescriptor {
        let flags = MFD_CLOEXEC | MFD_ALLOW_SEALING
        var number = memfd_create(name, flags | wharfMFDExec)
        if number < 0, wharf_errno() == EINVAL { number = memfd_create(name, flags) }
        guard number >= 0 else { throw .last("memfd_create", name) }
        return FileDescriptor(owning: number)
    }

    private static var wharfMFDExec: UInt32 { 0x10 }
}

extension FileDescriptor {
    /// An anonymous file in memory (memfd_create(2)).
    package static func memoryFile(_ name: String) throws(Errno) -> FileDescriptor {
        let number = name.withCString { wharf_memfd_create($0, 1) }
        guard number >= 0 else { throw .last("memfd_create") }
        return FileDescriptor(owning: number)
    }

    /// Whether this is a memfd that nobody can write any more.
    package func isSealed() -> Bool {
        let seals = wharf_fcntl(rawValue, 1034, 0)  // F_GET_SEALS
        return seals >= 0 && seals & 0x8 != 0  // F_SEAL_WRITE
    }
}
