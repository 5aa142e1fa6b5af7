// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux

/// Makes one entry after the other. Later entries replace earlier ones of the same name.
final class Extractor {
    private let directories: DirectoryCache
    private let options: ExtractionOptions
    private(set) var result = Extraction()
    /// Directories' modes and times are set at the end: until then entries are made in them.
    private var unfinished: [(path: EntryPath, entry: TarEntry)] = []

    private static let whiteoutPrefix = ".wh."
    private static let opaqueMark = RawPath(".wh..wh..opq")
    private static let opaqueAttribute = RawPath("trusted.overlay.opaque")

    init(directories: DirectoryCache, _ options: ExtractionOptions) {
        self.directories = directories
        self.options = options
        result.impliedDirectories = [RawPath("")]
        directories.onImplied = { [unowned self] in result.impliedDirectories.insert($0) }
    }

    func extract(_ entry: TarEntry, _ reader: TarReader) throws {
        let path = try EntryPath(entry.path, options.limits)
        result.entries += 1
        if path.isRoot {
            guard entry.kind == .directory else {
                throw ArchiveError(.corrupt, "\(entry.path): the top directory is not a directory")
            }
            result.impliedDirectories.remove(RawPath(""))
            unfinished.append((path, entry))
            return
        }
        let parent = try directories.open(path.parent)
        if options.whiteouts == .overlay, path.name.hasPrefix(Self.whiteoutPrefix) {
            return try whiteOut(path.name, in: parent)
        }
        try make(entry, path, in: parent, reader)
    }

    private func make(_ entry: TarEntry, _ path: EntryPath, in parent: SharedDescriptor, _ reader: TarReader) throws {
        switch entry.kind {
        case .file: try makeFile(entry, path.name, in: parent, reader)
        case .directory: try makeDirectory(entry, path, in: parent)
        case .symbolicLink(let target):
            guard !target.isEmpty else { throw ArchiveError(.corrupt, "\(entry.path): a link to nothing") }
            try replacing(path.name, in: parent) { () throws(Errno) in
                try parent.descriptor.makeSymbolicLink(path.name, to: target)
            }
            try setAttributes(entry, path.name, in: parent.descriptor)
        case .hardLink(let target): try makeHardLink(entry, to: target, path.name, in: parent)
        case .characterDevice(let major, let minor):
            try makeNode(entry, path.name, S_IFCHR, major, minor, in: parent)
        case .blockDevice(let major, let minor):
            try makeNode(entry, path.name, S_IFBLK, major, minor, in: parent)
        case .fifo: try makeNode(entry, path.name, S_IFIFO, 0, 0, in: parent)
        }
    }

    // MARK: Kinds

    private func makeFile(_ entry: TarEntry, _ name: RawPath, in parent: SharedDescriptor, _ reader: TarReader) throws {
        let flags = O_CREAT | O_EXCL | O_WRONLY
        var made: FileDescriptor?
        try replacing(name, in: parent) { () throws(Errno) in
            made = try parent.descriptor.openEntry(name, flags, mode: 0o600)
        }
        guard let file = made.take() else { return }
        var end: Int64 = 0
        try reader.readData { offset, bytes in
            if offset != end { try file.seek(to: offset) }
            try file.writeAll(bytes)
            end = offset + Int64(bytes.count)
        }
        if end != entry.size { try file.setSize(entry.size) }
        try setAttributes(entry, .here, in: file)
    }

    private func makeDirectory(_ entry: TarEntry, _ path: EntryPath, in parent: SharedDescriptor) throws {
        var hidesLower = false
        do throws(Errno) { try parent.descriptor.makeDirectory(path.name, mode: 0o700) } catch {
            guard error.code == .exists else { throw error }
            let old = try parent.descriptor.status(of: path.name)
            if !old.isDirectory {
                hidesLower = isWhiteout(old)
                try remove(path.name, in: parent)
                try parent.descriptor.makeDirectory(path.name, mode: 0o700)
            }
        }
        if hidesLower { try markOpaque(path.name, in: parent) }
        result.impliedDirectories.remove(path.whole)
        unfinished.append((path, entry))
    }

    private func makeHardLink(
        _ entry: TarEntry, to target: RawPath, _ name: RawPath, in parent: SharedDescriptor
    ) throws {
        let target = try EntryPath(target, options.limits)
        guard !target.isRoot else { throw ArchiveError(.corrupt, "\(entry.path): a hard link to the top directory") }
        do throws(Errno) {
            let directory = try directories.existing(target.parent)
            // A link to itself would remove what it links to.
            let old = try directory.descriptor.status(of: target.name)
            if let new = try? parent.descriptor.status(of: name), new.inode == old.inode { return }
            try replacing(name, in: parent) { () throws(Errno) in
                try parent.descriptor.makeHardLink(name, to: target.name, in: directory.descriptor)
            }
        } catch {
            guard error.code == .noEntry || error.code == .notDirectory else { throw error }
            throw ArchiveError(
                .corrupt, "\(entry.path): a hard link to \(target.whole), which the archive does not have")
        }
    }

