// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTPMessage
import HTTPTransport
import Linux
import Synchronization

/// A real server on a Unix socket of its own.
final class TestServer: Sendable {
    let server: HTTPServer
    let path: String

    init(limits: ServerLimits = ServerLimits(), handler: @escaping HTTPHandler) async throws {
        var template = Array("/tmp/wharf-http-XXXXXX".utf8CString)
        let directory = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? "/tmp"
        }
        path = directory + "/s"
        server = HTTPServer(limits: limits, handler: handler)
        try await server.serve(StreamSocket.bindUnix(path: path))
    }

    func client() throws -> RawClient { try RawClient(path) }

    /// Runs `body` with a server and ends it whatever comes of that.
    static func with<T>(
        limits: ServerLimits = ServerLimits(), handler: @escaping HTTPHandler,
        _ body: (TestServer) async throws -> T
    ) async throws -> T {
        let server = try await TestServer(limits: limits, handler: handler)
        let result: Result<T, any Error>
        do { result = .success(try await body(server)) } catch { result = .failure(error) }
        await server.server.shutdown()
        unlink(server.path)
        rmdir(String(server.path.dropLast(2)))
        return try result.get()
    }
}

/// Answers with the method, the target and the body.
@Sendable func echo(_ request: HTTPRequest) async -> HTTPReply {
    do {
        let body = try await request.body.collect(limit: 1 << 20)
        let text = "\(request.head.method) \(request.head.target) [" + String(decoding: body, as: UTF8.self) + "]"
        return HTTPReply(status: 200, body: .bytes(Array(text.utf8)))
    } catch HTTPServerError.malformed(let error) {
        return HTTPReply(status: error.status, headers: ["Connection": "close"], body: .bytes(Array("bad".utf8)))
    } catch {
        return HTTPReply(status: 413, body: .bytes(Array("\(error)".utf8)))
    }
}

/// Something that will be known.
final class Promise<Value: Sendable>: Sendable {
    private let state = Mutex<(value: Value?, waiters: [CheckedContinuation<Value, Never>])>((nil, []))

    func fulfil(_ value: Value) {
        let waiters = state.withLock { state in
            state.value = state.value ?? value
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: value) }
    }

    var value: Value {
        get async {
            await withCheckedContinuation { continuation in
                let value = state.withLock { state -> Value? in
                    if state.value == nil { state.waiters.append(continuation) }
                    return state.value
                }
                if let value { continuation.resume(returning: value) }
            }
        }
    }
}
