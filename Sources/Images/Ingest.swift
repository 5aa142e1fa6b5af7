// SPDX-License-Identifier: Apache-2.0

internal import Archive
internal import Glibc
internal import Linux
internal import OCI
internal import Synchronization

/// A blob in an ingest directory.
struct IngestedBlob: Sendable, Hashable {
    var file: RawPath
    var digest: Digest
    var size: Int64
}

/// A directory of blobs that are being written; removed, with what was not committed, when its user lets go of it.
final class Ingest: Sendable {
    let directory: SharedDescriptor
    private let name: RawPath
    private let parent: SharedDescriptor
    private let nextFile = Mutex(0)

    init(name: RawPath, parent: SharedDescriptor, directory: SharedDescriptor) {
        self.name = name
        self.parent = parent
        self.directory = directory
    }

    deinit {
        // What can't be removed now is collected at the next start.
        try? parent.descriptor.removeTree(name)
    }

    func open(_ blob: IngestedBlob) throws(Errno) -> FileDescriptor {
        try directory.descriptor.openEntry(blob.file, O_RDONLY)
    }

    func read(_ blob: IngestedBlob) throws -> [UInt8] {
        guard blob.size <= ContentStore.documentBytes else {
            throw ArchiveError(.limit, "a document has more than \(ContentStore.documentBytes) bytes")
        }
        return try open(blob).readAll(limit: ContentStore.documentBytes)
    }

    /// Writes a blob while it is hashed. `produce` hands its bytes over piece by piece.
    func write(_ produce: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void) throws -> IngestedBlob {
        let number = nextFile.withLock { number in
            number += 1
            return number
        }
        let name = RawPath("\(number)")
        let file = try directory.descriptor.openEntry(name, O_CREAT | O_EXCL | O_WRONLY, mode: 0o600)
        var hash = Hasher256()
        var size: Int64 = 0
        try produce { bytes in
            hash.update(bytes)
            try file.writeAll(bytes)
            size += Int64(bytes.count)
        }
        return IngestedBlob(file: name, digest: hash.digest, size: size)
    }

    func write(_ bytes: [UInt8]) throws -> IngestedBlob {
        try write { put in try bytes.withUnsafeBytes { try put($0) } }
    }
}
