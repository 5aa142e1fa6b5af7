// SPDX-License-Identifier: Apache-2.0

internal import HTTPMessage
internal import Linux
internal import NIOCore

/// Giving a connection away.
extension Connection {
    /// Answers an upgrade, once, and calls `done` on the loop when the answer is out.
    func sendUpgradeHead(
        _ exchange: Exchange, _ head: HTTPResponseHead, _ done: @escaping @Sendable (Result<Void, any Error>) -> Void
    ) {
        guard channel.isActive else { return done(.failure(HTTPServerError.clientGone)) }
        loop.execute {
            // A body that is not read yet would be taken for the stream's first bytes.
            guard self.isCurrent(exchange), exchange.decoder.isDone, self.channel.isActive else {
                return done(.failure(HTTPServerError.clientGone))
            }
            let flushed = exchange.upgrade ?? self.channel.writeAndFlush(ByteBuffer(bytes: head.serialized()))
            exchange.upgrade = flushed
            flushed.whenComplete { done($0.mapError { _ in HTTPServerError.clientGone }) }
        }
    }

    /// Takes the socket away from NIO: a second descriptor of it, then close(2), which unlike shutdown(2) does not end
    /// the connection. To be called on the loop.
    func handOver(_ exchange: Exchange) throws -> DescriptorSlot {
        guard isCurrent(exchange), channel.isActive else { throw HTTPServerError.clientGone }
        let copy = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { handle in
            DescriptorSlot(try Linux.FileDescriptor(duplicating: handle), buffered: Array(inbound.readableBytesView))
        }
        guard let copy else { throw HTTPServerError.noSocket }
        exchange.isTaken = true
        exchange.closeHandlers = []
        phase = .over
        inbound.clear()
        close()
        return copy
    }

    func onClose(_ exchange: Exchange, _ body: @escaping @Sendable () -> Void) {
        loop.execute {
            if self.isCurrent(exchange) {
                exchange.closeHandlers.append(body)
            } else if !exchange.isTaken {
                body()
            }
        }
    }

    /// Nobody holds the stream any more: if the client was promised one, this is its end.
    func abandonUpgrade(_ exchange: Exchange) {
        // Streams may outlive the server and its loops; what they were on is closed by then.
        guard channel.isActive else { return }
        loop.execute { if self.isCurrent(exchange), exchange.upgrade != nil { self.close() } }
    }
}
