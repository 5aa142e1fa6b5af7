// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// What fstat(2) says, as far as the engine asks.
package struct FileStatus: Sendable, Equatable {
    package var device: UInt64
    package var inode: UInt64
    package var mode: UInt32
    package var uid: UInt32
    package var gid: UInt32
    package var size: Int64
    /// Of a device node.
    package var major: UInt32
    package var minor: UInt32

    package var isDirectory: Bool { mode & S_IFMT == S_IFDIR }
    package var isRegular: Bool { mode & S_IFMT == S_IFREG }
    package var isSymbolicLink: Bool { mode & S_IFMT == S_IFLNK }
    package var isCharacterDevice: Bool { mode & S_IFMT == S_IFCHR }
    package var isBlockDevice: Bool { mode & S_IFMT == S_IFBLK }

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        mode = status.st_mode
        uid = status.st_uid
        gid = status.st_gid
        size = Int64(status.st_size)
        major = wharf_major(status.st_rdev)
        minor = wharf_minor(status.st_rdev)
    }
}

/// Calls on a name in an open directory. Names are single components or paths the caller trusts.
extension FileDescriptor {
    package func status() throws(Errno) -> FileStatus {
        var result = stat()
        guard fstat(rawValue, &result) == 0 else { throw .last("fstat") }
        return FileStatus(result)
    }

    package func openAt(_ name: String, _ flags: Int32, mode: UInt32 = 0) throws(Errno) -> FileDescriptor {
        while true {
            let number = name.withCString { wharf_openat(rawValue, $0, flags | O_CLOEXEC, mode) }
            if number >= 0 { return FileDescriptor(owning: number) }
            if wharf_errno() != EINTR { throw .last("openat", name) }
        }
    }

    package func makeDirectory(_ name: String, mode: UInt32) throws(Errno) {
        guard name.withCString({ mkdirat(rawValue, $0, mode) }) == 0 else { throw .last("mkdirat", name) }
    }

    /// `mode` has the type too: S_IFCHR, S_IFBLK or S_IFIFO.
    package func makeNode(_ name: String, mode: UInt32, major: UInt32, minor: UInt32) throws(Errno) {
        let device = wharf_makedev(major, minor)
        guard name.withCString({ mknodat(rawValue, $0, mode, device) }) == 0 else { throw .last("mknodat", name) }
    }

    package func makeLink(_ name: String, to target: String) throws(Errno) {
        let result = target.withCString { target in name.withCString { symlinkat(target, rawValue, $0) } }
        guard result == 0 else { throw .last("symlinkat", name) }
    }

    package func readLink(_ name: String) throws(Errno) -> String {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = name.withCString { name in
            buffer.withUnsafeMutableBytes { bytes in
                bytes.baseAddress.map { readlinkat(rawValue, name, $0, bytes.count) } ?? -1
            }
        }
        guard count >= 0 else { throw .last("readlinkat", name) }
        return String(decoding: buffer[..<count], as: UTF8.self)
    }

    package func unlink(_ name: String) throws(Errno) {
        guard name.withCString({ unlinkat(rawValue, $0, 0) }) == 0 else { throw .last("unlinkat", name) }
    }

    /// Renames within this directory; an existing `new` is replaced (renameat(2)).
    package func rename(_ old: String, to new: String) throws(Errno) {
        let result = old.withCString { old in new.withCString { renameat(rawValue, old, rawValue, $0) } }
        guard result == 0 else { throw .last("renameat", old) }
    }

    package func removeDirectory(_ name: String) throws(Errno) {
        guard name.withCString({ unlinkat(rawValue, $0, AT_REMOVEDIR) }) == 0 else { throw .last("unlinkat", name) }
    }

    package func setOwner(uid: UInt32, gid: UInt32) throws(Errno) {
        guard fchownat(rawValue, "", uid, gid, AT_EMPTY_PATH) == 0 else { throw .last("fchownat") }
    }

    /// Writes `text` to the file `name` in this directory with one write(2), as cgroup and proc files want.
    package func write(_ text: String, toFile name: String) throws(Errno) {
        let file = try openAt(name, O_WRONLY)
        try file.writeOnce(text, name)
    }

    /// One write(2) of all of `text`.
    package func writeOnce(_ text: String, _ name: String = "") throws(Errno) {
        var text = text
        let failed = text.withUTF8 { bytes -> Bool in
            while true {
                if Glibc.write(rawValue, bytes.baseAddress, bytes.count) == bytes.count { return false }
                if wharf_errno() != EINTR { return true }
            }
        }
        if failed { throw .last("write", name) }
    }

    /// Reads the small text file `name` in this directory.
    package func readText(_ name: String, limit: Int = 65536) throws(Errno) -> String {
        String(decoding: try openAt(name, O_RDONLY).readAll(limit: limit), as: UTF8.self)
    }

    /// The magic number of the file system at a host path, as in statfs(2).
    package static func filesystemType(ofHostPath path: String) throws(Errno) -> Int {
        var result = statfs()
        guard path.withCString({ statfs($0, &result) }) == 0 else { throw .last("statfs", path) }
        return Int(result.f_type)
    }

    /// The file system's magic number, as in statfs(2).
    package func filesystemType() throws(Errno) -> Int {
        var result = statfs()
        guard fstatfs(rawValue, &result) == 0 else { throw .last("fstatfs") }
        return Int(result.f_type)
    }
}

/// A pipe, both ends close-on-exec.
package struct Pipe: ~Copyable {
    package var readEnd: FileDescriptor
    package var writeEnd: FileDescriptor

    package init() throws(Errno) {
        var ends: (Int32, Int32) = (-1, -1)
        let result = withUnsafeMutableBytes(of: &ends) { pipe2($0.bindMemory(to: Int32.self).baseAddress, O_CLOEXEC) }
        guard result == 0 else { throw .last("pipe2") }
        readEnd = FileDescriptor(owning: ends.0)
        writeEnd = FileDescriptor(owning: ends.1)
    }

    /// Hands the ends to two owners: reading, writing. (Other modules can't take a value apart.)
    package consuming func split(_ body: (consuming FileDescriptor, consuming FileDescriptor) -> Void) {
        body(readEnd, writeEnd)
    }
}

extension FileDescriptor {
    /// An anonymous file in memory (memfd_create(2)).
    package static func memoryFile(_ name: String) throws(Errno) -> FileDescriptor {
        let number = name.withCString { wharf_memfd_create($0, 1) }
        guard number >= 0 else { throw .last("memfd_create") }
        return FileDescriptor(owning: number)
    }
}

extension FileDescriptor {
    /// Whether what this is of can't be written through its mount.
    package func isOnReadOnlyMount() throws(Errno) -> Bool {
        var result = statvfs()
        guard fstatvfs(rawValue, &result) == 0 else { throw .last("fstatvfs") }
        return result.f_flag & 1 != 0  // ST_RDONLY
    }

    /// Whether this is a memfd that nobody can write any more.
    package func isSealed() -> Bool {
        let seals = wharf_fcntl(rawValue, 1034, 0)  // F_GET_SEALS
        return seals >= 0 && seals & 0x8 != 0  // F_SEAL_WRITE
    }
}
