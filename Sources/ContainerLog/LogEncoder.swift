// SPDX-License-Identifier: Apache-2.0

internal import JSON

/// Encodes entries into a buffer, fast: a container may write a gigabyte a second.
struct LogEncoder: ~Copyable {
    /// What one entry may become: six bytes for each of its own, and what goes around it.
    private let maximumEncoded: Int
    private var capacity: Int { 2 * maximumEncoded }
    /// With a comma before them; empty: there are none.
    private let attributes: String

    private var buffer: UnsafeMutablePointer<UInt8>?
    private(set) var count = 0
    private(set) var entries = 0
    private var tail: [UInt8] = []

    /// `attributes`: a JSON object that goes with every entry.
    init(attributes: String? = nil) {
        self.attributes = attributes.map { #","attrs":"# + $0 } ?? ""
        maximumEncoded = LogWriter.maximumEntry * 6 + 256 + LogEscapes.slack + self.attributes.utf8.count
    }

    deinit { buffer?.deallocate() }

    /// Whether it must be emptied before the next entry.
    var isFull: Bool { capacity - count < maximumEncoded }
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
        tail = Array(#"","stream":"\#(name)"\#(attributes),"time":"\#(time.rfc3339)"}"#.utf8)
        tail.append(0x0A)
    }

    /// Adds an entry of at most `LogWriter.maximumEntry` bytes; not when it is full.
    mutating func add(_ entry: UnsafeRawBufferPointer) {
        var out = start() + count
        out = Self.copy(#"{"log":""#, to: out)
        out = LogEscapes.escape(entry, to: out)
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
        let new = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        buffer = new
        return new
    }

    private static func copy(_ text: StaticString, to out: UnsafeMutablePointer<UInt8>) -> UnsafeMutablePointer<UInt8> {
        out.update(from: text.utf8Start, count: text.utf8CodeUnitCount)
        return out + text.utf8CodeUnitCount
    }
}
