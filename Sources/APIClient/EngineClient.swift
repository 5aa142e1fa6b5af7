// SPDX-License-Identifier: Apache-2.0

package import EngineAPI
package import HTTPClient
package import HTTPMessage
internal import JSON
internal import Linux
internal import Synchronization

/// A typed client of the Engine API, on blocking sockets. Calls may come from any thread; each takes a connection of
/// its own, or one that an earlier call is done with.
package final class EngineClient: Sendable {
    /// The largest answer that is read at once.
    static let maximumAnswer = 512 << 20
    private static let maximumIdle = 4

    package let host: EngineHost
    private let userAgent: String
    private let state: Mutex<State>

    private struct State: Sendable {
        var idle: [HTTPConnection] = []
        var version: APIVersion?
    }

    /// - Parameter version: what the user insists on (`DOCKER_API_VERSION`); else it is negotiated by the first call.
    package init(host: EngineHost, version: APIVersion? = nil, userAgent: String) {
        self.host = host
        self.userAgent = userAgent
        state = Mutex(State(version: version))
    }

    /// The version that requests are made in, after asking the engine if need be.
    package func negotiatedVersion() throws(ClientError) -> APIVersion {
        if let version = state.withLock({ $0.version }) { return version }
        return try ping().negotiated
    }

    /// Asks whether the engine is there and settles the version, unless the user has.
    @discardableResult
    package func ping() throws(ClientError) -> PingAnswer {
        let response = try send("HEAD", "/_ping", versioned: false)
        let engine = response.head.headers["Api-Version"].flatMap(APIVersion.init) ?? APIVersion(1, 24)
        let version = state.withLock { state in
            if state.version == nil { state.version = min(engine, APIVersion.newest) }
            return state.version ?? engine
        }
        recycle(response)
        return PingAnswer(
            engineVersion: engine, negotiated: version,
            isExperimental: response.head.headers["Docker-Experimental"] == "true",
            operatingSystem: response.head.headers["Ostype"] ?? "linux",
            builderVersion: response.head.headers["Builder-Version"], swarm: response.head.headers["Swarm"])
    }

    /// Sends a request and waits for the head of its answer. Throws what the engine says for a status of 400 and more.
    package func send(
        _ method: String, _ path: String, query: [(name: String, value: String)] = [], headers: HTTPHeaders = [:],
        body: HTTPRequestBody = .none, versioned: Bool = true
    ) throws(ClientError) -> HTTPResponse {
        // Such a path would mean another endpoint.
        if path.contains("//") || path.hasSuffix("/") {
            throw ClientError(.usage, "invalid name or ID: value is empty")
        }
        let prefix = versioned ? "/v\(try negotiatedVersion())" : ""
        let target = prefix + URLEncoding.encode(path, isPath: true) + URLQuery(query).text
        var fields: HTTPHeaders = ["Host": "api.moby.localhost", "User-Agent": userAgent]
        for field in headers.fields { fields.set(field.name, field.value) }
        let head = HTTPRequestHead(method: method, target: target, headers: fields)
        do {
            let response = try exchange(head, body)
            guard response.status >= 400 else { return response }
            throw try failure(response)
        } catch { throw ClientError(error, host: host.description) }
    }

    /// Sends a request with a JSON body (or none) and decodes the JSON answer.
    package func json<Answer: Decodable>(
        _ method: String, _ path: String, query: [(name: String, value: String)] = [], body: (any Encodable)? = nil,
        as type: Answer.Type = Answer.self
    ) throws(ClientError) -> Answer {
        let response = try send(
            method, path, query: query, headers: body == nil ? [:] : ["Content-Type": "application/json"],
            body: try encode(body))
        return try decode(type, from: readAll(response))
    }

    /// Sends a request whose answer has no body that matters.
    package func call(
        _ method: String, _ path: String, query: [(name: String, value: String)] = [], body: (any Encodable)? = nil
    ) throws(ClientError) {
        let response = try send(
            method, path, query: query, headers: body == nil ? [:] : ["Content-Type": "application/json"],
            body: try encode(body))
        _ = try readAll(response)
    }

    func encode(_ body: (any Encodable)?) throws(ClientError) -> HTTPRequestBody {
        guard let body else { return .none }
        do throws(JSONError) { return .bytes(try JSON.encode(body)) } catch {
            throw ClientError(.usage, "\(error)")
        }
    }

    func decode<T: Decodable>(_ type: T.Type, from bytes: [UInt8]) throws(ClientError) -> T {
        do throws(JSONError) { return try JSON.decode(type, from: bytes) } catch {
            throw ClientError(.badAnswer, "the engine's answer can't be read: \(error)")
        }
    }

    /// Reads the answer's body to its end and keeps the connection for the next call.
    package func readAll(_ response: HTTPResponse) throws(ClientError) -> [UInt8] {
        do {
            let bytes = try response.readAll(limit: Self.maximumAnswer)
            recycle(response)
            return bytes
        } catch { throw ClientError(error, host: host.description) }
    }

    /// Keeps the connection for the next call, if the answer was read to its end.
    package func recycle(_ response: HTTPResponse) {
        guard response.connection.isReusable else { return }
        state.withLock { if $0.idle.count < Self.maximumIdle { $0.idle.append(response.connection) } }
    }

    private func exchange(_ head: HTTPRequestHead, _ body: HTTPRequestBody) throws -> HTTPResponse {
        if let idle = state.withLock({ $0.idle.popLast() }) {
            // The engine may have closed it: what is readable between two exchanges can only be the end. A stream,
            // which can't be sent twice should it close right now, gets a connection of its own.
            if case .stream = body {
            } else if try !StreamSocket.wait(
                idle.descriptor, reading: true, writing: false, milliseconds: 0
            ).readable {
                return try idle.exchange(head, body)
            }
        }
        return try HTTPConnection(to: host.address).exchange(head, body)
    }

    private func failure(_ response: HTTPResponse) throws(ClientError) -> ClientError {
        let body = try readAll(response)
        let text = String(decoding: body, as: UTF8.self)
        let message = (try? JSON.decode(ErrorResponse.self, from: body))?.message ?? text
        let shown = message.isEmpty ? HTTPResponseHead.reason(response.status) : message
        return ClientError(.response(status: response.status), shown)
    }
}

/// What the engine says of itself before anything else.
package struct PingAnswer: Sendable, Equatable {
    package var engineVersion: APIVersion
    package var negotiated: APIVersion
    package var isExperimental: Bool
    package var operatingSystem: String
    package var builderVersion: String?
    package var swarm: String?
}
