// SPDX-License-Identifier: Apache-2.0

package import HTTPMessage
internal import Linux

/// An answer whose head has come; its body is read as it comes.
package final class HTTPResponse: @unchecked Sendable {  // has one reader, as its connection has
    package let head: HTTPResponseHead
    package let connection: HTTPConnection
    private var decoder: BodyDecoder
    private let keepsAlive: Bool

    init(head: HTTPResponseHead, connection: HTTPConnection, framing: HTTPFraming, keepsAlive: Bool) {
        self.head = head
        self.connection = connection
        self.keepsAlive = keepsAlive
        decoder = BodyDecoder(framing)
        if decoder.isDone, head.status != 101 { connection.finished(reusable: keepsAlive) }
    }

    package var status: Int { head.status }
    /// Whether the whole body was read.
    package var isComplete: Bool { decoder.isDone }

    /// Waits for the next piece of the body; nil at its end.
    package func next() throws -> [UInt8]? {
        while true {
            var piece: [UInt8] = []
            var isDone = false
            try connection.withInbound { bytes in
                let step: BodyDecoder.Step
                do throws(HTTPParseError) { step = try decoder.step(bytes) } catch {
                    throw HTTPClientError.malformed(error)
                }
                switch step {
                case .data(let range, let consumed):
                    piece = Array(bytes[range])
                    return consumed
                case .more(let consumed): return consumed
                case .end(let consumed):
                    isDone = true
                    return consumed
                }
            }
            if !piece.isEmpty { return piece }
            if isDone {
                connection.finished(reusable: keepsAlive)
                return nil
            }
            if try !connection.fill() {
                if decoder.endsWithStream { return nil }
                throw HTTPClientError.closed
            }
        }
    }

    /// Reads the rest of the body, refusing more than `limit` bytes.
    package func readAll(limit: Int) throws -> [UInt8] {
        var result: [UInt8] = []
        while let piece = try next() {
            guard result.count + piece.count <= limit else { throw HTTPClientError.transfer(Errno(.overflow, "read")) }
            result += piece
        }
        return result
    }
}
