// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import JSON
package import Linux

/// Reads the files of a log one after the other, oldest first. Blocking, used from one thread at a time.
///
/// It holds open the files it knows of, and when it follows looks for newer ones while it reads the last of them, so
/// that rotation takes nothing away before the reader is a whole set of files behind. Where it does, the reader is told
/// so by an entry of its own.
package final class LogScanner {
    /// A batch ends when it has so many bytes of output.
    package static let batchBytes = 64 * 1024
    /// A longer line of a file is not one of ours, and is left out.
    private static let maximumLine = 1 << 20

    private let path: String
    private let query: LogQuery
    /// Those not read to their end yet; the last is the current one, as far as is known.
    private var files: [LogFile] = []
    private var buffer: [UInt8] = []
    /// The entry that is past `until` has been seen.
    private var isPastEnd = false

    package init(path: String, query: LogQuery) {
        self.path = path
        self.query = query
    }

    /// Opens what there is, and goes to where `tail` begins. A log that does not exist yet is an empty one. Unless the
    /// log is followed, what comes after this moment is not read: a container that writes faster than it is read would
    /// have no end.
    package func open() throws(Errno) {
        files = try LogFile.openAll(path)
        if !query.follow, let last = files.last { last.limit = last.size }
        if let tail = query.tail { skip(to: tail) }
    }

    /// The next entries that match; empty: there is nothing more at present.
    package func read() throws(Errno) -> [LogEntry] {
        var batch: [LogEntry] = []
        var size = 0
        while !isPastEnd, size < Self.batchBytes {
            if files.isEmpty {
                if query.follow { files = try LogFile.openAll(path) }
                if files.isEmpty { break }
            }
            if files.count == 1 { try findNewer() }
            let isFinal = files.count > 1
            if try readChunk(into: &batch, &size) { continue }
            if isFinal {
                nextFile(&batch)
            } else if try !findNewer() {
                // What was written between the end seen before and a rotation is still read from the old file.
                break
            }
        }
        return batch
    }

    /// Whether nothing that comes can match any more.
    package var isFinished: Bool { isPastEnd }

    package func matches(_ entry: LogEntry) -> Bool {
        guard entry.stream == .stdout ? query.stdout : query.stderr else { return false }
        if let since = query.since, entry.time < since { return false }
        if let until = query.until, entry.time > until { return false }
        return true
    }

    /// Reads a piece of the first file; false at its end.
    private func readChunk(into batch: inout [LogEntry], _ size: inout Int) throws(Errno) -> Bool {
        guard try files[0].read(Self.batchBytes, into: &buffer) else { return false }
        var start = 0
        buffer.withUnsafeBytes { bytes in
            while !isPastEnd, let base = bytes.baseAddress,
                let newline = memchr(base + start, 0x0A, bytes.count - start)
            {
                let end = UnsafeRawPointer(newline) - base
                if let entry = LogEntry(line: UnsafeRawBufferPointer(rebasing: bytes[start..<end])) {
                    if let until = query.until, entry.time > until { isPastEnd = true }
                    if matches(entry) {
                        size += entry.bytes.count
                        batch.append(entry)
                    }
                }
                start = end + 1
            }
        }
        buffer.removeFirst(start)
        if buffer.count > Self.maximumLine { buffer = [] }
        return true
    }

    /// Whether the file last known has been rotated away and newer ones are there, which are then known.
    @discardableResult
    private func findNewer() throws(Errno) -> Bool {
        guard query.follow, let current = files.last, current.isRotated(from: path) else { return false }
        let now = try LogFile.openAll(path)
        let known = now.firstIndex { $0.identity == current.identity }
        if known == now.count - 1 || now.isEmpty { return false }
        if known == nil { now[0].mayFollowGap = true }
        files.append(contentsOf: now[(known.map { $0 + 1 } ?? 0)...])
        return true
    }

    /// Goes from a file that has been read to the one after it.
    private func nextFile(_ batch: inout [LogEntry]) {
        let last = files.removeFirst()
        buffer = []
        guard !(last.isFollowed(by: files[0]) ?? !files[0].mayFollowGap) else { return }
        let text = "[wharf: output is missing here: the log was rotated away before it was read]\n"
        batch.append(LogEntry(stream: query.stderr ? .stderr : .stdout, time: .now, bytes: Array(text.utf8)))
    }

    /// Goes back from the end until `tail` entries that match lie ahead.
    private func skip(to tail: Int) {
        var wanted = tail
        for index in files.indices.reversed() {
            guard wanted > 0 else {
                // Everything wanted is in the files after this one; of none, in what comes next.
                if index == files.count - 1 {
                    files[index].offset = files[index].end
                    files.removeFirst(index)
                } else {
                    files.removeFirst(index + 1)
                }
                return
            }
            files[index].skipBack(&wanted) { line in
                LogEntry(line: line).map { self.matches($0) } ?? false
            }
        }
    }
}
