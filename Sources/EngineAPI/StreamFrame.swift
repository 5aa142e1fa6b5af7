// SPDX-License-Identifier: Apache-2.0

/// The 8 bytes before each piece of a container's output that is not a terminal's: the stream, and the length,
/// big-endian.
package enum StreamFrame {
    package static let headerSize = 8

    /// Which of a process's streams.
    package enum Stream: UInt8, Sendable {
        case stdin = 0
        case stdout = 1
        case stderr = 2
        /// An error of the engine's that comes in the stream's place.
        case systemError = 3
    }

    package static func header(_ stream: Stream, length: Int) -> [UInt8] {
        let length = UInt32(truncatingIfNeeded: length)
        return [
            stream.rawValue, 0, 0, 0, UInt8(length >> 24), UInt8(length >> 16 & 255), UInt8(length >> 8 & 255),
            UInt8(length & 255),
        ]
    }

    /// Reads a header; nil unless it is 8 bytes that name a stream.
    package static func parse(_ header: some Collection<UInt8>) -> (stream: Stream, length: Int)? {
        let bytes = Array(header)
        guard bytes.count == headerSize, let stream = Stream(rawValue: bytes[0]), bytes[1...3].allSatisfy({ $0 == 0 })
        else { return nil }
        return (stream, bytes[4...].reduce(0) { $0 << 8 | Int($1) })
    }
}
