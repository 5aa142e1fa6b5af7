// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import HTTPClient
internal import HTTPMessage
package import Linux

/// A connection that is a raw stream now: the caller polls, reads and writes the socket itself.
package struct HijackedStream: Sendable {
    package let socket: SharedDescriptor
    /// What came together with the answer's head: it comes before what the socket gives.
    package let buffered: [UInt8]
    /// Whether output comes in frames (`StreamFrame`). Nil: an old engine did not say; the caller knows whether there
    /// is a terminal.
    package let isMultiplexed: Bool?
}

extension EngineClient {
    /// Sends a request that turns its connection into a raw stream.
    package func hijack(
        _ path: String, query: [(name: String, value: String)] = [], body: (any Encodable)? = nil
    ) throws(ClientError) -> HijackedStream {
        let headers: HTTPHeaders = [
            "Connection": "Upgrade", "Upgrade": "tcp",
            "Content-Type": body == nil ? "text/plain" : "application/json",
        ]
        let response = try send("POST", path, query: query, headers: headers, body: try encode(body))
        guard response.status == 101 || response.status == 200, let taken = response.connection.hijack() else {
            throw ClientError(.badAnswer, "the engine did not switch to a stream (status \(response.status))")
        }
        let isMultiplexed: Bool? =
            switch response.head.headers["Content-Type"] {
            case "application/vnd.docker.multiplexed-stream": true
            case "application/vnd.docker.raw-stream" where try negotiatedVersion() >= APIVersion(1, 42): false
            default: nil
            }
        return HijackedStream(socket: taken.socket, buffered: taken.buffered, isMultiplexed: isMultiplexed)
    }
}
