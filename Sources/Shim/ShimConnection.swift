// SPDX-License-Identifier: Apache-2.0

package import Linux

/// The daemon's end of the connection to one container's shim.
///
/// Replies are matched to requests by `id`. All connections of the process share one small reader thread.
package final class ShimConnection: Sendable {
    /// What the shim tells on its own (`exited`, `execExited`, `outOfMemory`, `detached`). One consumer; it ends when the
    /// connection closes. If no `exited` came and there is no `exit.json`, the shim was killed.
    package let events: AsyncStream<ShimReply.Body>
    private let continuation: AsyncStream<ShimReply.Body>.Continuation

    init() {
        (events, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1024))
    }

    /// Connects to the shim whose run directory this is. Throws ECONNREFUSED when no shim listens there any more, ENOENT when
    /// none ever did.
    package static func connect(directory: String) throws(Errno) -> ShimConnection {
        throw Errno(.notImplemented, "connect", directory)
    }

    /// Sends a request, with at most one descriptor (a client's socket), and waits for its answer.
    ///
    /// Throws `ShimFailure` when the shim answers with an error, `Errno` (ECONNRESET) when the connection closed first.
    /// The descriptor is consumed in any case.
    @discardableResult
    package func send(
        _ body: ShimRequest.Body, descriptor: consuming FileDescriptor? = nil
    ) async throws
        -> ShimReply.Body
    {
        throw Errno(.notImplemented, "send")
    }

    /// Closes the connection; the shim goes on. Waiting requests fail, `events` ends.
    package func close() { continuation.finish() }
}
