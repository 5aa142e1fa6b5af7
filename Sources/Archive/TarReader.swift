// SPDX-License-Identifier: Apache-2.0

internal import Linux

/// Reads a tar archive from start to end: V7, ustar, pax, GNU and star, with sparse files. Its numbers, names and sizes
/// are untrusted.
///
///     while let entry = try reader.next() {
///         try reader.readData { offset, bytes in … }   // or not: the next `next` skips what is left
///     }
///     try reader.drain()
package final class TarReader {
    private let input: TarInput
    private let limits: ArchiveLimits
    private let requireEnd: Bool
    private var global = PaxRecords()
    private var entries = 0
    private var totalBytes: Int64 = 0
    private var isAtEnd = false

    /// What is left of the current entry's data and padding in the stream.
    private var stored: Int64 = 0
    private var padding = 0
    private var runs: [SparseRun] = []

    /// `requireEnd`: an archive that stops between two entries, without the zero blocks that end one, is truncated. A
    /// layer whose digest is checked can do without.
    package init(_ source: any ByteSource, limits: ArchiveLimits = .default, requireEnd: Bool = false) {
        input = TarInput(source)
        self.limits = limits
        self.requireEnd = requireEnd
    }

    /// The next entry; nil at the end of the archive.
    package func next() throws -> TarEntry? {
        try skipData()
        if isAtEnd { return nil }
        var records = global
        var longName: [UInt8]?
        var longLink: [UInt8]?
        while true {
            guard let block = try nextBlock() else {
                isAtEnd = true
                return nil
            }
            let header = try TarHeader(block)
            switch header.type {
            case UInt8(ascii: "x"), UInt8(ascii: "X"):
                try records.add(metadata(header), limits: limits)
            case UInt8(ascii: "g"):
                try global.add(metadata(header), limits: limits)
                records = global
            case UInt8(ascii: "L"): longName = Array(try metadata(header).prefix { $0 != 0 })
            case UInt8(ascii: "K"): longLink = Array(try metadata(header).prefix { $0 != 0 })
            case UInt8(ascii: "V"):
                begin(stored: header.size)  // A volume's label: nothing to unpack.
                try skipData()
            default:
                return try entry(header, block, records, longName, longLink)
            }
        }
    }

    /// Calls `body` with the current entry's data, piece by piece: where in the file, and the bytes, valid during the
    /// call. Holes are left out.
    package func readData(_ body: (Int64, UnsafeRawBufferPointer) throws -> Void) throws {
        for run in runs {
            var offset = run.offset
            var left = run.length
            while left > 0 {
                let piece = try input.piece(atMost: left)
                stored -= Int64(piece.count)
                try body(offset, piece)
                offset += Int64(piece.count)
                left -= Int64(piece.count)
            }
        }
        runs = []
    }

    /// The current entry's data, refusing more than `limit` bytes.
    package func readAll(limit: Int) throws -> [UInt8] {
        guard stored <= limit else { throw ArchiveError(.limit, "an entry has more than \(limit) bytes") }
        var result: [UInt8] = []
        try readData { _, bytes in result.append(contentsOf: bytes) }
        return result
    }

    /// Reads the stream to its end: what follows the archive counts for its digest.
    package func drain() throws { try input.drain() }

    // MARK: Blocks

    /// The next header block; nil at the end of the archive.
    private func nextBlock() throws -> UnsafeRawBufferPointer? {
        guard let block = try input.block() else {
            if requireEnd { throw ArchiveError.truncated }
            return nil
        }
        if block.allSatisfy({ $0 == 0 }) { return nil }
        entries += 1
        guard entries <= limits.entries else {
            throw ArchiveError(.limit, "the archive has more than \(limits.entries) entries")
        }
        return block
    }

    private func begin(stored: Int64) {
        self.stored = stored
        padding = Int((512 - stored % 512) % 512)
    }

    private func skipData() throws {
        runs = []
        if stored > 0 { try input.skip(stored) }
        if padding > 0 { try input.skip(Int64(padding)) }
        stored = 0
        padding = 0
    }

    /// The data of an extended header or a long name.
    private func metadata(_ header: TarHeader) throws -> [UInt8] {
        guard header.size <= limits.headerBytes else {
            throw ArchiveError(.limit, "an entry's header has more than \(limits.headerBytes) bytes")
        }
        begin(stored: header.size)
        runs = [SparseRun(offset: 0, length: header.size)]
        let bytes = try readAll(limit: limits.headerBytes)
        try skipData()
        return bytes
    }

    // MARK: Entries

    private func entry(
        _ header: TarHeader, _ block: UnsafeRawBufferPointer, _ records: PaxRecords, _ longName: [UInt8]?,
        _ longLink: [UInt8]?
    ) throws -> TarEntry {
        let name = records.sparse.name ?? records.path ?? longName ?? header.name
        let link = records.linkPath ?? longLink ?? header.linkName
        let path = try checked(name)
        guard !path.isEmpty else { throw ArchiveError(.corrupt, "an entry has no name") }
        var entry = TarEntry(path: path, kind: try kind(header, name, link))
        entry.mode = UInt32(truncatingIfNeeded: header.mode) & 0o7777
        entry.uid = try id(records.uid ?? header.uid, path)
        entry.gid = try id(records.gid ?? header.gid, path)
        entry.userName = String(decoding: records.userName ?? header.userName, as: UTF8.self)
        entry.groupName = String(decoding: records.groupName ?? header.groupName, as: UTF8.self)
        entry.modified = records.modified ?? FileTime(seconds: header.modified)
        entry.accessed = records.accessed
        entry.attributes = records.attributes
        guard entry.kind == .file else { return entry }
        begin(stored: records.size ?? header.size)
        entry.size = stored
        runs = [SparseRun(offset: 0, length: stored)]
        try readSparseMap(header, block, records, &entry)
        totalBytes += stored
        guard totalBytes <= limits.totalBytes, entry.size <= limits.totalBytes else {
            throw ArchiveError(.limit, "the archive unpacks to more than \(limits.totalBytes) bytes")
        }
        return entry
    }

    private func kind(_ header: TarHeader, _ name: [UInt8], _ link: [UInt8]) throws -> TarEntry.Kind {
        switch header.type {
        case 0, UInt8(ascii: "0"), UInt8(ascii: "7"), UInt8(ascii: "S"):
            // V7 had no type for directories.
            return header.type == 0 && name.last == UInt8(ascii: "/") ? .directory : .file
        case UInt8(ascii: "1"): return .hardLink(target: try checked(link))
        case UInt8(ascii: "2"): return .symbolicLink(target: RawPath(link))
        case UInt8(ascii: "3"):
            return .characterDevice(major: try device(header.major), minor: try device(header.minor))
        case UInt8(ascii: "4"): return .blockDevice(major: try device(header.major), minor: try device(header.minor))
        case UInt8(ascii: "5"): return .directory
        case UInt8(ascii: "6"): return .fifo
        default:
            let type = String(decoding: [header.type], as: UTF8.self)
            throw ArchiveError(
                .unsupported, "\(String(decoding: name, as: UTF8.self)): unsupported tar entry type '\(type)'")
        }
    }

    private func checked(_ name: [UInt8]) throws -> RawPath {
        guard name.count <= limits.pathBytes else {
            throw ArchiveError(.limit, "an entry's path has more than \(limits.pathBytes) bytes")
        }
        return RawPath(name)
    }

    /// -1 is "leave it" to chown(2), so it is no owner.
    private func id(_ value: Int64, _ path: RawPath) throws -> UInt32 {
        guard let id = UInt32(exactly: value), id != .max else {
            throw ArchiveError(.corrupt, "\(path): owner \(value) is out of range")
        }
        return id
    }

    private func device(_ value: Int64) throws -> UInt32 {
        guard let number = UInt32(exactly: value) else { throw TarHeader.invalid }
        return number
    }

    private func readSparseMap(
        _ header: TarHeader, _ block: UnsafeRawBufferPointer, _ records: PaxRecords, _ entry: inout TarEntry
    ) throws {
        if header.type == UInt8(ascii: "S") {
            guard header.format == .gnu else { throw SparseMap.invalid }
            entry.size = try TarHeader.number(block, 483, 12)
            runs = try SparseMap.runs(in: block, at: 386, count: 4)
            var isExtended = block[482] != 0
            while isExtended {
                guard let more = try input.block() else { throw ArchiveError.truncated }
                runs += try SparseMap.runs(in: more, at: 0, count: 21)
                guard runs.count <= limits.sparseFragments else { throw SparseMap.tooMany }
                isExtended = more[504] != 0
            }
        } else if records.sparse.isSparse, let size = records.sparse.realSize {
            entry.size = size
            runs = records.sparse.isVersion1 ? try readMapFromData() : records.sparse.runs
        } else {
            return
        }
        try SparseMap.check(runs, size: entry.size, stored: stored)
    }

    /// Format 1.0: decimal lines (how many runs; offset and length of each), padded to a block.
    private func readMapFromData() throws -> [SparseRun] {
        var numbers: [Int64] = []
        var digits: [UInt8] = []
        var wanted = 1
        while numbers.count < wanted {
            guard stored >= 512, let block = try input.block() else { throw SparseMap.invalid }
            stored -= 512
            for byte in block where numbers.count < wanted {
                if byte != 0x0a {
                    digits.append(byte)
                    continue
                }
                guard let number = PaxRecords.number(digits[...]) else { throw SparseMap.invalid }
                digits = []
                numbers.append(number)
                if numbers.count == 1 {
                    guard number <= limits.sparseFragments else { throw SparseMap.tooMany }
                    wanted = 1 + 2 * Int(number)
                }
            }
            guard digits.count <= 32 else { throw SparseMap.invalid }
        }
        return stride(from: 1, to: numbers.count, by: 2).map {
            SparseRun(offset: numbers[$0], length: numbers[$0 + 1])
        }
    }
}
