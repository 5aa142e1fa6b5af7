// SPDX-License-Identifier: Apache-2.0

/// A source in blocks and pieces, through one buffer, without copying.
final class TarInput {
    private static let bufferBytes = 1 << 18

    private let source: any ByteSource
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferBytes, alignment: 64)
    private var start = 0
    private var end = 0

    init(_ source: any ByteSource) { self.source = source }

    deinit { buffer.deallocate() }

    /// The next 512 bytes, valid until the next call; nil at the end. A part of a block is an error.
    func block() throws -> UnsafeRawBufferPointer? {
        if end - start < TarHeader.blockBytes {
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
            end -= start
            start = 0
            while end < TarHeader.blockBytes {
                let count = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[end...]))
                if count == 0 {
                    if end == 0 { return nil }
                    throw ArchiveError.truncated
                }
                end += count
            }
        }
        defer { start += TarHeader.blockBytes }
        return UnsafeRawBufferPointer(rebasing: buffer[start..<(start + TarHeader.blockBytes)])
    }

    /// At least one and at most `count` bytes, valid until the next call.
    func piece(atMost count: Int64) throws -> UnsafeRawBufferPointer {
        if start == end { try refill() }
        let size = Int(min(Int64(end - start), count))
        defer { start += size }
        return UnsafeRawBufferPointer(rebasing: buffer[start..<(start + size)])
    }

    func skip(_ count: Int64) throws {
        var left = count
        while left > 0 { left -= Int64(try piece(atMost: left).count) }
    }

    func drain() throws {
        repeat { end = try source.read(into: buffer) } while end > 0
        start = 0
    }

    private func refill() throws {
        start = 0
        end = try source.read(into: buffer)
        if end == 0 { throw ArchiveError.truncated }
    }
}
