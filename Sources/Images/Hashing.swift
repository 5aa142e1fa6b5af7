// SPDX-License-Identifier: Apache-2.0

internal import Archive
internal import Crypto
internal import OCI

/// SHA-256, piece by piece.
struct Hasher256 {
    private var hash = SHA256()

    mutating func update(_ bytes: UnsafeRawBufferPointer) { hash.update(bufferPointer: bytes) }

    /// Of all bytes so far.
    var digest: OCI.Digest { OCI.Digest(sha256: Array(hash.finalize())) }

    static func digest(of bytes: [UInt8]) -> OCI.Digest {
        var hasher = Hasher256()
        bytes.withUnsafeBytes { hasher.update($0) }
        return hasher.digest
    }
}

/// A source that is hashed as it is read.
///
/// Sendable: one thread reads at a time, as `ByteSource` asks.
final class HashingSource: ByteSource, @unchecked Sendable {
    private let source: any ByteSource
    private var hash = Hasher256()

    init(_ source: any ByteSource) { self.source = source }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = try source.read(into: buffer)
        hash.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        return count
    }

    /// Of all that was read.
    var digest: OCI.Digest { hash.digest }
}
