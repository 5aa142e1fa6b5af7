// SPDX-License-Identifier: Apache-2.0

/// One decompression algorithm, as a pump from one buffer to another.
protocol Decoder: AnyObject {
    /// Consumes from `input` and produces into `output` what it can. With `inputEnded`, no more input will come.
    func decode(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, inputEnded: Bool
    ) throws(ArchiveError) -> Decoded
}

/// What one step of a decoder did.
struct Decoded {
    var consumed: Int
    var produced: Int
    /// Whether the stream may end here: all members or frames that began are complete.
    var isComplete: Bool
}

/// A compressed stream's content.
///
/// Sendable: one thread reads at a time, as `ByteSource` asks.
final class DecodingSource: ByteSource, @unchecked Sendable {
    private static let inputBytes = 1 << 18

    private let source: any ByteSource
    private let decoder: any Decoder
    private let limits: ArchiveLimits
    private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: inputBytes, alignment: 64)
    private var start = 0
    private var end = 0
    private var inputEnded = false
    private var isComplete = false
    private var totalIn: Int64 = 0
    private var totalOut: Int64 = 0

    init(_ source: any ByteSource, _ decoder: any Decoder, limits: ArchiveLimits) {
        self.source = source
        self.decoder = decoder
        self.limits = limits
    }

    deinit { input.deallocate() }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        if buffer.isEmpty { return 0 }
        while true {
            if start == end && !inputEnded { try refill() }
            if start == end && isComplete { return 0 }
            let available = UnsafeRawBufferPointer(rebasing: input[start..<end])
            let step = try decoder.decode(available, into: buffer, inputEnded: inputEnded)
            start += step.consumed
            isComplete = step.isComplete
            totalOut += Int64(step.produced)
            if totalOut > limits.ratioFloor, totalOut / max(1, totalIn) > limits.ratio {
                throw ArchiveError(.limit, "the stream decompresses to more than \(limits.ratio) times its size")
            }
            if step.produced > 0 { return step.produced }
            guard step.consumed == 0 else { continue }
            if start < end { throw ArchiveError(.corrupt, "compressed data is corrupt") }
            if inputEnded {
                if isComplete { return 0 }
                throw ArchiveError.truncated
            }
        }
    }

    private func refill() throws {
        start = 0
        end = try source.read(into: input)
        totalIn += Int64(end)
        if end == 0 { inputEnded = true }
    }
}
