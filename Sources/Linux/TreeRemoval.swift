// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

extension FileDescriptor {
    /// Removes `name` in this directory and, if it is a directory, all below it. What is not there is no error.
    ///
    /// Follows no link and leaves the tree by no mount point (a mounted directory fails with EBUSY). Holds at most
    /// `TreeRemoval.maximumDepth` descriptors: a container may nest directories as deep as its disk allows, so what
    /// lies deeper is first renamed up to this directory, under a name that nobody else uses.
    package func removeTree(_ name: some KernelPath) throws(Errno) {
        var removal = TreeRemoval()
        try removal.remove(name, in: self, top: self, depth: 0)
        while let name = removal.lifted.popLast() {
            try removal.remove(name, in: self, top: self, depth: 0)
        }
    }
}

/// One removal's bookkeeping.
private struct TreeRemoval {
    static let maximumDepth = 64
    /// Passes over a directory in which others keep making files.
    static let maximumPasses = 8
    /// Names, in the top directory, of subtrees that lay too deep.
    var lifted: [RawPath] = []
    private var count = 0

    mutating func remove(
        _ name: some KernelPath, in parent: borrowing FileDescriptor, top: borrowing FileDescriptor, depth: Int
    ) throws(Errno) {
        if name.withCString({ unlinkat(parent.rawValue, $0, 0) }) == 0 { return }
        let error = Errno.last("unlinkat", "\(name)")
        switch error.code {
        case .noEntry: return
        case .isDirectory, .notPermitted: break
        default: throw error
        }
        for _ in 0..<Self.maximumPasses {
            do throws(Errno) { return try parent.removeDirectory(name) } catch {
                switch error.code {
                case .noEntry: return
                case .directoryNotEmpty, .exists: break
                default: throw error
                }
            }
            try empty(name, in: parent, top: top, depth: depth)
        }
        throw Errno(.directoryNotEmpty, "rmdir", "\(name)")
    }

    private mutating func empty(
        _ name: some KernelPath, in parent: borrowing FileDescriptor, top: borrowing FileDescriptor, depth: Int
    ) throws(Errno) {
        let directory: FileDescriptor
        do throws(Errno) { directory = try parent.openEntry(name, O_RDONLY | O_DIRECTORY) } catch {
            if error.code == .noEntry { return }
            throw error
        }
        for entry in try directory.entries() {
            if depth >= Self.maximumDepth, entry.isDirectory != false, lift(entry.name, from: directory, to: top) {
                continue
            }
            try remove(entry.name, in: directory, top: top, depth: depth + 1)
        }
    }

    private mutating func lift(
        _ name: RawPath, from directory: borrowing FileDescriptor, to top: borrowing FileDescriptor
    ) -> Bool {
        count += 1
        let new = RawPath(".wharf-removing-\(getpid())-\(count)")
        guard (try? directory.rename(name, to: new, in: top)) != nil else { return false }
        lifted.append(new)
        return true
    }
}
