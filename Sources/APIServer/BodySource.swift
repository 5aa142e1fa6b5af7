// SPDX-License-Identifier: Apache-2.0

internal import Archive
internal import HTTPTransport

/// A request's body for the engine's readers, which block: they take a piece off the connection when they want one, and
/// never more.
struct BodySource: ByteSource {
    let body: BlockingBody

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int { try body.read(into: buffer) }
}
