// SPDX-License-Identifier: Apache-2.0

package import HTTPMessage

/// A request whose head has come; its body is read as it is asked for.
package struct HTTPRequest: Sendable {
    package let head: HTTPRequestHead
    package let body: RequestBody
    let connection: Connection
    let exchange: Exchange

    /// Prepares to turn the connection into a raw stream: `head` is what the client is answered, once
    /// `UpgradeStream.takeSocket` is called or the reply is this stream.
    package func upgrade(_ head: HTTPResponseHead) -> UpgradeStream {
        UpgradeStream(connection: connection, exchange: exchange, head: head)
    }
}

/// What a server does with a request. Cancelled when the client goes away.
package typealias HTTPHandler = @Sendable (HTTPRequest) async -> HTTPReply

/// A server's answer.
package struct HTTPReply: Sendable {
    package enum Body: Sendable {
        case none
        case bytes([UInt8])
        /// The head is sent at once; then what the closure writes, with back-pressure. If it throws, the connection is
        /// closed, which tells the client that something is missing.
        case stream(@Sendable (BodyWriter) async throws -> Void)
        /// The connection is given away.
        case upgrade(UpgradeStream)
    }

    package var status: Int
    package var headers: HTTPHeaders
    package var body: Body

    package init(status: Int, headers: HTTPHeaders = [:], body: Body = .none) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// An answer in plain text, as the transport itself gives to what is not HTTP.
    static func failure(_ error: HTTPParseError) -> HTTPReply {
        HTTPReply(
            status: error.status, headers: ["Content-Type": "text/plain; charset=utf-8", "Connection": "close"],
            body: .bytes(Array("\(error.status) \(HTTPResponseHead.reason(error.status)): \(error.reason)".utf8)))
    }
}

/// Why a body or a stream can't be had.
package enum HTTPServerError: Error, Equatable {
    case clientGone
    case bodyTimedOut
    /// More than the reader takes.
    case bodyTooLarge
    case malformed(HTTPParseError)
    /// The engine lost the descriptor, or there is none to give.
    case noSocket
}
