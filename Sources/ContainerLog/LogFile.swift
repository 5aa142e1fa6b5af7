// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux

/// One file of a log, open for reading. One that is compressed is expanded when it is first read, into a file without a
/// name.
final class LogFile {
    private var descriptor: FileDescriptor
    /// Where to expand it; nil: it is as it was written.
    private var packedIn: String?
    /// That of the file that was written, also where this one is what became of it.
    let identity: Identity

    /// Numbers of files are used anew as soon as they are free, numbers of rotations never.
    struct Identity: Equatable {
        let file: FileIdentity
        let rotation: Int?

        static func == (a: Identity, b: Identity) -> Bool {
            a.file == b.file && (a.rotation == b.rotation || a.rotation == nil || b.rotation == nil)
        }
    }
    var offset: Int64 = 0
    /// Where to stop, though there be more; nil: at the file's end.
    var limit: Int64?
    /// The file before it was gone when this one was found.
    var mayFollowGap = false

    private init(_ descriptor: consuming FileDescriptor, packedIn directory: String?) throws(Errno) {
        let own = FileIdentity(try descriptor.status())
        let rotation = Self.rotation(of: descriptor)
        identity = Identity(
            file: directory == nil ? own : RotatedLog.origin(of: descriptor) ?? own, rotation: rotation)
        number = directory == nil ? nil : rotation
        self.descriptor = descriptor
        packedIn = directory
    }

    private func expand() throws(Errno) {
        guard let directory = packedIn else { return }
        // O_TMPFILE
        let plain = try FileDescriptor.open(directory, O_RDWR | 0o20000000 | O_DIRECTORY, mode: 0o600)
        try GzipFile.expand(descriptor, into: plain)
        descriptor = plain
        packedIn = nil
    }

    /// Of the file as it was written.
    var size: Int64 {
        guard (try? expand()) != nil else { return 0 }
        return (try? descriptor.status().size) ?? 0
    }

    /// Of a file that is or was compressed: its number, which is not the expanded one's.
    private let number: Int?
    private var rotation: Int? { number ?? Self.rotation(of: descriptor) }
    var end: Int64 { limit ?? size }

    // MARK: Rotation

    private static let rotationAttribute = RawPath("user.wharf.rotation")

    /// How often the log had been rotated when the file was made; nil where the file system keeps no such attributes.
    static func rotation(of file: borrowing FileDescriptor) -> Int? {
        file.ownAttribute(rotationAttribute, limit: 20).flatMap { Int(String(decoding: $0, as: UTF8.self)) }
    }

    static func setRotation(_ number: Int, of file: borrowing FileDescriptor) {
        try? file.setAttribute(.here, rotationAttribute, Array("\(number)".utf8))
    }

    /// Whether nothing was written between this file and `next`; nil where the files don't say.
    func isFollowed(by next: LogFile) -> Bool? {
        guard let mine = rotation, let other = next.rotation else { return nil }
        return other == mine + 1
    }

    /// Whether this is not the file that stands at `path`.
    func isRotated(from path: String) -> Bool {
        guard let current = try? Self.open(path) else { return true }
        return current.identity != identity
    }

    /// A rotation takes microseconds: who meets so many is reading a log that rotates all the time.
    private static let maximumLooks = 50

    /// `path` and the files rotated from it, oldest first, as they stood at one moment.
    static func openAll(_ path: String) throws(Errno) -> [LogFile] {
        var looks = 1
        while true {
            let (files, names) = try look(path)
            if looks == maximumLooks || (files.count == names.count && isUnchanged(files, names)) {
                return files.reversed()
            }
            looks += 1
        }
    }

