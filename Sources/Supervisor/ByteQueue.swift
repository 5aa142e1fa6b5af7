// SPDX-License-Identifier: Apache-2.0

internal import Linux

/// Bytes that wait to be written to a non-blocking descriptor. Takes no memory while it is empty.
struct ByteQueue {
    private var bytes: [UInt8] = []
    private var start = 0

    var count: Int { bytes.count - start }
    var isEmpty: Bool { start == bytes.count }

    mutating func append(_ new: UnsafeRawBufferPointer) {
        if start > 0 {
            bytes.removeFirst(start)
            start = 0
        }
        bytes.append(contentsOf: new)
    }

    /// Writes what there is room for now, and keeps the rest. Throws as `flush` does.
    mutating func write(_ new: UnsafeRawBufferPointer, to descriptor: borrowing FileDescriptor) throws(Errno) {
        var rest = new
        while isEmpty, !rest.isEmpty {
            do throws(Errno) {
                rest = UnsafeRawBufferPointer(rebasing: rest[(try descriptor.write(rest))...])
            } catch {
                guard error.code == .again else { throw error }
                break
            }
        }
        if !rest.isEmpty { append(rest) }
    }

    mutating func removeAll() {
        bytes = []
        start = 0
    }

    /// Writes what there is room for. Throws what write(2) does, but not EAGAIN.
    mutating func flush(to descriptor: borrowing FileDescriptor) throws(Errno) {
        while !isEmpty {
            var failure: Errno?
            let written = bytes.withUnsafeBytes { buffer -> Int in
                do throws(Errno) {
                    return try descriptor.write(UnsafeRawBufferPointer(rebasing: buffer[start...]))
                } catch {
                    failure = error
                    return 0
                }
            }
            if let failure {
                if failure.code == .again { return }
                throw failure
            }
            start += written
        }
        removeAll()
    }
}
