// SPDX-License-Identifier: Apache-2.0

internal import Archive
internal import Glibc
internal import JSON
internal import Linux
internal import OCI
internal import Synchronization

/// Unpacked layers: `layers/<chain>/fs`, each by its chain ID, so that equal stacks of layers are kept once; and
/// `layers/new/`, where they are unpacked before they are known to be what they should be.
final class LayerStore: Sendable {
    private let path: String
    private let directory: SharedDescriptor
    private let new: SharedDescriptor
    private let next = Mutex(0)
    /// Names from another run of the program are never made again.
    private let started = Timestamp.now.nanoseconds
    let driver: any LayerDriver

    init(_ path: String, driver: (any LayerDriver)?) throws {
        self.path = path
        directory = SharedDescriptor(try StateDirectory.open(path))
        new = SharedDescriptor(try StateDirectory.open(path + "/new"))
        self.driver = try driver ?? LayerStore.bestDriver(path + "/new")
        // What an image without layers stands on.
        _ = try StateDirectory.open(path + "/empty")
        _ = try StateDirectory.open(path + "/empty/fs")
        guard chmod(path + "/empty/fs", 0o755) == 0 else { throw Errno.last("chmod", path) }
    }

    private static func bestDriver(_ scratch: String) throws -> any LayerDriver {
        let overlay = OverlayDriver(KernelFeatures.probe(scratch: scratch))
        do {
            try overlay.probe(in: scratch)
            return overlay
        } catch let error as Errno {
            return CopyingDriver(reason: error.description)
        }
    }

    /// The directories of these layers, highest first, for a driver.
    func directories(_ chain: [Digest]) -> [String] {
        chain.isEmpty ? [path + "/empty/fs"] : chain.reversed().map { "\(path)/\($0.hex)/fs" }
    }

    /// Where a driver may keep what the read-only mount of this stack takes.
    func scratch(_ chain: [Digest]) -> String { "\(path)/\(chain.last?.hex ?? "empty")" }

    func contains(_ chain: Digest) -> Bool {
        (try? directory.descriptor.status(of: chain.hex)) != nil
    }

    /// The chain ID of each layer of a stack, lowest first (image-spec, config.md).
    static func chainIDs(_ diffIDs: [Digest]) -> [Digest] {
        var result: [Digest] = []
        for diffID in diffIDs {
            guard let below = result.last else {
                result.append(diffID)
                continue
            }
            result.append(Hasher256.digest(of: Array("\(below) \(diffID)".utf8)))
        }
        return result
    }

    /// Unpacks a layer's tar. It lies in `layers/new` until it is committed, and is removed if it is not.
    ///
    /// `diffID`: the digest of the tar if it is known already, as that of an uncompressed blob is.
    func unpack(_ tar: any ByteSource, diffID: Digest?) throws -> UnpackedLayer {
        let name = newName()
        try new.descriptor.makeDirectory(name, mode: 0o700)
        let layer = UnpackedLayer(name: name, parent: new)
        let top = try new.descriptor.openEntry(name, O_RDONLY | O_DIRECTORY)
        try top.makeDirectory(RawPath("fs"), mode: 0o755)
        let root = try top.openEntry(RawPath("fs"), O_RDONLY | O_DIRECTORY)
        try root.setMode(RawPath(""), 0o755)
        let hashing = diffID == nil ? HashingSource(tar) : nil
        let reader = TarReader(hashing ?? tar)
        let extraction = try extract(reader, into: root, ExtractionOptions(whiteouts: driver.whiteouts))
        try reader.drain()
        layer.finish(
            diffID: diffID ?? hashing?.digest, bytes: try root.diskUsage(), implied: extraction.impliedDirectories)
        return layer
    }

    /// Puts an unpacked layer on the layers `below` it (lowest first), under its chain ID. If another load was there
    /// first, that one's stays.
    func commit(_ layer: UnpackedLayer, as chain: Digest, on below: [Digest]) throws {
        let root = try layer.openRoot()
        try ImpliedDirectories(below: below.reversed().map { "\(path)/\($0.hex)/fs" })
            .complete(layer.implied, in: root)
        do throws(Errno) {
            try new.descriptor.rename(layer.name, to: RawPath(chain.hex), in: directory.descriptor)
        } catch {
            guard error.code == .directoryNotEmpty || error.code == .exists else { throw error }
        }
    }