    /// Opens what there is, newest first. While a rotation is under way a name may be missing: `names` then has more
    /// than `files`.
    private static func look(_ path: String) throws(Errno) -> (files: [LogFile], names: [String]) {
        var files: [LogFile] = []
        var names = [path]
        if let current = try open(path) { files.append(current) } else { names = [] }
        var missing: [String] = []
        var number = 1
        while missing.count < 2 {
            let name = "\(path).\(number)"
            if let older = try open(name) {
                names += missing + [name]
                missing = []
                if !files.contains(where: { $0.identity == older.identity }) { files.append(older) }
            } else {
                missing.append(name)
            }
            number += 1
        }
        return (files, names)
    }

    private static func isUnchanged(_ files: [LogFile], _ names: [String]) -> Bool {
        zip(files, names).allSatisfy { file, name in !file.isRotated(from: name) }
    }

    /// The file of that name or, as the one gives way to the other, its compressed form.
    private static func open(_ path: String) throws(Errno) -> LogFile? {
        if let plain = try open(path, packed: false) { return plain }
        return try open(path, packed: true)
    }

    private static func open(_ path: String, packed: Bool) throws(Errno) -> LogFile? {
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        do throws(Errno) {
            let file = try FileDescriptor.open(path + (packed ? RotatedLog.packed : ""), O_RDONLY | O_NOFOLLOW)
            return try LogFile(file, packedIn: packed ? directory : nil)
        } catch {
            if error.code == .noEntry { return nil }
            throw error
        }
    }

    /// Appends up to `count` bytes to `buffer`; false at the end of the file, or at `limit`.
    func read(_ count: Int, into buffer: inout [UInt8]) throws(Errno) -> Bool {
        try expand()
        let count = Int(min(Int64(count), max(0, (limit ?? .max) - offset)))
        let before = buffer.count
        buffer.append(contentsOf: repeatElement(0, count: count))
        let got = buffer.withUnsafeMutableBytes { bytes -> Int in
            guard let base = bytes.baseAddress else { return 0 }
            return pread(descriptor.rawValue, base + before, count, off_t(offset))
        }
        if got < 0 { throw .last("pread") }
        buffer.removeLast(count - max(0, got))
        offset += Int64(got)
        return got > 0
    }

    /// Sets `offset` so that the last `wanted` lines that `matches` says are some lie after it, and takes those found
    /// off `wanted`.
    func skipBack(_ wanted: inout Int, _ matches: (UnsafeRawBufferPointer) -> Bool) {
        let step: Int64 = 64 << 10
        var end = end
        // From the start of a line to the end of what has been read; begins with what may be a torn line.
        var rest: [UInt8] = []
        var isAtEnd = true
        while end > 0, wanted > 0 {
            let start = max(0, end - step)
            var piece: [UInt8] = []
            offset = start
            guard (try? read(Int(end - start), into: &piece)) == true else { break }
            piece.append(contentsOf: rest)
            rest = scanBack(piece, from: start, isFirst: start == 0, &isAtEnd, &wanted, matches)
            end = start
        }
        if wanted > 0 { offset = 0 }
    }

    /// Goes through the lines of `piece` (which begins at `base` of the file) backwards; returns the part of a line at
    /// its start.
    private func scanBack(
        _ piece: [UInt8], from base: Int64, isFirst: Bool, _ isAtEnd: inout Bool, _ wanted: inout Int,
        _ matches: (UnsafeRawBufferPointer) -> Bool
    ) -> [UInt8] {
        var end = piece.count
        if isAtEnd {
            guard let newline = piece.lastIndex(of: 0x0A) else { return piece }
            end = newline
            isAtEnd = false
        }
        while wanted > 0, end > 0 || isFirst {
            let newline = piece[..<end].lastIndex(of: 0x0A)
            guard newline != nil || isFirst else { break }
            let start = newline.map { $0 + 1 } ?? 0
            if piece.withUnsafeBytes({ matches(UnsafeRawBufferPointer(rebasing: $0[start..<end])) }) {
                wanted -= 1
                offset = base + Int64(start)
            }
            guard let newline else { return [] }
            end = newline
        }
        return Array(piece[..<end])
    }
}
