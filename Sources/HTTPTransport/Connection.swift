// SPDX-License-Identifier: Apache-2.0

internal import HTTPMessage
internal import NIOCore

/// One client's connection: requests one after the other, each answered before the next is looked at.
///
/// Bytes are read only when somebody waits for them, so a pipelining client or a large body holds itself back; when the
/// client half-closes, NIO reads the rest at once (what a socket buffer holds), and it waits here. An upgraded
/// connection leaves with whatever is still in `inbound`.
final class Connection: ChannelInboundHandler, @unchecked Sendable {  // state is touched on `loop` only
    typealias InboundIn = ByteBuffer

    enum Phase {
        /// Between requests, or in the middle of a head.
        case head
        case exchange(Exchange)
        /// Throwing away a body that nobody wanted; then the next request, or the end.
        case draining(BodyDecoder, left: Int, keepsAlive: Bool)
        /// Given away or closing.
        case over
    }

    let channel: any Channel
    let loop: any EventLoop
    let limits: ServerLimits
    let handler: HTTPHandler
    /// Told once when the connection is over.
    let onEnd: @Sendable () -> Void

    var phase = Phase.head
    var inbound = ByteBuffer()
    var parser = HeadParser()
    var inputEnded = false
    var isStopping = false
    /// There are too many connections: this one is told so.
    var refusesAll = false
    private var deadline: NIODeadline?
    private var timer: Scheduled<Void>?
    private var timerDeadline: NIODeadline?

    init(
        channel: any Channel, limits: ServerLimits, handler: @escaping HTTPHandler,
        onEnd: @escaping @Sendable () -> Void
    ) {
        self.channel = channel
        self.loop = channel.eventLoop
        self.limits = limits
        self.handler = handler
        self.onEnd = onEnd
    }

    // MARK: What NIO tells

    func channelActive(context: ChannelHandlerContext) {
        if refusesAll { return refuse(HTTPParseError(503, "too many connections")) }
        pump()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if inbound.readableBytes == 0 { inbound = bytes } else { inbound.writeBuffer(&bytes) }
        pump()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .inputClosed? = event as? ChannelEvent else { return }
        inputEnded = true
        // As with Docker, nobody is taken to wait for a stream on a connection that was closed for writing: over TCP
        // that is all one sees of a client that has gone.
        if case .exchange(let exchange) = phase, exchange.isStreaming { exchange.task?.cancel() }
        pump()
    }