    private func makeNode(
        _ entry: TarEntry, _ name: RawPath, _ type: mode_t, _ major: UInt32, _ minor: UInt32,
        in parent: SharedDescriptor
    ) throws {
        try replacing(name, in: parent) { () throws(Errno) in
            try parent.descriptor.makeNode(name, mode: type | 0o600, major: major, minor: minor)
        }
        try setAttributes(entry, name, in: parent.descriptor)
    }

    // MARK: Names that exist

    private func replacing(
        _ name: RawPath, in parent: SharedDescriptor, _ make: () throws(Errno) -> Void
    ) throws(Errno) {
        do throws(Errno) { try make() } catch {
            guard error.code == .exists else { throw error }
            try remove(name, in: parent)
            try make()
        }
    }

    private func remove(_ name: RawPath, in parent: SharedDescriptor) throws(Errno) {
        try parent.descriptor.removeTree(name)
        directories.forget()
    }

    // MARK: Whiteouts

    private func whiteOut(_ name: RawPath, in parent: SharedDescriptor) throws {
        if name == Self.opaqueMark { return try markOpaque(RawPath("."), in: parent) }
        let target = name.dropFirst(Self.whiteoutPrefix.utf8.count)
        // `.wh..wh.` is aufs's own book-keeping.
        if target.hasPrefix(Self.whiteoutPrefix) { return }
        guard !target.isEmpty, !target.isDotDot, target != RawPath(".") else {
            throw ArchiveError(.corrupt, "\(name): a whiteout of nothing")
        }
        do throws(Errno) { try parent.descriptor.makeNode(target, mode: S_IFCHR) } catch {
            // It hides what is below this layer only: what the layer itself has stays.
            guard error.code == .exists else { throw error }
            if try parent.descriptor.status(of: target).isDirectory { try markOpaque(target, in: parent) }
        }
    }

    private func markOpaque(_ name: RawPath, in parent: SharedDescriptor) throws {
        guard options.whiteouts == .overlay else { return }
        try parent.descriptor.setAttribute(name, Self.opaqueAttribute, [UInt8(ascii: "y")])
    }

    private func isWhiteout(_ status: FileStatus) -> Bool {
        status.isCharacterDevice && status.major == 0 && status.minor == 0
    }

    // MARK: Attributes

    /// Of the entry `name` in `parent`; with `.here`, of what `parent` itself is open on.
    private func setAttributes(
        _ entry: TarEntry, _ name: RawPath, in parent: borrowing FileDescriptor
    ) throws {
        if options.restoreOwners {
            try parent.setOwner(name, uid: entry.uid, gid: entry.gid)
            // AFTER the owner: chown(2) drops security.capability and the setuid bit.
            for attribute in entry.attributes { try set(attribute, name, in: parent) }
        }
        if case .symbolicLink = entry.kind {} else { try parent.setMode(name, entry.mode) }
        try parent.setTimes(name, accessed: entry.accessed ?? entry.modified, modified: entry.modified)
    }

    /// What an image may set: anything but overlayfs's own attributes, which would steer the mount (rule R15).
    private func set(
        _ attribute: TarEntry.ExtendedAttribute, _ name: RawPath, in parent: borrowing FileDescriptor
    ) throws {
        if attribute.name.hasPrefix("trusted.overlay.") || attribute.name.hasPrefix("user.overlay.") {
            throw ArchiveError(.hostile, "the archive sets \(attribute.name)")
        }
        do throws(Errno) { try parent.setAttribute(name, attribute.name, attribute.value) } catch {
            guard error.code == .notSupported || error.code == .notPermitted else { throw error }
            result.refusedAttributes["\(attribute.name)", default: 0] += 1
        }
    }

    /// Gives the directories their attributes, in the archive's order, once nothing more is made in them.
    func finish() throws {
        for (path, entry) in unfinished {
            guard let directory = try openMade(path) else { continue }
            try setAttributes(entry, .here, in: directory)
        }
    }

    /// The directory that was made at `path`; nil if a later entry replaced it.
    private func openMade(_ path: EntryPath) throws(Errno) -> FileDescriptor? {
        do throws(Errno) {
            let parent = try directories.existing(path.parent)
            return try parent.descriptor.openEntry(path.isRoot ? RawPath(".") : path.name, O_RDONLY | O_DIRECTORY)
        } catch {
            guard [.noEntry, .notDirectory, .tooManyLinks].contains(error.code) else { throw error }
            return nil
        }
    }
}
