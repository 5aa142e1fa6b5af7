// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import JSON
package import Linux

/// Appends a container's output to its log, in the json-file format: one line of
/// `{"log":"hi\n","stream":"stdout","time":"2026-01-02T03:04:05.678901234Z"}` per line of output.
///
/// Output is split at newlines; of a line longer than 16 KiB every 16 KiB make an entry without a newline. Writing
/// never fails and never waits: what does not get on the disk is dropped, counted, and told of in the log once there is
/// room again.
package struct LogWriter: ~Copyable {
    /// Bytes of output in one entry.
    package static let maximumEntry = 16 * 1024

    private let path: String
    private let maximumSize: Int64?
    private let maximumFiles: Int
    private var file: FileDescriptor?
    private var size: Int64 = 0
    /// How often it was rotated.
    package private(set) var rotation = 0
    private var partial: (stdout: [UInt8], stderr: [UInt8]) = ([], [])
    private let attributes: String?
    private var encoder: LogEncoder
    private var dropped = Dropped()

    private struct Dropped {
        var entries = 0
        var reason = ""
    }

    /// Opens or makes the file at `path`. `maximumSize` is in bytes; nil: it is never rotated. `maximumFiles` includes
    /// the current one; `attributes`, a JSON object, goes with every entry.
    package init(
        path: String, maximumSize: Int64?, maximumFiles: Int, attributes: String? = nil
    ) throws(Errno) {
        self.path = path
        self.attributes = attributes
        encoder = LogEncoder(attributes: attributes)
        self.maximumSize = maximumSize
        self.maximumFiles = max(1, maximumFiles)
        try open()
    }

    /// What of a stream's current line is not in the file yet.
    package func pending(_ stream: LogStream) -> [UInt8] { stream == .stdout ? partial.stdout : partial.stderr }

    /// Logs output that has just been read.
    package mutating func append(_ stream: LogStream, _ bytes: UnsafeRawBufferPointer) {
        encoder.setTail(stream, .now)
        // Taken out and put back: `split` changes the rest of this value too.
        var pending: [UInt8] = []
        if stream == .stdout { swap(&pending, &partial.stdout) } else { swap(&pending, &partial.stderr) }
        split(bytes, &pending)
        if stream == .stdout { partial.stdout = pending } else { partial.stderr = pending }
        writeOut()
    }

    /// Logs what is left of a stream that has ended.
    package mutating func finish(_ stream: LogStream) {
        let rest = pending(stream)
        if stream == .stdout { partial.stdout = [] } else { partial.stderr = [] }
        guard !rest.isEmpty else { return }
        encoder.setTail(stream, .now)
        rest.withUnsafeBytes { add($0) }
        writeOut()
    }

    /// Closes the file and opens the one that stands at the path, making it if need be.
    package mutating func reopen() throws(Errno) {
        file = nil
        try open()
    }

    /// Gives back memory that only a busy log needs.
    package mutating func releaseMemory() {
        encoder.releaseMemory()
        if partial.stdout.isEmpty { partial.stdout = [] }
        if partial.stderr.isEmpty { partial.stderr = [] }
    }

    private mutating func open() throws(Errno) {
        let opened = try FileDescriptor.open(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, mode: 0o640)
        size = try opened.status().size
        if size > 0 {
            // A writer that was killed may have left half a line, which must not swallow the next one.
            var last: UInt8 = 0
            if pread(opened.rawValue, &last, 1, off_t(size - 1)) == 1, last != UInt8(ascii: "\n") {
                try opened.writeAll([UInt8(ascii: "\n")])
                size += 1
            }
        }
        if let known = LogFile.rotation(of: opened) {
            rotation = known
        } else if size == 0 {
            LogFile.setRotation(rotation, of: opened)
        }
        file = consume opened
    }

    /// Adds the entries that are complete, and keeps the rest in `partial`.
    private mutating func split(_ bytes: UnsafeRawBufferPointer, _ partial: inout [UInt8]) {
        var rest = bytes
        while let start = rest.baseAddress, !rest.isEmpty {
            let room = Self.maximumEntry - partial.count
            let newline = memchr(start, 0x0A, rest.count).map { UnsafeRawPointer($0) - start + 1 }
            let count = newline ?? rest.count
            if count > room || (newline == nil && count == room) {
                takePart(&rest, room, &partial)
                continue
            }
            let piece = UnsafeRawBufferPointer(rebasing: rest[..<count])
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            if newline == nil || !partial.isEmpty { partial.append(contentsOf: piece) }
            if newline == nil { return }
            if partial.isEmpty {
                add(piece)
            } else {
                partial.withUnsafeBytes { add($0) }
                partial.removeAll(keepingCapacity: true)
            }
        }
    }

    /// Makes an entry of a line's next 16 KiB, less what there is of a character that goes on after them.
    private mutating func takePart(_ rest: inout UnsafeRawBufferPointer, _ room: Int, _ partial: inout [UInt8]) {
        partial.append(contentsOf: rest[..<room])
        rest = UnsafeRawBufferPointer(rebasing: rest[room...])
        let kept = UTF8Text.incompleteSuffix(partial)
        let cut = partial.count - kept
        partial.withUnsafeBytes { add(UnsafeRawBufferPointer(rebasing: $0[..<cut])) }
        partial.removeFirst(cut)
    }

    /// Encodes one entry, in the next file if it does not fit into this one.
    private mutating func add(_ entry: UnsafeRawBufferPointer) {
        if encoder.isFull { writeOut() }
        let before = encoder.count
        encoder.add(entry)
        if let maximumSize, size + Int64(before) > 0, size + Int64(encoder.count) > maximumSize {
            let last = encoder.removeLast(from: before)
            writeOut()
            rotate()
            encoder.addEncoded(last)
        }
    }

    private mutating func writeOut() {
        guard encoder.count > 0 else { return }
        if dropped.entries > 0, !tellDropped() {
            dropped.entries += encoder.entries
            encoder.removeAll()
            return
        }
        if let reason = write(encoder.bytes) {
            dropped.entries += encoder.entries
            dropped.reason = reason
        }
        encoder.removeAll()
    }

    private mutating func tellDropped() -> Bool {
        let lines = dropped.entries == 1 ? "1 entry" : "\(dropped.entries) entries"
        let notice = Array("[wharf: \(lines) of output could not be logged: \(dropped.reason)]\n".utf8)
        var other = LogEncoder(attributes: attributes)
        other.setTail(.stderr, .now)
        notice.withUnsafeBytes { other.add($0) }
        defer { other.releaseMemory() }
        if write(other.bytes) != nil { return false }
        dropped = Dropped()
        return true
    }

    /// Writes all or nothing; returns why it was nothing.
    private mutating func write(_ bytes: UnsafeRawBufferPointer) -> String? {
        do throws(Errno) {
            if file == nil { try open() }
            try writeAll(bytes)
            size += Int64(bytes.count)
            return nil
        } catch {
            if let number = rawFile { _ = ftruncate(number, off_t(size)) }
            return "\(error.code)"
        }
    }

    private func writeAll(_ bytes: UnsafeRawBufferPointer) throws(Errno) {
        switch file {
        case .some(let file): try file.writeAll(bytes)
        case .none: throw Errno(.badDescriptor, "write", path)
        }
    }

    private var rawFile: Int32? {
        switch file {
        case .some(let file): file.rawValue
        case .none: nil
        }
    }

    /// `log.3` → `log.4`, …, `log` → `log.1`, and a new `log`, which has its number before it has its name. Where a
    /// step fails, the old file goes on growing.
    private mutating func rotate() {
        let next = path + ".next"
        guard let new = try? FileDescriptor.open(next, O_RDWR | O_APPEND | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: 0o640)
        else { return }
        LogFile.setRotation(rotation + 1, of: new)
        if maximumFiles > 1 {
            // Only those that are there: how many there may be is a client's choice.
            var last = 1
            while last < maximumFiles - 1, RotatedLog.exists(path, last) { last += 1 }
            RotatedLog.remove(path, last)
            for number in (1..<last).reversed() { RotatedLog.move(path, from: number, to: number + 1) }
            guard rename(path, "\(path).1") == 0 else { return }
        }
        guard rename(next, path) == 0 else { return }
        file = consume new
        size = 0
        rotation += 1
    }
}
