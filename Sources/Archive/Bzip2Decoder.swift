// SPDX-License-Identifier: Apache-2.0

internal import CBZip2

/// bzip2; streams that follow each other are one.
final class Bzip2Decoder: Decoder {
    private var stream = bz_stream()
    private var isBetween = false

    init() throws(ArchiveError) { try start() }

    deinit { BZ2_bzDecompressEnd(&stream) }

    private func start() throws(ArchiveError) {
        stream = bz_stream()
        guard BZ2_bzDecompressInit(&stream, 0, 0) == BZ_OK else {
            throw ArchiveError(.limit, "bzip2: out of memory")
        }
    }

    func decode(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, inputEnded: Bool
    ) throws(ArchiveError) -> Decoded {
        if isBetween {
            if input.isEmpty { return Decoded(consumed: 0, produced: 0, isComplete: true) }
            BZ2_bzDecompressEnd(&stream)
            try start()
            isBetween = false
        }
        // The library only reads through this pointer.
        let bytes = UnsafeMutableRawBufferPointer(mutating: input)
        stream.next_in = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
        stream.avail_in = UInt32(clamping: input.count)
        stream.next_out = output.baseAddress?.assumingMemoryBound(to: CChar.self)
        stream.avail_out = UInt32(clamping: output.count)
        let before = (stream.avail_in, stream.avail_out)
        let result = BZ2_bzDecompress(&stream)
        guard result == BZ_OK || result == BZ_STREAM_END else {
            throw ArchiveError(.corrupt, "bzip2: corrupt data")
        }
        isBetween = result == BZ_STREAM_END
        return Decoded(
            consumed: Int(before.0 - stream.avail_in), produced: Int(before.1 - stream.avail_out),
            isComplete: isBetween)
    }
}
