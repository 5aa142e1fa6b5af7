// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

extension FileDescriptor {
    /// Copies everything in this directory into `target`, with owners, modes, times to the nanosecond, extended
    /// attributes, hard links among the copied, device nodes and holes; then gives `target` the owner, mode and times
    /// of this directory. Names that `target` has already fail with EEXIST. Links are copied, never followed; mounts
    /// below are entered.
    package func copyTree(to target: borrowing FileDescriptor) throws(Errno) {
        var copy = TreeCopy(root: target.rawValue)
        try copy.directory(from: self, to: target, depth: 0)
    }
}

/// One copy's bookkeeping.
private struct TreeCopy {
    /// Directories inside each other: two descriptors are open for each.
    static let maximumDepth = 400

    private struct Identity: Hashable {
        var device: dev_t
        var inode: ino_t
    }

    /// The root of the copy, and the path from there to the directory at hand.
    private let root: Int32
    private var path: [CChar] = []
    /// Where the first copy of each file with several links is, from the root.
    private var links: [Identity: [CChar]] = [:]

    init(root: Int32) { self.root = root }

    mutating func directory(
        from source: borrowing FileDescriptor, to target: borrowing FileDescriptor, depth: Int
    ) throws(Errno) {
        guard depth < Self.maximumDepth else { throw Errno(.nameTooLong, "copy", "directories nested too deep") }
        for entry in try source.entries() {
            try self.entry(entry.bytes, from: source, to: target, depth: depth)
        }
        var status = stat()
        guard fstat(source.rawValue, &status) == 0 else { throw .last("fstat") }
        try attributes([46, 0], from: source, to: target)
        try finish([46, 0], status, in: target)
    }

