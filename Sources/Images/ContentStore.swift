// SPDX-License-Identifier: Apache-2.0

internal import Archive
internal import Glibc
internal import JSON
internal import Linux
internal import OCI
internal import Synchronization

/// Blobs by digest, as an OCI image layout: `oci-layout`, `index.json`, `blobs/sha256/`; and `ingest/`, where they are
/// written until they are known to be what they should be.
final class ContentStore: Sendable {
    private let root: SharedDescriptor
    private let blobs: SharedDescriptor
    private let ingests: SharedDescriptor
    private let nextIngest = Mutex(0)
    /// Names from another run of the program are never made again.
    private let started = Timestamp.now.nanoseconds

    /// A manifest, index or configuration beyond this is refused.
    static let documentBytes = 8 << 20

    init(_ path: String) throws {
        root = SharedDescriptor(try StateDirectory.open(path))
        _ = try StateDirectory.open(path + "/blobs")
        blobs = SharedDescriptor(try StateDirectory.open(path + "/blobs/sha256"))
        ingests = SharedDescriptor(try StateDirectory.open(path + "/ingest"))
        try replace("oci-layout", with: Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8))
    }

    /// The size of the blob; nil if it is not there.
    func size(of digest: Digest) throws(Errno) -> Int64? {
        do throws(Errno) {
            return try blobs.descriptor.status(of: try name(digest)).size
        } catch {
            if error.code == .noEntry { return nil }
            throw error
        }
    }

    func open(_ digest: Digest) throws(Errno) -> FileDescriptor {
        try blobs.descriptor.openEntry(try name(digest), O_RDONLY)
    }

    /// A document, checked against its digest.
    func read(_ digest: Digest) throws -> [UInt8] {
        let bytes = try open(digest).readAll(limit: Self.documentBytes)
        guard Hasher256.digest(of: bytes) == digest else {
            throw ArchiveError(.corrupt, "the blob \(digest) is damaged: its content has another digest")
        }
        return bytes
    }

    func remove(_ digest: Digest) throws(Errno) { try blobs.descriptor.removeTree(try name(digest)) }

    /// The digests of all blobs.
    func all() throws(Errno) -> [Digest] {
        var result: [Digest] = []
        var entries = try DirectoryEntries(blobs.descriptor)
        while let entry = try entries.next() {
            if let digest = try? Digest("sha256:\(entry.name)") { result.append(digest) }
        }
        return result
    }

    /// A directory of its own for blobs that are being written.
    func ingest() throws(Errno) -> Ingest {
        let number = nextIngest.withLock { number in
            number += 1
            return number
        }
        let name = RawPath("\(started)-\(number)")
        try ingests.descriptor.makeDirectory(name, mode: 0o700)
        return Ingest(
            name: name, parent: ingests,
            directory: SharedDescriptor(try ingests.descriptor.openEntry(name, O_RDONLY | O_DIRECTORY)))
    }

    /// Takes a blob that is complete and verified into the store.
    func commit(_ blob: IngestedBlob, from ingest: Ingest) throws(Errno) {
        try ingest.directory.descriptor.rename(blob.file, to: try name(blob.digest), in: blobs.descriptor)
    }

    /// Removes what a crash left in `ingest/`.
    func collectIngests() throws(Errno) {
        for entry in try ingests.descriptor.entries() { try ingests.descriptor.removeTree(entry.name) }
    }

    /// Writes `index.json`, so that the directory can be read by other tools.
    func writeIndex(_ index: ImageIndex) throws { try replace("index.json", with: JSON.encode(index)) }

    /// Writes everything of this file system to disk.
    func sync() throws(Errno) { try blobs.descriptor.syncFilesystem() }

    private func replace(_ name: String, with bytes: [UInt8]) throws {
        let new = RawPath(name + ".new")
        let file = try root.descriptor.openEntry(new, O_CREAT | O_TRUNC | O_WRONLY, mode: 0o600)
        try file.writeAll(bytes)
        try root.descriptor.rename(new, to: RawPath(name), in: root.descriptor)
    }

    private func name(_ digest: Digest) throws(Errno) -> RawPath {
        guard digest.algorithm == "sha256" else { throw Errno(.invalidArgument, "open", digest.description) }
        return RawPath(digest.hex)
    }
}

/// The engine's own directories: 0700 (rule R9), made when missing.
enum StateDirectory {
    static func open(_ path: String) throws(Errno) -> FileDescriptor {
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw .last("mkdir", path) }
        return try FileDescriptor.open(path, O_RDONLY | O_DIRECTORY)
    }
}
