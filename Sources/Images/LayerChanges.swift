// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Glibc
internal import Linux

/// A file that a container has changed.
package struct LayerChange: Sendable, Equatable {
    /// The numbers are Docker's.
    package enum Kind: Int, Sendable {
        case modified = 0
        case added = 1
        case deleted = 2
    }

    package var path: String
    package var kind: Kind
}

/// Finds them in overlayfs's writable layer, beside what is below it.
struct ChangeWalk {
    /// Directories inside each other, each of which keeps two descriptors open; and what one answer may hold.
    private static let deepest = 512
    private static let most = 1_000_000
    private static let opaque = RawPath("trusted.overlay.opaque")

    private(set) var changes: [LayerChange] = []

    /// `below`: the same directory of the image; nil: it has none.
    mutating func walk(_ directory: SharedDescriptor, _ path: String, below: SharedDescriptor?, depth: Int = 0) throws {
        guard depth < Self.deepest, changes.count < Self.most else {
            throw EngineError(.tooLarge, "there are too many changes to list them: \(path)")
        }
        for entry in try directory.descriptor.entries().sorted(by: { "\($0.name)" < "\($1.name)" }) {
            let name = entry.name
            // Gone meanwhile: the container may run.
            guard let file = try? directory.descriptor.openAt(name, O_PATH | O_NOFOLLOW),
                let status = try? file.status()
            else { continue }
            let old = below.flatMap { try? SharedDescriptor($0.descriptor.openAt(name, O_PATH | O_NOFOLLOW)) }
            let full = "\(path)/\(name)"
            if status.isCharacterDevice, status.major == 0, status.minor == 0 {
                if old != nil { changes.append(LayerChange(path: full, kind: .deleted)) }
                continue
            }
            changes.append(LayerChange(path: full, kind: old == nil ? .added : .modified))
            guard status.isDirectory,
                let inside = try? directory.descriptor.openAt(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
            else { continue }
            let isNew = inside.ownAttribute(Self.opaque, limit: 1) == [UInt8(ascii: "y")]
            let isOldDirectory = (try? old?.descriptor.status().isDirectory) == true
            let oldInside = isOldDirectory ? old : nil
            let own = SharedDescriptor(inside)
            if isNew, let oldInside { try listDeleted(own, full, below: oldInside) }
            try walk(own, full, below: isNew ? nil : oldInside, depth: depth + 1)
        }
    }

    /// A directory that stands in place of another hides what that had.
    private mutating func listDeleted(_ directory: SharedDescriptor, _ path: String, below: SharedDescriptor) throws {
        let kept = Set(try directory.descriptor.entries().map(\.name))
        for entry in try below.descriptor.entries() where !kept.contains(entry.name) {
            changes.append(LayerChange(path: "\(path)/\(entry.name)", kind: .deleted))
        }
    }
}

extension ImageStore {
    /// What the container changed, in order of paths. Blocking.
    package func changes(_ containerID: String) throws -> [LayerChange] {
        try changes(containerID) { try layers.driver.changes($0, on: $1, scratch: $2) }.sorted { $0.path < $1.path }
    }
}