    private mutating func entry(
        _ name: [CChar], from source: borrowing FileDescriptor, to target: borrowing FileDescriptor, depth: Int
    ) throws(Errno) {
        var status = stat()
        guard fstatat(source.rawValue, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { throw failed("fstatat", name) }
        let kind = status.st_mode & S_IFMT
        if kind == S_IFDIR {
            guard mkdirat(target.rawValue, name, 0o700) == 0 else { throw failed("mkdirat", name) }
            let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW
            return try directory(
                from: open(name, in: source, flags), to: open(name, in: target, flags), depth: depth + 1)
        }
        if status.st_nlink > 1, try link(name, status, to: target) { return }
        switch kind {
        case S_IFREG: try file(name, status, from: source, to: target)
        case S_IFLNK: try symbolicLink(name, from: source, to: target)
        default:
            guard mknodat(target.rawValue, name, status.st_mode, status.st_rdev) == 0 else {
                throw failed("mknodat", name)
            }
        }
        try attributes(name, from: source, to: target)
        try finish(name, status, in: target)
        if status.st_nlink > 1 { links[Identity(device: status.st_dev, inode: status.st_ino)] = path + name }
    }

    private func open(
        _ name: [CChar], in directory: borrowing FileDescriptor, _ flags: Int32, mode: UInt32 = 0
    ) throws(Errno) -> FileDescriptor {
        let number = wharf_openat(directory.rawValue, name, flags | O_CLOEXEC, mode)
        guard number >= 0 else { throw failed("openat", name) }
        return FileDescriptor(owning: number)
    }

    private func link(_ name: [CChar], _ status: stat, to target: borrowing FileDescriptor) throws(Errno) -> Bool {
        guard let known = links[Identity(device: status.st_dev, inode: status.st_ino)] else { return false }
        guard linkat(root, known, target.rawValue, name, 0) == 0 else { throw failed("linkat", name) }
        return true
    }

    private func symbolicLink(
        _ name: [CChar], from source: borrowing FileDescriptor, to target: borrowing FileDescriptor
    ) throws(Errno) {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = readlinkat(source.rawValue, name, &buffer, Int(PATH_MAX))
        guard count >= 0 else { throw failed("readlinkat", name) }
        buffer[count] = 0
        guard symlinkat(buffer, target.rawValue, name) == 0 else { throw failed("symlinkat", name) }
    }

    /// Copies the parts that are not holes; the file system may share them (copy_file_range(2)).
    private func file(
        _ name: [CChar], _ status: stat, from source: borrowing FileDescriptor, to target: borrowing FileDescriptor
    ) throws(Errno) {
        let input = try open(name, in: source, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        let output = try open(name, in: target, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
        guard ftruncate(output.rawValue, status.st_size) == 0 else { throw failed("ftruncate", name) }
        var position: off_t = 0
        while position < status.st_size {
            let start = lseek(input.rawValue, position, SEEK_DATA)
            if start < 0 {
                if errno == ENXIO { return }
                throw failed("lseek", name)
            }
            let end = min(lseek(input.rawValue, start, SEEK_HOLE), status.st_size)
            guard end > start else { return }
            try range(start..<end, from: input, to: output, name)
            position = end
        }
    }

    private func range(
        _ range: Range<off_t>, from input: borrowing FileDescriptor, to output: borrowing FileDescriptor,
        _ name: [CChar]
    ) throws(Errno) {
        var from = range.lowerBound
        var to = range.lowerBound
        while from < range.upperBound {
            let count = copy_file_range(input.rawValue, &from, output.rawValue, &to, Int(range.upperBound - from), 0)
            if count == 0 { return }
            guard count < 0 else { continue }
            let code = errno
            if code == EINTR { continue }
            guard code == EXDEV || code == EINVAL || code == EOPNOTSUPP || code == ENOSYS else {
                throw Errno(.init(rawValue: code), "copy_file_range", DirectoryEntry(bytes: name).name)
            }
            guard lseek(output.rawValue, to, SEEK_SET) >= 0 else { throw failed("lseek", name) }
            while from < range.upperBound {
                let count = sendfile(output.rawValue, input.rawValue, &from, Int(range.upperBound - from))
                if count == 0 { return }
                if count < 0, errno != EINTR { throw failed("sendfile", name) }
            }
        }
    }

    /// Extended attributes, of links too. What the target's file system has no place for is an error.
    private func attributes(
        _ name: [CChar], from source: borrowing FileDescriptor, to target: borrowing FileDescriptor
    ) throws(Errno) {
        let from = "/proc/self/fd/\(source.rawValue)/".utf8CString.dropLast() + name
        let to = "/proc/self/fd/\(target.rawValue)/".utf8CString.dropLast() + name
        let (source, target) = (Array(from), Array(to))
        let size = llistxattr(source, nil, 0)
        if size < 0, errno == EOPNOTSUPP { return }
        guard size >= 0 else { throw failed("llistxattr", name) }
        if size == 0 { return }
        var names = [CChar](repeating: 0, count: size)
        guard llistxattr(source, &names, size) == size else { throw failed("llistxattr", name) }
        for attribute in names.split(separator: 0).map({ Array($0) + [0] }) {
            let length = lgetxattr(source, attribute, nil, 0)
            guard length >= 0 else { throw failed("lgetxattr", name) }
            var value = [UInt8](repeating: 0, count: length)
            guard lgetxattr(source, attribute, &value, length) == length else { throw failed("lgetxattr", name) }
            guard lsetxattr(target, attribute, value, length, 0) == 0 else { throw failed("lsetxattr", name) }
        }
    }

    /// Owner before mode, which a change of owner would strip of its set-id bits; times last.
    private func finish(_ name: [CChar], _ status: stat, in target: borrowing FileDescriptor) throws(Errno) {
        guard fchownat(target.rawValue, name, status.st_uid, status.st_gid, AT_SYMLINK_NOFOLLOW) == 0 else {
            throw failed("fchownat", name)
        }
        if status.st_mode & S_IFMT != S_IFLNK {
            guard fchmodat(target.rawValue, name, status.st_mode & 0o7777, 0) == 0 else {
                throw failed("fchmodat", name)
            }
        }
        let times = [status.st_atim, status.st_mtim]
        guard utimensat(target.rawValue, name, times, AT_SYMLINK_NOFOLLOW) == 0 else { throw failed("utimensat", name) }
    }

    private func failed(_ call: String, _ name: [CChar]) -> Errno {
        let code = Errno.Code(rawValue: wharf_errno())
        return Errno(code, call, DirectoryEntry(bytes: name).name)
    }
}
