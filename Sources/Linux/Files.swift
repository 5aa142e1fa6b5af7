// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// Calls on a name in an open directory. Names are single components or paths the caller trusts; see `openInRoot` for
/// others.
extension FileDescriptor {
    package func openAt(_ name: some KernelPath, _ flags: Int32, mode: UInt32 = 0) throws(Errno) -> FileDescriptor {
        while true {
            let number = name.withCString { wharf_openat(rawValue, $0, flags | O_CLOEXEC, mode) }
            if number >= 0 { return FileDescriptor(owning: number) }
            if wharf_errno() != EINTR { throw .last("openat", "\(name)") }
        }
    }

    /// As `openAt`; ELOOP where `name` is a symbolic link.
    package func openEntry(_ name: some KernelPath, _ flags: Int32, mode: UInt32 = 0) throws(Errno) -> FileDescriptor {
        try openAt(name, flags | O_NOFOLLOW, mode: mode)
    }

    package func makeDirectory(_ name: some KernelPath, mode: UInt32) throws(Errno) {
        guard name.withCString({ mkdirat(rawValue, $0, mode) }) == 0 else { throw .last("mkdirat", "\(name)") }
    }

    /// `mode` has the type too: S_IFCHR, S_IFBLK, S_IFIFO or S_IFSOCK.
    package func makeNode(
        _ name: some KernelPath, mode: UInt32, major: UInt32 = 0, minor: UInt32 = 0
    ) throws(Errno) {
        let device = wharf_makedev(major, minor)
        guard name.withCString({ mknodat(rawValue, $0, mode, device) }) == 0 else { throw .last("mknodat", "\(name)") }
    }

    package func makeSymbolicLink(_ name: some KernelPath, to target: some KernelPath) throws(Errno) {
        let result = target.withCString { target in name.withCString { symlinkat(target, rawValue, $0) } }
        guard result == 0 else { throw .last("symlinkat", "\(name)") }
    }

    package func readSymbolicLink(_ name: some KernelPath) throws(Errno) -> RawPath {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = name.withCString { name in
            buffer.withUnsafeMutableBytes { bytes in
                bytes.baseAddress.map { readlinkat(rawValue, name, $0, bytes.count) } ?? -1
            }
        }
        guard count >= 0 else { throw .last("readlinkat", "\(name)") }
        return RawPath(buffer[..<count])
    }

    /// Makes `name` in this directory another name of `target` in `directory`.
    package func makeHardLink(
        _ name: some KernelPath, to target: some KernelPath, in directory: borrowing FileDescriptor
    ) throws(Errno) {
        let from = directory.rawValue
        let result = target.withCString { target in name.withCString { linkat(from, target, rawValue, $0, 0) } }
        guard result == 0 else { throw .last("linkat", "\(name)") }
    }

    /// Renames `name` in this directory to `newName` in `directory`, replacing what has that name.
    package func rename(
        _ name: some KernelPath, to newName: some KernelPath, in directory: borrowing FileDescriptor
    ) throws(Errno) {
        let target = directory.rawValue
        let result = name.withCString { old in newName.withCString { renameat(rawValue, old, target, $0) } }
        guard result == 0 else { throw .last("renameat", "\(name)") }
    }

    /// ENOTEMPTY where something is in it.
    package func removeDirectory(_ name: some KernelPath) throws(Errno) {
        guard name.withCString({ unlinkat(rawValue, $0, AT_REMOVEDIR) }) == 0 else { throw .last("rmdir", "\(name)") }
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
}

/// Calls on an open file.
extension FileDescriptor {
    package func seek(to offset: Int64) throws(Errno) {
        guard lseek(rawValue, Int(offset), SEEK_SET) >= 0 else { throw .last("lseek") }
    }

    package func setSize(_ bytes: Int64) throws(Errno) {
        guard ftruncate(rawValue, Int(bytes)) == 0 else { throw .last("ftruncate") }
    }

    /// Writes this file to disk: fsync(2).
    package func sync() throws(Errno) {
        guard fsync(rawValue) == 0 else { throw .last("fsync") }
    }

    /// Writes everything of this file system to disk: syncfs(2).
    package func syncFilesystem() throws(Errno) {
        guard syncfs(rawValue) == 0 else { throw .last("syncfs") }
    }

    /// The file system's name as Docker's `info` gives it; its magic number in hexadecimal if that is none of the
    /// usual.
    package static func filesystemName(ofHostPath path: String) throws(Errno) -> String {
        let number = UInt32(truncatingIfNeeded: try filesystemType(ofHostPath: path))
        let names: [UInt32: String] = [
            0xef53: "extfs", 0x5846_5342: "xfs", 0x0102_1994: "tmpfs", 0x9123_683e: "btrfs", 0x794c_7630: "overlayfs",
            0x2fc1_2fc1: "zfs", 0xf2f5_2010: "f2fs", 0x6969: "nfs", 0x0102_1997: "9p", 0x6573_5546: "fuse",
        ]
        return names[number] ?? "0x" + String(number, radix: 16)
    }

    /// The file system's magic number, as in statfs(2).
    package func filesystemType() throws(Errno) -> Int {
        var result = statfs()
        guard fstatfs(rawValue, &result) == 0 else { throw .last("fstatfs") }
        return Int(result.f_type)
    }

    /// The magic number of the file system at a host path, as in statfs(2).
    package static func filesystemType(ofHostPath path: String) throws(Errno) -> Int {
        var result = statfs()
        guard path.withCString({ statfs($0, &result) }) == 0 else { throw .last("statfs", path) }
        return Int(result.f_type)
    }

    /// Whether what this is of can't be written through its mount.
    package func isOnReadOnlyMount() throws(Errno) -> Bool {
        var result = statvfs()
        guard fstatvfs(rawValue, &result) == 0 else { throw .last("fstatvfs") }
        return result.f_flag & 1 != 0  // ST_RDONLY
    }
}
