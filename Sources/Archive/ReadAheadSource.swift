// SPDX-License-Identifier: Apache-2.0

internal import Linux

/// A source that is read on a thread of its own, a few buffers ahead of its reader: decompression beside unpacking.
///
/// Sendable: one thread reads at a time, as `ByteSource` asks; the other thread shares only the two queues.
final class ReadAheadSource: ByteSource, @unchecked Sendable {
    private static let buffers = 6
    private static let bufferBytes = 1 << 18

    /// Sendable: it is in one queue, or in one thread's hands, at a time.
    private final class Chunk: @unchecked Sendable {
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferBytes, alignment: 64)
        var count = 0
        var failure: (any Error)?
        deinit { bytes.deallocate() }
    }

    private let filled = HandOff<Chunk>(capacity: buffers)
    private let empty = HandOff<Chunk>(capacity: buffers)
    private var current: Chunk?
    private var position = 0
    private var failure: (any Error)?

    init(_ source: any ByteSource) throws {
        for _ in 0..<Self.buffers { _ = empty.push(Chunk()) }
        try PlainThread.start(name: "read-ahead") { [filled, empty] in
            Self.pump(source, from: empty, to: filled)
        }
    }

    /// Ends the thread, as soon as its source's read returns.
    deinit {
        filled.close()
        empty.close()
    }

    private static func pump(_ source: any ByteSource, from empty: HandOff<Chunk>, to filled: HandOff<Chunk>) {
        while let chunk = empty.pop() {
            chunk.count = 0
            do {
                while chunk.count < chunk.bytes.count {
                    let rest = UnsafeMutableRawBufferPointer(rebasing: chunk.bytes[chunk.count...])
                    let count = try source.read(into: rest)
                    if count == 0 { break }
                    chunk.count += count
                }
            } catch {
                chunk.failure = error
            }
            let isLast = chunk.count < chunk.bytes.count
            if !filled.push(chunk) || isLast { break }
        }
        filled.close()
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            if let failure { throw failure }
            if let chunk = current {
                if position < chunk.count {
                    let count = min(buffer.count, chunk.count - position)
                    buffer.copyMemory(
                        from: UnsafeRawBufferPointer(rebasing: chunk.bytes[position..<(position + count)]))
                    position += count
                    return count
                }
                failure = chunk.failure
                current = nil
                _ = empty.push(chunk)
                continue
            }
            guard let next = filled.pop() else { return 0 }
            current = next
            position = 0
        }
    }
}
