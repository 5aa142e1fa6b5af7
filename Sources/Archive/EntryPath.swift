// SPDX-License-Identifier: Apache-2.0

internal import Linux

/// Where an entry goes, below the directory that is unpacked into: its path, checked and without empty names and `.`.
struct EntryPath {
    /// Empty for the top directory.
    var parent: RawPath
    /// A single name; empty for the top directory itself.
    var name: RawPath

    var isRoot: Bool { name.isEmpty }

    /// The parent's path and the name.
    var whole: RawPath { parent.appending(name) }

    /// An absolute path counts from the top directory; `..` is refused.
    init(_ path: RawPath, _ limits: ArchiveLimits) throws(ArchiveError) {
        var parent: [UInt8] = []
        var name: ArraySlice<UInt8> = []
        var depth = 0
        for component in path.bytes.split(separator: UInt8(ascii: "/")) {
            if component == [0x2e] { continue }
            guard component != [0x2e, 0x2e] else {
                throw ArchiveError(.hostile, "\(path): the path has '..' in it")
            }
            guard component.count <= limits.componentBytes else {
                throw ArchiveError(.limit, "\(path): a name has more than \(limits.componentBytes) bytes")
            }
            depth += 1
            if !name.isEmpty {
                if !parent.isEmpty { parent.append(0x2f) }
                parent += name
            }
            name = component
        }
        guard depth <= limits.pathDepth else {
            throw ArchiveError(.limit, "\(path): the path has more than \(limits.pathDepth) names")
        }
        self.parent = RawPath(parent)
        self.name = RawPath(name)
    }
}
