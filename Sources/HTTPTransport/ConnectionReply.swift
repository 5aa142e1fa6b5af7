// SPDX-License-Identifier: Apache-2.0

internal import HTTPMessage
internal import NIOCore

/// The way out: called by handlers' tasks, on any thread.
extension Connection {
    func requestBody(_ exchange: Exchange, _ reader: @escaping @Sendable (Result<ByteBuffer?, any Error>) -> Void) {
        guard channel.isActive else { return reader(.failure(HTTPServerError.clientGone)) }
        loop.execute {
            guard self.isCurrent(exchange) else { return reader(.failure(HTTPServerError.clientGone)) }
            exchange.reader = reader
            self.pump()
        }
    }

    func send(_ reply: HTTPReply, _ exchange: Exchange) async {
        switch reply.body {
        case .none, .bytes: sendComplete(reply, exchange)
        case .stream(let fill): await sendStream(reply, exchange, fill)
        // Whoever holds the stream goes on with it; if nobody does, its end closes the connection.
        case .upgrade(let stream): _ = try? await stream.flushHead()
        }
    }

    private func sendComplete(_ reply: HTTPReply, _ exchange: Exchange) {
        guard channel.isActive else { return }
        loop.execute {
            guard self.isCurrent(exchange) else { return }
            guard exchange.upgrade == nil else { return self.close() }
            let keepsAlive = self.keepsAlive(reply, exchange)
            let bytes = ReplyEncoder.complete(reply, method: exchange.head.method, keepsAlive: keepsAlive)
            self.channel.writeAndFlush(ByteBuffer(bytes: bytes)).whenComplete { result in
                guard case .success = result else { return self.close() }
                self.finished(exchange, keepsAlive: keepsAlive)
            }
        }
    }

    private func sendStream(
        _ reply: HTTPReply, _ exchange: Exchange, _ fill: @Sendable (BodyWriter) async throws -> Void
    ) async {
        let isChunked = exchange.canChunk
        let keepsAlive = isChunked && keepsAlive(reply, exchange)
        let head = ReplyEncoder.streamHead(reply, isChunked: isChunked, keepsAlive: keepsAlive)
        do {
            try await loop.flatSubmit {
                exchange.isStreaming = true
                if self.inputEnded { exchange.task?.cancel() }
                // The body may be read while the answer goes out, when it is too late to ask for it.
                if exchange.owesContinue { self.sendContinue(exchange) }
                return self.channel.writeAndFlush(ByteBuffer(bytes: head))
            }.get()
            if exchange.head.method != "HEAD" {
                let writer = BodyWriter(channel: channel, isChunked: isChunked)
                try await fill(writer)
                try await writer.end()
            }
            loop.execute { self.finished(exchange, keepsAlive: keepsAlive) }
        } catch {
            loop.execute { if self.isCurrent(exchange) { self.close() } }
        }
    }

    /// Whether another request can follow: not when the client still waits for `100 Continue`, as it may send the body
    /// or not.
    private func keepsAlive(_ reply: HTTPReply, _ exchange: Exchange) -> Bool {
        exchange.head.keepsAlive && !reply.headers.contains("Connection", token: "close")
            && exchange.head.headers["Expect"] == nil && !exchange.isBroken
    }

    /// Stops: at once if idle, else with the answer that is being made.
    func stop() {
        loop.execute {
            self.isStopping = true
            if case .exchange(let exchange) = self.phase {
                exchange.task?.cancel()
                if exchange.upgrade != nil { self.close() }
            } else {
                self.pump()
            }
        }
    }
}

/// Answers in bytes.
enum ReplyEncoder {
    static func complete(_ reply: HTTPReply, method: String, keepsAlive: Bool) -> [UInt8] {
        var head = HTTPResponseHead(status: reply.status, headers: reply.headers)
        head.headers.set("Date", HTTPDate.now())
        if !keepsAlive { head.headers.set("Connection", "close") }
        guard case .bytes(let body) = reply.body else {
            if reply.status != 204, reply.status != 304 { head.headers.set("Content-Length", "0") }
            return head.serialized()
        }
        head.headers.set("Content-Length", String(body.count))
        return method == "HEAD" ? head.serialized() : head.serialized() + body
    }

    static func streamHead(_ reply: HTTPReply, isChunked: Bool, keepsAlive: Bool) -> [UInt8] {
        var head = HTTPResponseHead(status: reply.status, headers: reply.headers)
        head.headers.set("Date", HTTPDate.now())
        if !keepsAlive { head.headers.set("Connection", "close") }
        if isChunked { head.headers.set("Transfer-Encoding", "chunked") }
        return head.serialized()
    }
}
