// SPDX-License-Identifier: Apache-2.0

internal import CISAL

/// gzip (RFC 1952) through ISA-L; members that follow each other are one stream.
final class GzipDecoder: Decoder {
    private let state = UnsafeMutablePointer<inflate_state>.allocate(capacity: 1)
    /// Between members, where only another member or padding may come.
    private var isBetween = true
    private var anyMember = false

    init() {
        isal_inflate_init(state)
        state.pointee.crc_flag = UInt32(ISAL_GZIP)
    }

    deinit { state.deallocate() }

    func decode(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, inputEnded: Bool
    ) throws(ArchiveError) -> Decoded {
        if isBetween {
            if input.isEmpty { return Decoded(consumed: 0, produced: 0, isComplete: anyMember) }
            let padding = anyMember ? input.prefix { $0 == 0 }.count : 0
            if padding > 0 { return Decoded(consumed: padding, produced: 0, isComplete: true) }
            guard input[0] == 0x1f else { throw ArchiveError(.corrupt, "gzip: invalid header") }
            isal_inflate_reset(state)
            state.pointee.crc_flag = UInt32(ISAL_GZIP)
            isBetween = false
            anyMember = true
        }
        // The library only reads through this pointer.
        let bytes = UnsafeMutableRawBufferPointer(mutating: input)
        state.pointee.next_in = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
        state.pointee.avail_in = UInt32(clamping: input.count)
        state.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        state.pointee.avail_out = UInt32(clamping: output.count)
        let before = (state.pointee.avail_in, state.pointee.avail_out)
        let result = isal_inflate(state)
        guard result == ISAL_DECOMP_OK || result == ISAL_END_INPUT else {
            throw ArchiveError(
                .corrupt, result == ISAL_INCORRECT_CHECKSUM ? "gzip: invalid checksum" : "gzip: corrupt data")
        }
        isBetween = state.pointee.block_state == ISAL_BLOCK_FINISH
        return Decoded(
            consumed: Int(before.0 - state.pointee.avail_in), produced: Int(before.1 - state.pointee.avail_out),
            isComplete: isBetween)
    }
}
