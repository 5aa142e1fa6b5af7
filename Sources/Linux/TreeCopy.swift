// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

extension FileDescriptor {
    /// Copies everything in this directory into `target`, with owners, modes, times to the nanosecond, extended
    /// attributes, hard links among the copied, device nodes and holes; then gives `target` the owner, mode and times
    /// of this directory. Names that `target` has already fail with EEXIST. Links are copied, never followed; mounts
    /// below are entered.
    package func copyTree(to target: borrowing FileDescriptor) throws(Errno) {
        var copier = try EntryCopier(root: target)
        try copier.copyDirectory(from: self, to: target, at: .here, depth: 0)
    }
}

/// Copies the entries of trees to below one directory: what has several names in the source has them in the copy, too.
package struct EntryCopier {
    /// Directories inside each other: two descriptors are open for each.
    package static let maximumDepth = 400

    private struct Identity: Hashable {
        var device: UInt64
        var inode: UInt64
    }

    private let root: SharedDescriptor
    /// Where the first copy of each file with several links is, from the root.
    private var links: [Identity: RawPath] = [:]

    package init(root: borrowing FileDescriptor) throws(Errno) { self.root = SharedDescriptor(try root.duplicate()) }

    fileprivate mutating func copyDirectory(
        from source: borrowing FileDescriptor, to target: borrowing FileDescriptor, at path: RawPath, depth: Int
    ) throws(Errno) {
        guard depth < Self.maximumDepth else { throw Errno(.nameTooLong, "copy", "directories nested too deep") }
        for entry in try source.entries() {
            let status = try source.status(of: entry.name)
            guard status.isDirectory else {
                try copy(entry.name, status, from: source, to: target, at: path)
                continue
            }
            try target.makeDirectory(entry.name, mode: 0o700)
            let flags = O_RDONLY | O_DIRECTORY
            try copyDirectory(
                from: source.openEntry(entry.name, flags), to: target.openEntry(entry.name, flags),
                at: path.appending(entry.name), depth: depth + 1)
        }
        // AFTER what is in it, which changes its times.
        try source.copyAttributes(to: target)
    }

    /// Copies `name`, which is no directory and which `target` does not have; `path` is where `target` is below the
    /// root.
    package mutating func copy(
        _ name: RawPath, _ status: FileStatus, from source: borrowing FileDescriptor,
        to target: borrowing FileDescriptor, at path: RawPath
    ) throws(Errno) {
        let identity = Identity(device: status.device, inode: status.inode)
        if status.links > 1, let known = links[identity] {
            return try target.makeHardLink(name, to: known, in: root.descriptor)
        }
        switch status.mode & S_IFMT {
        case S_IFREG:
            let output = try target.openEntry(name, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
            try source.openEntry(name, O_RDONLY | O_NONBLOCK).copyContents(to: output, size: status.size, name)
        case S_IFLNK: try target.makeSymbolicLink(name, to: try source.readSymbolicLink(name))
        default:
            try target.makeNode(
                name, mode: status.mode & S_IFMT | 0o600, major: status.major, minor: status.minor)
        }
        try source.copyAttributes(name, to: target)
        if status.links > 1 { links[identity] = path.appending(name) }
    }
}

extension FileDescriptor {
    /// Copies what of this file's first `size` bytes is no hole into the empty file `target`, which gets that size.
    /// Where the file system can, the two share their blocks.
    fileprivate func copyContents(
        to target: borrowing FileDescriptor, size: Int64, _ name: RawPath
    ) throws(Errno) {
        if size > 0, wharf_ioctl(target.rawValue, 0x4004_9409, UInt(rawValue)) == 0 { return }  // FICLONE
        try target.setSize(size)
        var position: off_t = 0
        while position < size {
            let start = lseek(rawValue, position, SEEK_DATA)
            if start < 0 {
                if wharf_errno() == ENXIO { return }
                throw .last("lseek", "\(name)")
            }
            let end = min(lseek(rawValue, start, SEEK_HOLE), Int(size))
            guard end > start else { return }
            try copyRange(start..<end, to: target, name)
            position = end
        }
    }

    /// copy_file_range(2), or sendfile(2) between file systems that can't do that.
    private func copyRange(
        _ range: Range<off_t>, to target: borrowing FileDescriptor, _ name: RawPath
    ) throws(Errno) {
        var from = range.lowerBound
        var to = range.lowerBound
        while from < range.upperBound {
            let count = copy_file_range(rawValue, &from, target.rawValue, &to, Int(range.upperBound - from), 0)
            if count == 0 { return }
            guard count < 0 else { continue }
            let error = Errno.last("copy_file_range", "\(name)")
            switch error.code.rawValue {
            case EINTR: continue
            case EXDEV, EINVAL, EOPNOTSUPP, ENOSYS: return try send(from..<range.upperBound, to: target, name)
            default: throw error
            }
        }
    }

    private func send(
        _ range: Range<off_t>, to target: borrowing FileDescriptor, _ name: RawPath
    ) throws(Errno) {
        try target.seek(to: Int64(range.lowerBound))
        var from = range.lowerBound
        while from < range.upperBound {
            let count = sendfile(target.rawValue, rawValue, &from, Int(range.upperBound - from))
            if count == 0 { return }
            if count < 0, wharf_errno() != EINTR { throw .last("sendfile", "\(name)") }
        }
    }
}
