// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux

/// Copies one layer, with its `.wh.` files, onto the merged layers below it.
struct LayerMerger {
    private static let opaque = RawPath(".wh..wh..opq")

    private var copier: EntryCopier

    init(root: borrowing FileDescriptor) throws(Errno) { copier = try EntryCopier(root: root) }

    /// `path` is where `target` is below the root.
    mutating func merge(
        _ layer: borrowing FileDescriptor, into target: borrowing FileDescriptor, at path: RawPath = .here,
        depth: Int = 0
    ) throws(Errno) {
        guard depth < EntryCopier.maximumDepth else { throw Errno(.tooManyLinks, "copy", "directories too deep") }
        let names = try layer.entries().map(\.name)
        // BEFORE anything is copied: deletions are of what lies below.
        if names.contains(Self.opaque) {
            for entry in try target.entries() { try target.removeTree(entry.name) }
        }
        for name in names where name.hasPrefix(".wh.") && !name.hasPrefix(".wh..wh.") {
            try target.removeTree(name.dropFirst(4))
        }
        for name in names where !name.hasPrefix(".wh.") {
            let status = try layer.status(of: name)
            if status.isDirectory {
                try mergeDirectory(name, from: layer, to: target, at: path, depth: depth)
            } else {
                try target.removeTree(name)
                try copier.copy(name, status, from: layer, to: target, at: path)
            }
        }
        try layer.copyAttributes(to: target)
    }

    private mutating func mergeDirectory(
        _ name: RawPath, from layer: borrowing FileDescriptor, to target: borrowing FileDescriptor, at path: RawPath,
        depth: Int
    ) throws(Errno) {
        if (try? target.status(of: name))?.isDirectory != true {
            try target.removeTree(name)
            try target.makeDirectory(name, mode: 0o700)
        }
        try merge(
            layer.openEntry(name, O_RDONLY | O_DIRECTORY), into: target.openEntry(name, O_RDONLY | O_DIRECTORY),
            at: path.appending(name), depth: depth + 1)
    }
}
