// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import JSON

/// Encodes entries into a buffer, fast: a container may write a gigabyte a second.
struct LogEncoder: ~Copyable {
    /// What one entry may become: six bytes for each of its own, and what goes around it.
    private static let maximumEncoded = LogWriter.maximumEntry * 6 + 256
    private static let capacity = 2 * maximumEncoded

    private var buffer: UnsafeMutablePointer<UInt8>?
    private(set) var count = 0
    private(set) var entries = 0
    private var tail: [UInt8] = []

    deinit { buffer?.deallocate() }

    /// Whether it must be emptied before the next entry.
    var isFull: Bool { Self.capacity - count < Self.maximumEncoded }
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: buffer, count: count) }

    mutating func removeAll() {
        count = 0
        entries = 0
    }

    mutating func releaseMemory() {
        guard count == 0 else { return }
        buffer?.deallocate()
        buffer = nil
        tail = []
    }

    /// The stream and time of the entries that follow.
    mutating func setTail(_ stream: LogStream, _ time: Timestamp) {
        let name = stream == .stdout ? "stdout" : "stderr"
        tail = Array(#"","stream":"\#(name)","time":"\#(time.rfc3339)"}"#.utf8)
        tail.append(0x0A)
    }

    /// Adds an entry of at most `LogWriter.maximumEntry` bytes; not when it is full.
    mutating func add(_ entry: UnsafeRawBufferPointer) {
        var out = start() + count
        out = Self.copy(#"{"log":""#, to: out)
        out = Self.escape(entry, to: out)
        tail.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { out.update(from: base, count: source.count) }
        }
        count = out + tail.count - start()
        entries += 1
    }

    /// Takes back the last entry, which starts at `position`, as it was encoded.
    mutating func removeLast(from position: Int) -> [UInt8] {
        let last = Array(UnsafeRawBufferPointer(rebasing: bytes[position...]))
        count = position
        entries -= 1
        return last
    }

    mutating func addEncoded(_ entry: [UInt8]) {
        entry.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { (start() + count).update(from: base, count: source.count) }
        }
        count += entry.count
        entries += 1
    }

    private mutating func start() -> UnsafeMutablePointer<UInt8> {
        if let buffer { return buffer }
        let new = UnsafeMutablePointer<UInt8>.allocate(capacity: Self.capacity)
        buffer = new
        return new
    }

    private static func copy(_ text: StaticString, to out: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
        out.update(from: text.utf8Start, count: text.utf8CodeUnitCount)
        return out + text.utf8CodeUnitCount
    }

    /// JSON string content, with what Go escapes escaped. What is not UTF-8 becomes U+FFFD, as Docker's does.
    private static func escape(
        _ source: UnsafeRawBufferPointer, to out: UnsafeMutablePointer<UInt8>
    )
        -> UnsafeMutablePointer<UInt8>
    {
        guard let base = source.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return out }
        let end = source.count
        var out = out
        var index = 0
        while index < end {
            var run = index
            while run < end, isPlain(base[run]) { run += 1 }
            out.update(from: base + index, count: run - index)
            out += run - index
            index = run
            guard index < end else { break }
            let byte = base[index]
            if byte < 0x80 {
                out = escapeASCII(byte, to: out)
                index += 1
            } else {
                let length = UTF8Text.length(base + index, end - index)
                if length == 0 || isLineSeparator(base + index, length) {
                    out = copy(length == 0 ? "\u{FFFD}" : base[index + 2] == 0xA8 ? #"\u2028"# : #"\u2029"#, to: out)
                } else {
                    out.update(from: base + index, count: length)
                    out += length
                }
                index += max(1, length)
            }
        }
        return out
    }

    @inline(__always)
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x80 && byte != 0x22 && byte != 0x5C && byte != 0x3C && byte != 0x3E && byte != 0x26
    }

    private static func isLineSeparator(_ bytes: UnsafePointer<UInt8>, _ length: Int) -> Bool {
        length == 3 && bytes[0] == 0xE2 && bytes[1] == 0x80 && (bytes[2] == 0xA8 || bytes[2] == 0xA9)
    }

    private static func escapeASCII(_ byte: UInt8, to out: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
        switch byte {
        case 0x0A: return copy(#"\n"#, to: out)
        case 0x0D: return copy(#"\r"#, to: out)
        case 0x22: return copy(#"\""#, to: out)
        case 0x5C: return copy(#"\\"#, to: out)
        default:
            let next = copy(#"\u00"#, to: out)
            next[0] = hexadecimal(byte >> 4)
            next[1] = hexadecimal(byte & 15)
            return next + 2
        }
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8 { digit < 10 ? 0x30 + digit : 0x57 + digit }
}
