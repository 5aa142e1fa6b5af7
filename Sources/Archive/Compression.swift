// SPDX-License-Identifier: Apache-2.0

/// How a stream is compressed, as its first bytes tell.
package enum Compression: String, Sendable {
    case none, gzip, zstd, xz, bzip2

    /// How many bytes `init(magic:)` wants to see.
    package static let magicBytes = 6

    package init(magic bytes: some Collection<UInt8>) {
        let bytes = Array(bytes.prefix(Compression.magicBytes))
        if bytes.starts(with: [0x1f, 0x8b, 8]) {
            self = .gzip
        } else if bytes.starts(with: [0x28, 0xb5, 0x2f, 0xfd])
            || (bytes.count >= 4 && bytes[0] & 0xf0 == 0x50 && bytes[1...3] == [0x2a, 0x4d, 0x18])
        {
            self = .zstd
        } else if bytes.starts(with: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]) {
            self = .xz
        } else if bytes.starts(with: Array("BZh".utf8)) {
            self = .bzip2
        } else {
            self = .none
        }
    }
}

/// A stream, decompressed in this process (rule R2).
package struct Decompressed: Sendable {
    package var source: any ByteSource
    package var compression: Compression

    /// Finds out how `source` is compressed and puts the decompressor in front of it, on a thread of its own if
    /// `threaded`.
    package init(
        _ source: any ByteSource, limits: ArchiveLimits = .default, threaded: Bool = true
    ) throws {
        let magic = try source.read(atMost: Compression.magicBytes)
        compression = Compression(magic: magic)
        let whole = PrefixedSource(prefix: magic, rest: source)
        guard let decoder = try Decompressed.decoder(compression) else {
            self.source = whole
            return
        }
        let decoded = DecodingSource(whole, decoder, limits: limits)
        self.source = threaded ? try ReadAheadSource(decoded) : decoded
    }

    private static func decoder(_ compression: Compression) throws -> (any Decoder)? {
        switch compression {
        case .none: nil
        case .gzip: GzipDecoder()
        case .zstd: try ZstdDecoder()
        case .xz: try XZDecoder()
        case .bzip2: try Bzip2Decoder()
        }
    }
}

/// Bytes that were read already, then the rest of the stream they came from.
///
/// Sendable: one thread reads at a time, as `ByteSource` asks.
private final class PrefixedSource: ByteSource, @unchecked Sendable {
    private var prefix: [UInt8]
    private let rest: any ByteSource

    init(prefix: [UInt8], rest: any ByteSource) {
        self.prefix = prefix
        self.rest = rest
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        if prefix.isEmpty { return try rest.read(into: buffer) }
        let count = min(buffer.count, prefix.count)
        prefix[..<count].withUnsafeBytes { buffer.copyMemory(from: $0) }
        prefix.removeFirst(count)
        return count
    }
}