    func channelInactive(context: ChannelHandlerContext) { end() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { close() }

    // MARK: The machine

    /// Does what can be done with the bytes there are, and asks for more if somebody waits for them.
    func pump() {
        switch phase {
        case .head: readHead()
        case .exchange(let exchange): feed(exchange)
        case .draining: drain()
        case .over: break
        }
    }

    private func readHead() {
        if isStopping, inbound.readableBytes == 0 { return close() }
        do throws(HTTPParseError) {
            guard let head = try parseHead() else {
                if inputEnded { return close() }
                expire(after: inbound.readableBytes == 0 ? limits.idleTimeout : limits.headTimeout)
                return channel.read()
            }
            try begin(Exchange(head: head))
        } catch { refuse(error) }
    }

    private func parseHead() throws(HTTPParseError) -> HTTPRequestHead? {
        var result: Result<(HTTPRequestHead, Int)?, HTTPParseError> = .success(nil)
        inbound.withUnsafeReadableBytes { bytes in
            do throws(HTTPParseError) {
                result = .success(try parser.request(bytes).map { ($0.head, $0.consumed) })
            } catch { result = .failure(error) }
        }
        guard let (head, consumed) = try result.get() else { return nil }
        inbound.moveReaderIndex(forwardBy: consumed)
        return head
    }

    private func begin(_ exchange: Exchange) {
        deadline = nil
        phase = .exchange(exchange)
        let request = HTTPRequest(
            head: exchange.head, body: RequestBody(connection: self, exchange: exchange), connection: self,
            exchange: exchange)
        // Ends with the answer; `end` cancels it when the client goes away.
        exchange.task = Task { [handler] in
            await self.send(await handler(request), exchange)
        }
    }

    /// Gives the reader of the body its next piece, if there is one.
    private func feed(_ exchange: Exchange) {
        guard let reader = exchange.reader else { return }
        let result: Result<ByteBuffer?, any Error>
        do throws(HTTPParseError) {
            switch try take(&exchange.decoder) {
            case .data(let piece): result = .success(piece)
            case .end: result = .success(nil)
            case .more where inputEnded: result = .failure(HTTPServerError.clientGone)
            case .more:
                if exchange.owesContinue { sendContinue(exchange) }
                expire(after: limits.bodyTimeout)
                return channel.read()
            }
        } catch {
            // Where the next request begins is not known: after the answer nothing more is read.
            exchange.isBroken = true
            result = .failure(HTTPServerError.malformed(error))
        }
        deadline = nil
        exchange.reader = nil
        reader(result)
    }

    /// Asks for the body, once, of a client that waits to be asked.
    func sendContinue(_ exchange: Exchange) {
        exchange.owesContinue = false
        channel.writeAndFlush(ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n"), promise: nil)
    }

    private enum Piece { case data(ByteBuffer), more, end }

    /// Takes the next piece of a body off `inbound`.
    private func take(_ decoder: inout BodyDecoder) throws(HTTPParseError) -> Piece {
        var result: Result<BodyDecoder.Step, HTTPParseError> = .success(.more(consumed: 0))
        inbound.withUnsafeReadableBytes { bytes in
            do throws(HTTPParseError) { result = .success(try decoder.step(bytes)) } catch { result = .failure(error) }
        }
        switch try result.get() {
        case .more(let consumed):
            inbound.moveReaderIndex(forwardBy: consumed)
            return .more
        case .end(let consumed):
            inbound.moveReaderIndex(forwardBy: consumed)
            return .end
        case .data(let range, let consumed):
            let piece = inbound.getSlice(at: inbound.readerIndex + range.lowerBound, length: range.count)
            inbound.moveReaderIndex(forwardBy: consumed)
            return .data(piece ?? ByteBuffer())
        }
    }

    /// Goes on after an answer is out.
    func finished(_ exchange: Exchange, keepsAlive: Bool) {
        guard isCurrent(exchange) else { return }
        exchange.task = nil
        exchange.reader = nil
        let goesOn = keepsAlive && !exchange.owesContinue && !exchange.isBroken && !isStopping
        if exchange.decoder.isDone, goesOn {
            phase = .head
            return pump()
        }
        // The body is stepped over, so that closing does not destroy the answer on its way.
        if inputEnded || exchange.isBroken { return close() }
        if exchange.decoder.isDone { return close() }
        phase = .draining(exchange.decoder, left: limits.drainBytes, keepsAlive: goesOn)
        if !goesOn { channel.close(mode: .output, promise: nil) }
        expire(after: limits.drainTimeout)
        pump()
    }

    private func drain() {
        guard case .draining(var decoder, var left, let keepsAlive) = phase else { return }
        do throws(HTTPParseError) {
            while true {
                switch try take(&decoder) {
                case .data(let piece):
                    left -= piece.readableBytes
                    if left < 0 { return close() }
                case .end:
                    guard keepsAlive else { return close() }
                    phase = .head
                    return pump()
                case .more:
                    if inputEnded { return close() }
                    phase = .draining(decoder, left: left, keepsAlive: keepsAlive)
                    return channel.read()
                }
            }
        } catch { close() }
    }

    /// Answers what is not HTTP, and closes.
    private func refuse(_ error: HTTPParseError) {
        phase = .over
        deadline = nil
        let bytes = ReplyEncoder.complete(.failure(error), method: "GET", keepsAlive: false)
        channel.writeAndFlush(ByteBuffer(bytes: bytes)).whenComplete { _ in self.close() }
    }

    func close() { channel.close(promise: nil) }

    func isCurrent(_ exchange: Exchange) -> Bool {
        if case .exchange(let current) = phase { current === exchange } else { false }
    }

    private func end() {
        timer?.cancel()
        timer = nil
        if case .exchange(let exchange) = phase {
            exchange.task?.cancel()
            exchange.reader?(.failure(HTTPServerError.clientGone))
            exchange.reader = nil
            for handler in exchange.closeHandlers { handler() }
            exchange.closeHandlers = []
        }
        phase = .over
        onEnd()
    }

    // MARK: Time

    private func expire(after time: TimeAmount) {
        let deadline = NIODeadline.now() + time
        self.deadline = deadline
        if let timerDeadline, timer != nil, timerDeadline <= deadline { return }
        timer?.cancel()
        schedule(deadline)
    }

    private func schedule(_ time: NIODeadline) {
        timerDeadline = time
        timer = loop.scheduleTask(deadline: time) {
            self.timer = nil
            guard let deadline = self.deadline else { return }
            if deadline > .now() { return self.schedule(deadline) }
            self.expired()
        }
    }

    private func expired() {
        if case .exchange(let exchange) = phase, let reader = exchange.reader {
            exchange.reader = nil
            return reader(.failure(HTTPServerError.bodyTimedOut))
        }
        close()
    }
}
