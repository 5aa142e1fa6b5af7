// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

extension FileDescriptor {
    /// Removes `name` in this directory and, if it is a directory, all below it. What is not there is no error.
    ///
    /// Follows no link and leaves the tree by no mount point (a mounted directory fails with EBUSY). Holds at most
    /// `TreeRemoval.maximumDepth` descriptors: a container may nest directories as deep as its disk allows, so what lies
    /// deeper is first renamed up to this directory, under a name that nobody else uses.
    package func removeTree(_ name: String) throws(Errno) { try removeTree(RawPath(name)) }

    package func removeTree(_ name: RawPath) throws(Errno) {
        var removal = TreeRemoval()
        let bytes = name.bytes.map { CChar(bitPattern: $0) } + [0]
        try removal.remove(bytes, in: self, top: self, depth: 0)
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
    var lifted: [[CChar]] = []
    private var count = 0

    mutating func remove(
        _ name: [CChar], in parent: borrowing FileDescriptor, top: borrowing FileDescriptor, depth: Int
    ) throws(Errno) {
        if unlinkat(parent.rawValue, name, 0) == 0 { return }
        let error = Errno.last("unlinkat", text(name))
        switch error.code {
        case .noEntry: return
        case .isDirectory, .notPermitted: break
        default: throw error
        }
        for _ in 0..<Self.maximumPasses {
            if unlinkat(parent.rawValue, name, AT_REMOVEDIR) == 0 { return }
            let error = Errno.last("rmdir", text(name))
            switch error.code {
            case .noEntry: return
            case .directoryNotEmpty, .exists: break
            default: throw error
            }
            try empty(name, in: parent, top: top, depth: depth)
        }
        throw Errno(.directoryNotEmpty, "rmdir", text(name))
    }

    private mutating func empty(
        _ name: [CChar], in parent: borrowing FileDescriptor, top: borrowing FileDescriptor, depth: Int
    ) throws(Errno) {
        let number = wharf_openat(parent.rawValue, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0)
        guard number >= 0 else {
            let error = Errno.last("openat", text(name))
            if error.code == .noEntry { return }
            throw error
        }
        let directory = FileDescriptor(owning: number)
        for entry in try directory.entries() {
            if depth >= Self.maximumDepth, entry.isDirectory != false, lift(entry.bytes, from: directory, to: top) {
                continue
            }
            try remove(entry.bytes, in: directory, top: top, depth: depth + 1)
        }
    }

    private mutating func lift(
        _ name: [CChar], from directory: borrowing FileDescriptor, to top: borrowing FileDescriptor
    ) -> Bool {
        count += 1
        let new = ".wharf-removing-\(getpid())-\(count)".utf8CString.map { $0 }
        guard renameat(directory.rawValue, name, top.rawValue, new) == 0 else { return false }
        lifted.append(new)
        return true
    }

    private func text(_ name: [CChar]) -> String { DirectoryEntry(bytes: name, isDirectory: nil).name }
}
