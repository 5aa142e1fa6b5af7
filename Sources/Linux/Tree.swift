// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// The entries of a directory, one at a time, without `.` and `..`.
package struct DirectoryEntries: ~Copyable {
    private let stream: OpaquePointer

    package struct Entry {
        package var name: RawPath
        /// What readdir(3) says; false if the file system does not tell.
        package var isDirectory: Bool
    }

    /// Reads the directory that `directory` is open on (`O_PATH` will do).
    package init(_ directory: borrowing FileDescriptor) throws(Errno) {
        let number = wharf_openat(directory.rawValue, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        guard number >= 0 else { throw .last("openat", ".") }
        guard let stream = fdopendir(number) else {
            let error = Errno.last("fdopendir")
            close(number)
            throw error
        }
        self.stream = stream
    }

    deinit { closedir(stream) }

    package mutating func next() throws(Errno) -> Entry? {
        while true {
            wharf_set_errno(0)
            guard let entry = readdir(stream) else {
                if wharf_errno() == 0 { return nil }
                throw .last("readdir")
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { RawPath($0) }
            if name.bytes == [0x2e] || name.isDotDot { continue }
            return Entry(name: name, isDirectory: entry.pointee.d_type == UInt8(DT_DIR))
        }
    }
}

extension FileDescriptor {
    /// The bytes on disk of this directory and everything below it, each inode once. Other file systems are left out.
    package func diskUsage() throws(Errno) -> Int64 {
        var counter = UsageCounter(device: try status().device)
        return try counter.count(self, depth: 0)
    }

    /// Writes everything of this file system to disk: syncfs(2).
    package func syncFilesystem() throws(Errno) {
        guard syncfs(rawValue) == 0 else { throw .last("syncfs") }
    }

    /// Writes this file to disk: fsync(2).
    package func sync() throws(Errno) {
        guard fsync(rawValue) == 0 else { throw .last("fsync") }
    }
}

private struct UsageCounter {
    let device: UInt64
    var linked: Set<UInt64> = []

    /// Directories inside each other; one is open for each.
    static let deepest = 400

    mutating func count(_ directory: borrowing FileDescriptor, depth: Int) throws(Errno) -> Int64 {
        guard depth < Self.deepest else { throw Errno(.tooManyLinks, "measure", "directories too deep") }
        var total = try directory.entryStatus(RawPath("")).blockBytes
        var entries = try DirectoryEntries(directory)
        while let entry = try entries.next() {
            let status: EntryStatus
            do throws(Errno) { status = try directory.entryStatus(entry.name) } catch {
                if error.code == .noEntry { continue }
                throw error
            }
            guard status.status.device == device else { continue }
            if status.status.isDirectory {
                do throws(Errno) {
                    let child = try directory.openEntry(entry.name, O_RDONLY | O_DIRECTORY)
                    total += try count(child, depth: depth + 1)
                } catch { if error.code != .noEntry { throw error } }
            } else if status.links <= 1 || linked.insert(status.status.inode).inserted {
                total += status.blockBytes
            }
        }
        return total
    }
}
