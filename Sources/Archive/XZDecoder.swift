// SPDX-License-Identifier: Apache-2.0

internal import CLZMA

/// xz; streams that follow each other are one.
final class XZDecoder: Decoder {
    // 0x08 below is LZMA_CONCATENATED, a macro that Swift does not import.
    /// What `xz -9` needs is 65 MiB.
    private static let memoryBytes: UInt64 = 256 << 20

    private var stream = lzma_stream()

    init() throws(ArchiveError) {
        let result = lzma_stream_decoder(&stream, Self.memoryBytes, 0x08)
        guard result == LZMA_OK else { throw ArchiveError(.limit, "xz: out of memory") }
    }

    deinit { lzma_end(&stream) }

    func decode(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, inputEnded: Bool
    ) throws(ArchiveError) -> Decoded {
        stream.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.avail_in = input.count
        stream.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.avail_out = output.count
        let result = lzma_code(&stream, inputEnded ? LZMA_FINISH : LZMA_RUN)
        switch result {
        case LZMA_OK, LZMA_STREAM_END, LZMA_BUF_ERROR: break
        case LZMA_MEMLIMIT_ERROR: throw ArchiveError(.limit, "xz: needs more than \(Self.memoryBytes >> 20) MiB")
        default: throw ArchiveError(.corrupt, "xz: corrupt data")
        }
        return Decoded(
            consumed: input.count - stream.avail_in, produced: output.count - stream.avail_out,
            isComplete: result == LZMA_STREAM_END)
    }
}
