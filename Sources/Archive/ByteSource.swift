// SPDX-License-Identifier: Apache-2.0

package import Linux

/// A stream of bytes that is read from start to end, once: a request body, a file, a decompressor.
///
/// Reads block, so they happen on a thread that may block. One thread reads at a time.
package protocol ByteSource: Sendable {
    /// Reads at least one byte and at most `buffer.count`, and returns how many; 0 means the end. Throws when the
    /// stream is broken: a source that ends too early must not return 0.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

extension ByteSource {
    /// Fills `buffer` unless the source ends first; returns how many bytes were read.
    package func readFully(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        var count = 0
        while count < buffer.count {
            let more = try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
            if more == 0 { break }
            count += more
        }
        return count
    }

    /// Reads up to `count` bytes.
    package func read(atMost count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            initialized = try readFully(into: UnsafeMutableRawBufferPointer(buffer))
        }
    }
}

/// An open file, from its current position.
package final class FileSource: ByteSource {
    private let file: FileDescriptor

    package init(_ file: consuming FileDescriptor) { self.file = file }

    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int { try file.read(into: buffer) }
}

/// Bytes in memory.
///
/// Sendable: one thread reads at a time, as `ByteSource` asks.
package final class BytesSource: ByteSource, @unchecked Sendable {
    private let bytes: [UInt8]
    private var position = 0

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let count = min(buffer.count, bytes.count - position)
        bytes[position..<(position + count)].withUnsafeBytes { buffer.copyMemory(from: $0) }
        position += count
        return count
    }
}
