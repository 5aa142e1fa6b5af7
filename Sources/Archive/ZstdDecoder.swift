// SPDX-License-Identifier: Apache-2.0

internal import CZstd

/// Zstandard (RFC 8878); frames that follow each other are one stream. Windows up to the library's default, 128 MiB.
final class ZstdDecoder: Decoder {
    private let context: OpaquePointer
    private var isComplete = false

    init() throws(ArchiveError) {
        guard let context = ZSTD_createDCtx() else { throw ArchiveError(.limit, "zstd: out of memory") }
        self.context = context
    }

    deinit { ZSTD_freeDCtx(context) }

    func decode(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, inputEnded: Bool
    ) throws(ArchiveError) -> Decoded {
        if input.isEmpty && isComplete { return Decoded(consumed: 0, produced: 0, isComplete: true) }
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        let result = ZSTD_decompressStream(context, &target, &source)
        guard ZSTD_isError(result) == 0 else {
            throw ArchiveError(.corrupt, "zstd: \(String(cString: ZSTD_getErrorName(result)))")
        }
        isComplete = result == 0
        return Decoded(consumed: source.pos, produced: target.pos, isComplete: isComplete)
    }
}