    /// Takes a layer out of the store at once. Returns what removes its files, which can take long.
    func detach(_ chain: Digest) throws(Errno) -> @Sendable () throws -> Void {
        let trash = newName()
        do throws(Errno) { try directory.descriptor.rename(RawPath(chain.hex), to: trash, in: new.descriptor) } catch {
            guard error.code == .noEntry else { throw error }
        }
        return { [new] in try new.descriptor.removeTree(trash) }
    }

    /// The chain IDs of all layers, and the names of what else is there.
    func all() throws(Errno) -> (chains: [Digest], unknown: [RawPath]) {
        var chains: [Digest] = []
        var unknown: [RawPath] = []
        for entry in try directory.descriptor.entries() {
            if [RawPath("new"), RawPath("empty")].contains(entry.name) { continue }
            if let chain = try? Digest("sha256:\(entry.name)") {
                chains.append(chain)
            } else {
                unknown.append(entry.name)
            }
        }
        return (chains, unknown)
    }

    /// Finds what a crash left half-made, or half-removed. Returns what removes it, which can take long.
    func collectNew() throws(Errno) -> @Sendable () throws -> Void {
        let names = try new.descriptor.entries().map(\.name)
        return { [new, names] in for name in names { try new.descriptor.removeTree(name) } }
    }

    /// Moves what is no layer out of the way, where someone can look at it.
    func quarantine(_ name: RawPath, into directory: borrowing FileDescriptor) throws(Errno) {
        try self.directory.descriptor.rename(
            name, to: RawPath(Array("layer-\(started)-".utf8) + name.bytes), in: directory)
    }

    func sync() throws(Errno) { try directory.descriptor.syncFilesystem() }

    private func newName() -> RawPath {
        let number = next.withLock { number in
            number += 1
            return number
        }
        return RawPath("\(started)-\(number)")
    }
}

/// A layer that was unpacked and is not in the store yet; its files are removed when it is let go of before that.
///
/// Sendable: `finish` is called once, by its maker, before anyone else has it.
final class UnpackedLayer: @unchecked Sendable {
    let name: RawPath
    private let parent: SharedDescriptor
    /// Of the uncompressed tar.
    private(set) var diffID: Digest?
    /// On disk.
    private(set) var bytes: Int64 = 0
    private(set) var implied: Set<RawPath> = []

    init(name: RawPath, parent: SharedDescriptor) {
        self.name = name
        self.parent = parent
    }

    deinit {
        // Once committed, the name is gone. What can't be removed now is collected at the next start.
        try? parent.descriptor.removeTree(name)
    }

    func finish(diffID: Digest?, bytes: Int64, implied: Set<RawPath>) {
        self.diffID = diffID
        self.bytes = bytes
        self.implied = implied
    }

    func openRoot() throws(Errno) -> FileDescriptor {
        let top = try parent.descriptor.openEntry(name, O_RDONLY | O_DIRECTORY)
        return try top.openEntry(RawPath("fs"), O_RDONLY | O_DIRECTORY)
    }
}

/// Gives directories that a layer has only because something lies in them the attributes they have in the layers below:
/// in an overlay the upper one's count, and a layer with only `tmp/x` must not change /tmp's mode.
private struct ImpliedDirectories {
    /// Highest first.
    let below: [String]

    func complete(_ paths: Set<RawPath>, in root: borrowing FileDescriptor) throws {
        for path in paths.sorted(by: { $0.count > $1.count }) {
            for layer in below {
                let lower = try FileDescriptor.open(layer, O_RDONLY | O_DIRECTORY)
                do throws(Errno) {
                    try open(path, in: lower).copyAttributes(to: try open(path, in: root))
                    break
                } catch {
                    if error.code == .noEntry { continue }
                    // A file or a whiteout there: what lies further below is hidden.
                    if error.code == .notDirectory || error.code == .tooManyLinks { break }
                    throw error
                }
            }
        }
    }

    private func open(_ path: RawPath, in root: borrowing FileDescriptor) throws(Errno) -> FileDescriptor {
        var directory = try root.openEntry(RawPath("."), O_RDONLY | O_DIRECTORY)
        for name in path.components { directory = try directory.openEntry(name, O_RDONLY | O_DIRECTORY) }
        return directory
    }
}
