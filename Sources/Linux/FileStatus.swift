// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// What stat(2) says of a file, as far as the engine asks.
package struct FileStatus: Sendable {
    package var device: UInt64
    package var inode: UInt64
    /// Type and permissions.
    package var mode: UInt32
    package var uid: UInt32
    package var gid: UInt32
    package var size: Int64
    /// Names, in any directory.
    package var links: UInt64
    /// Bytes on disk.
    package var blockBytes: Int64
    package var modified: FileTime
    package var accessed: FileTime
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
        links = UInt64(status.st_nlink)
        blockBytes = Int64(status.st_blocks) * 512
        modified = FileTime(seconds: Int64(status.st_mtim.tv_sec), nanoseconds: Int64(status.st_mtim.tv_nsec))
        accessed = FileTime(seconds: Int64(status.st_atim.tv_sec), nanoseconds: Int64(status.st_atim.tv_nsec))
        major = wharf_major(status.st_rdev)
        minor = wharf_minor(status.st_rdev)
    }
}

/// A point in time as file systems keep it.
package struct FileTime: Sendable, Hashable {
    package var seconds: Int64
    package var nanoseconds: Int64

    package init(seconds: Int64, nanoseconds: Int64 = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    var timespec: timespec { Glibc.timespec(tv_sec: Int(seconds), tv_nsec: Int(nanoseconds)) }
}

extension FileDescriptor {
    package func status() throws(Errno) -> FileStatus {
        var result = stat()
        guard fstat(rawValue, &result) == 0 else { throw .last("fstat") }
        return FileStatus(result)
    }

    /// Of the entry `name` in this directory; a symbolic link is not followed.
    package func status(of name: some KernelPath) throws(Errno) -> FileStatus {
        var result = stat()
        let flags = AT_SYMLINK_NOFOLLOW | (name.isEmpty ? AT_EMPTY_PATH : 0)
        guard name.withCString({ fstatat(rawValue, $0, &result, flags) }) == 0 else {
            throw .last("fstatat", "\(name)")
        }
        return FileStatus(result)
    }
}
