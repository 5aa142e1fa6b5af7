// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

extension FileDescriptor {
    /// The bytes on disk of this directory and everything below it, each inode once. Other file systems are left out.
    package func diskUsage() throws(Errno) -> Int64 {
        var counter = UsageCounter(device: try status().device)
        return try counter.count(self, depth: 0)
    }
}

private struct UsageCounter {
    let device: UInt64
    var linked: Set<UInt64> = []

    /// Directories inside each other; one is open for each.
    static let deepest = 400

    mutating func count(_ directory: borrowing FileDescriptor, depth: Int) throws(Errno) -> Int64 {
        guard depth < Self.deepest else { throw Errno(.tooManyLinks, "measure", "directories too deep") }
        var total = try directory.status().blockBytes
        var entries = try DirectoryEntries(directory)
        while let entry = try entries.next() {
            let status: FileStatus
            do throws(Errno) { status = try directory.status(of: entry.name) } catch {
                if error.code == .noEntry { continue }
                throw error
            }
            guard status.device == device else { continue }
            if status.isDirectory {
                do throws(Errno) {
                    let child = try directory.openEntry(entry.name, O_RDONLY | O_DIRECTORY)
                    total += try count(child, depth: depth + 1)
                } catch { if error.code != .noEntry { throw error } }
            } else if status.links <= 1 || linked.insert(status.inode).inserted {
                total += status.blockBytes
            }
        }
        return total
    }
}
