// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Linux

/// Sends a stream of frames (an 8-byte header and a body, cut anywhere) to standard output and error.
struct FrameSplitter {
    private let isMultiplexed: Bool
    private var header: [UInt8] = []
    private var left = 0
    private var isError = false

    init(isMultiplexed: Bool) { self.isMultiplexed = isMultiplexed }

    mutating func feed(_ bytes: [UInt8], to console: Console) throws {
        try bytes.withUnsafeBytes { buffer in try feed(buffer, to: console) }
    }

    /// Throws when the bytes are no frames.
    mutating func feed(_ bytes: UnsafeRawBufferPointer, to console: Console) throws {
        guard isMultiplexed else { return try RawDescriptor.writeAll(console.output, bytes) }
        var rest = bytes[...]
        while !rest.isEmpty {
            if left > 0 {
                let count = min(left, rest.count)
                try RawDescriptor.writeAll(
                    isError ? console.error : console.output, UnsafeRawBufferPointer(rebasing: rest.prefix(count)))
                rest = rest.dropFirst(count)
                left -= count
                continue
            }
            let count = min(StreamFrame.headerSize - header.count, rest.count)
            header += rest.prefix(count)
            rest = rest.dropFirst(count)
            if header.count == StreamFrame.headerSize { try begin() }
        }
    }

    private mutating func begin() throws {
        guard let frame = StreamFrame.parse(header) else {
            throw Failure("Unrecognized input header: \(header[0])")
        }
        isError = frame.stream == .stderr
        left = frame.length
        header.removeAll(keepingCapacity: true)
    }
}
