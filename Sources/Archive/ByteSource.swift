// SPDX-License-Identifier: Apache-2.0

/// Where an archive's bytes come from: a file, or the body of a request. Blocking, so not for Swift's cooperative pool.
package protocol ByteSource: Sendable {
    /// Reads at most `buffer.count` bytes; 0 means the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}
