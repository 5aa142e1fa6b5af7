// SPDX-License-Identifier: Apache-2.0

internal import HTTPMessage
internal import NIOCore

/// One request and its answer, as the connection sees it.
final class Exchange: @unchecked Sendable {  // what varies is touched on the connection's event loop only
    let head: HTTPRequestHead
    let framing: HTTPFraming
    /// Whether bodies of unknown length can be chunked.
    var canChunk: Bool { head.minorVersion == 1 }

    var decoder: BodyDecoder
    /// The handler's task; the connection cancels it when the client goes away.
    var task: Task<Void, Never>?
    /// Who waits for the next piece of the body.
    var reader: (@Sendable (Result<ByteBuffer?, any Error>) -> Void)?
    /// The client waits for `100 Continue` before it sends the body.
    var owesContinue: Bool
    /// The body's framing is malformed, so nobody knows where the next request would begin.
    var isBroken = false
    /// The head of a streaming answer is out.
    var isStreaming = false
    /// The head of an upgrade on its way: there can't be another answer.
    var upgrade: EventLoopFuture<Void>?
    /// The socket was given away.
    var isTaken = false
    /// Who wants to know that the client has gone.
    var closeHandlers: [@Sendable () -> Void] = []

    init(head: HTTPRequestHead) throws(HTTPParseError) {
        self.head = head
        framing = try head.framing()
        decoder = BodyDecoder(framing)
        owesContinue = false
        if let expectation = head.headers["Expect"], head.minorVersion == 1 {
            guard expectation.lowercased() == "100-continue" else {
                throw HTTPParseError(417, "unknown expectation: \(expectation)")
            }
            owesContinue = framing != .none
        }
    }
}
