// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

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

/// What lstat(2) says of an entry of a tree.
package struct EntryStatus: Sendable {
    package var status: FileStatus
    package var links: UInt64
    /// Bytes on disk.
    package var blockBytes: Int64
    package var modified: FileTime
    package var accessed: FileTime

    init(_ status: stat) {
        self.status = FileStatus(status)
        links = UInt64(status.st_nlink)
        blockBytes = Int64(status.st_blocks) * 512
        modified = FileTime(seconds: Int64(status.st_mtim.tv_sec), nanoseconds: Int64(status.st_mtim.tv_nsec))
        accessed = FileTime(seconds: Int64(status.st_atim.tv_sec), nanoseconds: Int64(status.st_atim.tv_nsec))
    }
}

/// Calls on a single name in an open directory. Symbolic links are never followed.
extension FileDescriptor {
    package func openEntry(_ name: RawPath, _ flags: Int32, mode: UInt32 = 0) throws(Errno) -> FileDescriptor {
        while true {
            let number = name.withCString { wharf_openat(rawValue, $0, flags | O_CLOEXEC | O_NOFOLLOW, mode) }
            if number >= 0 { return FileDescriptor(owning: number) }
            if wharf_errno() != EINTR { throw .last("openat", "\(name)") }
        }
    }

    /// Opens the directory `path` inside this root (rule R1), `O_PATH`.
    package func openDirectoryInRoot(_ path: RawPath) throws(Errno) -> FileDescriptor {
        while true {
            let number = (path.isEmpty ? RawPath(".") : path).withCString {
                wharf_openat2(rawValue, $0, UInt64(O_PATH | O_DIRECTORY | O_CLOEXEC), 0, 0x12)
            }
            if number >= 0 { return FileDescriptor(owning: number) }
            if wharf_errno() != EINTR && wharf_errno() != EAGAIN { throw .last("openat2", "\(path)") }
        }
    }

    package func entryStatus(_ name: RawPath) throws(Errno) -> EntryStatus {
        var result = stat()
        let flags = AT_SYMLINK_NOFOLLOW | (name.isEmpty ? AT_EMPTY_PATH : 0)
        guard name.withCString({ fstatat(rawValue, $0, &result, flags) }) == 0 else {
            throw .last("fstatat", "\(name)")
        }
        return EntryStatus(result)
    }

    package func makeDirectory(_ name: RawPath, mode: UInt32) throws(Errno) {
        guard name.withCString({ mkdirat(rawValue, $0, mode) }) == 0 else { throw .last("mkdirat", "\(name)") }
    }

    package func makeNode(_ name: RawPath, mode: UInt32, major: UInt32 = 0, minor: UInt32 = 0) throws(Errno) {
        let device = wharf_makedev(major, minor)
        guard name.withCString({ mknodat(rawValue, $0, mode, device) }) == 0 else { throw .last("mknodat", "\(name)") }
    }

    package func makeSymbolicLink(_ name: RawPath, to target: RawPath) throws(Errno) {
        let result = target.withCString { target in name.withCString { symlinkat(target, rawValue, $0) } }
        guard result == 0 else { throw .last("symlinkat", "\(name)") }
    }

    /// Makes `name` in this directory another name of `target` in `directory`.
    package func makeHardLink(
        _ name: RawPath, to target: RawPath, in directory: borrowing FileDescriptor
    ) throws(Errno) {
        let from = directory.rawValue
        let result = target.withCString { target in name.withCString { linkat(from, target, rawValue, $0, 0) } }
        guard result == 0 else { throw .last("linkat", "\(name)") }
    }

    package func readSymbolicLink(_ name: RawPath) throws(Errno) -> RawPath {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = name.withCString { name in
            buffer.withUnsafeMutableBytes { bytes -> Int in
                guard let base = bytes.bindMemory(to: CChar.self).baseAddress else { return 0 }
                return readlinkat(rawValue, name, base, bytes.count)
            }
        }
        guard count >= 0 else { throw .last("readlinkat", "\(name)") }
        return RawPath(buffer[..<count])
    }

    /// Renames `name` in this directory to `newName` in `directory`, replacing what has that name.
    package func rename(
        _ name: RawPath, to newName: RawPath, in directory: borrowing FileDescriptor
    ) throws(Errno) {
        let target = directory.rawValue
        let result = name.withCString { old in newName.withCString { renameat(rawValue, old, target, $0) } }
        guard result == 0 else { throw .last("renameat", "\(name)") }
    }
}

extension FileDescriptor {
    package func seek(to offset: Int64) throws(Errno) {
        guard lseek(rawValue, Int(offset), SEEK_SET) >= 0 else { throw .last("lseek") }
    }

    package func setSize(_ bytes: Int64) throws(Errno) {
        guard ftruncate(rawValue, Int(bytes)) == 0 else { throw .last("ftruncate") }
    }
}

extension FileDescriptor {
    /// Copies `size` bytes from this file's position to `target`'s, within the kernel; on file systems that can, the
    /// blocks are shared.
    package func copyContents(to target: borrowing FileDescriptor, size: Int64) throws(Errno) {
        if size > 0, wharf_ioctl(target.rawValue, 0x4004_9409, UInt(rawValue)) == 0 { return }  // FICLONE
        var left = size
        while left > 0 {
            let count = copy_file_range(rawValue, nil, target.rawValue, nil, Int(min(left, 1 << 30)), 0)
            if count == 0 { return }
            if count < 0 {
                if wharf_errno() == EINTR { continue }
                throw .last("copy_file_range")
            }
            left -= Int64(count)
        }
    }
}
