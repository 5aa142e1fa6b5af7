// SPDX-License-Identifier: Apache-2.0

package import HTTPClient
internal import JSON

/// An answer that is one JSON document a line: events, progress.
package final class JSONStream<Message: Decodable> {
    /// The longest message.
    private static var maximumLine: Int { 16 << 20 }

    private let client: EngineClient
    package let response: HTTPResponse
    private var pending: [UInt8] = []

    init(client: EngineClient, response: HTTPResponse) {
        self.client = client
        self.response = response
    }

    /// Whether the next message may be there already, so that polling the socket is no use.
    package var hasBuffered: Bool { pending.contains(10) || response.connection.hasBuffered }

    /// Waits for the next message; nil at the end.
    package func next() throws(ClientError) -> Message? {
        while true {
            if let end = pending.firstIndex(of: 10) {
                let line = Array(pending[..<end])
                pending.removeFirst(end + 1)
                if let message = try message(line) { return message }
                continue
            }
            guard pending.count <= Self.maximumLine else {
                throw ClientError(.badAnswer, "a message of the engine's is too long")
            }
            do {
                guard let piece = try response.next() else {
                    client.recycle(response)
                    defer { pending = [] }
                    return try message(pending)
                }
                pending += piece
            } catch { throw ClientError(error, host: client.host.description) }
        }
    }

    private func message(_ line: [UInt8]) throws(ClientError) -> Message? {
        if line.allSatisfy({ $0 == 13 || $0 == 32 }) { return nil }
        return try client.decode(Message.self, from: line)
    }
}
