// SPDX-License-Identifier: Apache-2.0

internal import HTTPMessage
package import Linux
internal import NIOCore
internal import Synchronization

/// A connection on its way to being a raw stream that someone else serves.
///
/// The client is answered when the socket is taken, or when the handler returns this as its reply, whichever is first:
/// until then the handler can still refuse. Dropping it closes the connection.
package final class UpgradeStream: Sendable {
    let connection: Connection
    let exchange: Exchange
    let head: HTTPResponseHead

    init(connection: Connection, exchange: Exchange, head: HTTPResponseHead) {
        self.connection = connection
        self.exchange = exchange
        self.head = head
    }

    deinit { connection.abandonUpgrade(exchange) }

    /// Waits until the client has been answered.
    package func flushHead() async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            connection.sendUpgradeHead(exchange, head) { continuation.resume(with: $0) }
        }
    }

    /// Waits until the client has been answered, then gives the socket away with what was read from it so far. The
    /// socket stays non-blocking; what the client half-closed is still half-closed.
    package func takeSocket() async throws -> TakenConnection {
        let slot = try await withCheckedThrowingContinuation {
            (continuation: CheckedContinuation<DescriptorSlot, any Error>) in
            connection.sendUpgradeHead(exchange, head) { [connection, exchange] result in
                if case .failure(let error) = result { return continuation.resume(throwing: error) }
                continuation.resume(with: Result { try connection.handOver(exchange) })
            }
        }
        guard let socket = slot.descriptor.withLock({ $0.take() }) else { throw HTTPServerError.noSocket }
        return TakenConnection(socket: socket, buffered: slot.buffered)
    }

    /// Calls `body` once when the client goes away before the socket is taken; at once if it has.
    package func onClose(_ body: @escaping @Sendable () -> Void) { connection.onClose(exchange, body) }
}

/// A socket that HTTP is done with.
package struct TakenConnection: ~Copyable, Sendable {
    package let socket: Linux.FileDescriptor
    package let buffered: [UInt8]

    /// Gives up the socket alone.
    package consuming func release() -> Linux.FileDescriptor { socket }
}

/// Carries a descriptor through a continuation, which takes only what can be copied.
final class DescriptorSlot: Sendable {
    let descriptor: Mutex<Linux.FileDescriptor?>
    let buffered: [UInt8]

    init(_ descriptor: consuming Linux.FileDescriptor, buffered: [UInt8]) {
        self.descriptor = Mutex(descriptor)
        self.buffered = buffered
    }
}
