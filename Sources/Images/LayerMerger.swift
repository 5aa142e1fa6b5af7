// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux

/// Copies one layer, with its `.wh.` files, onto the merged layers below it.
struct LayerMerger {
    /// Directories inside each other; two descriptors are open for each.
    private static let deepest = 400
    private static let opaque = RawPath(".wh..wh..opq")

    /// Where the first name of an inode with several went.
    private var linked: [UInt64: (directory: SharedDescriptor, name: RawPath)] = [:]

    mutating func merge(
        _ layer: borrowing FileDescriptor, into target: borrowing FileDescriptor, depth: Int
    ) throws(Errno) {
        guard depth < Self.deepest else { throw Errno(.tooManyLinks, "copy", "directories too deep") }
        var entries: [RawPath] = []
        var reader = try DirectoryEntries(layer)
        while let entry = try reader.next() { entries.append(entry.name) }
        // BEFORE anything is copied: deletions are of what lies below.
        if entries.contains(Self.opaque) {
            var below = try DirectoryEntries(target)
            var names: [RawPath] = []
            while let entry = try below.next() { names.append(entry.name) }
            for name in names { try target.removeTree(name) }
        }
        for name in entries where name.hasPrefix(".wh.") && !name.hasPrefix(".wh..wh.") {
            try target.removeTree(name.dropFirst(4))
        }
        for name in entries where !name.hasPrefix(".wh.") {
            try copy(name, from: layer, to: target, depth: depth)
        }
        try RootAttributes.copy(from: layer, to: target)
    }

    private mutating func copy(
        _ name: RawPath, from layer: borrowing FileDescriptor, to target: borrowing FileDescriptor, depth: Int
    ) throws(Errno) {
        let status = try layer.entryStatus(name)
        let old = try? target.entryStatus(name).status
        if status.status.isDirectory {
            if old?.isDirectory != true {
                try target.removeTree(name)
                try target.makeDirectory(name, mode: 0o700)
            }
            let from = try layer.openEntry(name, O_RDONLY | O_DIRECTORY)
            let to = try target.openEntry(name, O_RDONLY | O_DIRECTORY)
            return try merge(from, into: to, depth: depth + 1)
        }
        try target.removeTree(name)
        if status.links > 1, let first = linked[status.status.inode] {
            return try target.makeHardLink(name, to: first.name, in: first.directory.descriptor)
        }
        if status.links > 1 {
            linked[status.status.inode] = (SharedDescriptor(try target.duplicate()), name)
        }
        try copyLeaf(name, status, from: layer, to: target)
    }

    private func copyLeaf(
        _ name: RawPath, _ status: EntryStatus, from layer: borrowing FileDescriptor,
        to target: borrowing FileDescriptor
    ) throws(Errno) {
        switch status.status.mode & S_IFMT {
        case S_IFREG:
            let from = try layer.openEntry(name, O_RDONLY)
            let to = try target.openEntry(name, O_CREAT | O_EXCL | O_WRONLY, mode: 0o600)
            try from.copyContents(to: to, size: status.status.size)
        case S_IFLNK:
            try target.makeSymbolicLink(name, to: try layer.readSymbolicLink(name))
        default:
            try target.makeNode(
                name, mode: status.status.mode & S_IFMT | 0o600, major: status.status.major,
                minor: status.status.minor)
        }
        try target.setOwner(name, uid: status.status.uid, gid: status.status.gid)
        for attribute in try layer.attributes(name) {
            guard let value = try layer.attribute(name, attribute) else { continue }
            try target.setAttribute(name, attribute, value)
        }
        if !status.status.isSymbolicLink { try target.setMode(name, status.status.mode & 0o7777) }
        try target.setTimes(name, accessed: status.accessed, modified: status.modified)
    }
}
