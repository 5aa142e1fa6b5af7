// SPDX-License-Identifier: Apache-2.0

internal import Linux

/// Where an archive is written to. Writes block, and write everything.
package protocol ByteSink: AnyObject {
    func write(_ bytes: UnsafeRawBufferPointer) throws
}

/// Bytes in memory.
package final class BytesSink: ByteSink {
    package private(set) var bytes: [UInt8] = []
    package init() {}
    package func write(_ bytes: UnsafeRawBufferPointer) throws { self.bytes.append(contentsOf: bytes) }
}

/// Writes a tar archive: ustar headers, with pax records in front where those don't suffice. Equal entries give equal
/// bytes.
///
///     try writer.add(entry)          // for a file: then its bytes, exactly entry.size of them
///     try writer.write(bytes)
///     try writer.finish()
package final class TarWriter {
    private let sink: any ByteSink
    private var left: Int64 = 0
    private var padding = 0

    package init(_ sink: any ByteSink) { self.sink = sink }

    /// Begins an entry. Throws if the last one's bytes are not complete.
    package func add(_ entry: TarEntry) throws {
        try endEntry()
        let records = PaxWriter.records(for: entry)
        if !records.isEmpty {
            let name = RawPath(Array("PaxHeaders.0/".utf8) + entry.path.bytes.suffix(80))
            var header = TarEntry(path: name, kind: .file, mode: 0o644, size: Int64(records.count))
            header.modified = FileTime(seconds: max(0, entry.modified.seconds))
            try put(HeaderWriter.block(header, type: UInt8(ascii: "x")))
            try put(records)
            try put([UInt8](repeating: 0, count: (512 - records.count % 512) % 512))
        }
        try put(HeaderWriter.block(entry, type: HeaderWriter.type(entry.kind)))
        if entry.kind == .file {
            left = entry.size
            padding = Int((512 - entry.size % 512) % 512)
        }
    }

    /// The next bytes of the current entry, a file.
    package func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard Int64(bytes.count) <= left else { throw ArchiveError(.corrupt, "a file grew while it was archived") }
        left -= Int64(bytes.count)
        try sink.write(bytes)
    }

    /// A whole small file.
    package func add(_ entry: TarEntry, _ bytes: [UInt8]) throws {
        var entry = entry
        entry.size = Int64(bytes.count)
        try add(entry)
        try bytes.withUnsafeBytes { try write($0) }
    }

    /// Ends the archive.
    package func finish() throws {
        try endEntry()
        try put([UInt8](repeating: 0, count: 1024))
    }

    private func endEntry() throws {
        guard left == 0 else { throw ArchiveError(.corrupt, "a file shrank while it was archived") }
        try put([UInt8](repeating: 0, count: padding))
        padding = 0
    }

    private func put(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try sink.write($0) } }
}

/// ustar header blocks.
private enum HeaderWriter {
    static func type(_ kind: TarEntry.Kind) -> UInt8 {
        switch kind {
        case .file: UInt8(ascii: "0")
        case .hardLink: UInt8(ascii: "1")
        case .symbolicLink: UInt8(ascii: "2")
        case .characterDevice: UInt8(ascii: "3")
        case .blockDevice: UInt8(ascii: "4")
        case .directory: UInt8(ascii: "5")
        case .fifo: UInt8(ascii: "6")
        }
    }

    /// What does not fit is cut off or zero: the pax records say it.
    static func block(_ entry: TarEntry, type: UInt8) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ bytes: some Collection<UInt8>, _ offset: Int, _ length: Int) {
            for (index, byte) in bytes.prefix(length).enumerated() { block[offset + index] = byte }
        }
        func octal(_ value: Int64, _ offset: Int, _ length: Int) {
            let text = String(value < 0 || value >> Int64(3 * (length - 1)) != 0 ? 0 : value, radix: 8)
            put((String(repeating: "0", count: length - 1 - text.utf8.count) + text).utf8, offset, length - 1)
        }
        put(entry.path.bytes, 0, 100)
        octal(Int64(entry.mode), 100, 8)
        octal(Int64(entry.uid), 108, 8)
        octal(Int64(entry.gid), 116, 8)
        octal(entry.kind == .file ? entry.size : 0, 124, 12)
        octal(entry.modified.seconds, 136, 12)
        put([UInt8](repeating: 0x20, count: 8), 148, 8)
        block[156] = type
        put("ustar\u{0}00".utf8, 257, 8)
        put(entry.userName.utf8, 265, 31)
        put(entry.groupName.utf8, 297, 31)
        switch entry.kind {
        case .symbolicLink(let target), .hardLink(let target): put(target.bytes, 157, 100)
        case .characterDevice(let major, let minor), .blockDevice(let major, let minor):
            octal(Int64(major), 329, 8)
            octal(Int64(minor), 337, 8)
        case .file, .directory, .fifo: break
        }
        let sum = block.reduce(0) { $0 + Int($1) }
        let text = String(sum, radix: 8)
        put((String(repeating: "0", count: 6 - text.utf8.count) + text + "\u{0} ").utf8, 148, 8)
        return block
    }
}

/// pax extended headers.
private enum PaxWriter {
    static func records(for entry: TarEntry) -> [UInt8] {
        var result: [UInt8] = []
        if entry.path.count > 100 { result += record("path", entry.path.bytes) }
        switch entry.kind {
        case .symbolicLink(let target), .hardLink(let target):
            if target.count > 100 { result += record("linkpath", target.bytes) }
        default: break
        }
        if entry.kind == .file, entry.size >> 33 != 0 { result += record("size", "\(entry.size)".utf8) }
        if entry.uid >> 21 != 0 { result += record("uid", "\(entry.uid)".utf8) }
        if entry.gid >> 21 != 0 { result += record("gid", "\(entry.gid)".utf8) }
        let time = entry.modified
        if time.nanoseconds != 0 || time.seconds < 0 || time.seconds >> 33 != 0 {
            result += record("mtime", text(time).utf8)
        }
        for attribute in entry.attributes {
            result += record("SCHILY.xattr." + attribute.name.description, attribute.value)
        }
        return result
    }

    private static func text(_ time: FileTime) -> String {
        let isNegative = time.seconds < 0
        let borrow: Int64 = isNegative && time.nanoseconds > 0 ? 1 : 0
        let seconds = isNegative ? -(time.seconds + borrow) : time.seconds
        let nanoseconds = borrow == 1 ? 1_000_000_000 - time.nanoseconds : time.nanoseconds
        var fraction = String(nanoseconds)
        fraction = String(repeating: "0", count: 9 - fraction.utf8.count) + fraction
        while fraction.hasSuffix("0") { fraction.removeLast() }
        return (isNegative ? "-" : "") + "\(seconds)" + (fraction.isEmpty ? "" : "." + fraction)
    }

    /// `length key=value\n`, where the length counts itself.
    private static func record(_ key: String, _ value: some Collection<UInt8>) -> [UInt8] {
        let body = [0x20] + Array(key.utf8) + [UInt8(ascii: "=")] + value + [0x0a]
        var length = body.count + 1
        while String(length).utf8.count + body.count != length { length = String(length).utf8.count + body.count }
        return Array(String(length).utf8) + body
    }
}
