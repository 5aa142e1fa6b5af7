// SPDX-License-Identifier: Apache-2.0

import APIClient
import EngineAPI
import Glibc
import HTTPClient
import HTTPMessage
import HTTPTransport
import JSON
import Linux
import NIOCore
import Synchronization
import Testing

/// The client against our own server, over a real socket. Its calls block, so they run on a pool of their own.
@Suite(.timeLimit(.minutes(1))) struct ClientTests {
    private static let pool = BlockingPool(maximumThreads: 64, threadsPerKey: 64)

    private func run<T: Sendable>(
        _ handler: @escaping HTTPHandler, version: APIVersion? = nil,
        _ body: @escaping @Sendable (EngineClient) throws -> T
    ) async throws -> T {
        let path = "/tmp/wharf-client-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        let server = HTTPServer(handler: handler)
        try await server.serve(StreamSocket.bindUnix(path: path))
        let client = EngineClient(host: try EngineHost("unix://" + path), version: version, userAgent: "test")
        let result: Result<T, any Error>
        do { result = .success(try await Self.pool.run { try body(client) }) } catch { result = .failure(error) }
        await server.shutdown()
        unlink(path)
        return try result.get()
    }

    private static func json(_ text: String, status: Int = 200) -> HTTPReply {
        HTTPReply(
            status: status, headers: ["Content-Type": "application/json", "Api-Version": "1.44"],
            body: .bytes(Array(text.utf8)))
    }

    @Test func settlesTheVersionOnce() async throws {
        let targets = Mutex<[String]>([])
        try await run { request in
            targets.withLock { $0.append(request.head.method + " " + request.head.target) }
            return Self.json("[]")
        } _: { client in
            _ = try client.containers(all: true, filters: Filters(["name": ["x y"]]))
            _ = try client.images()
        }
        #expect(
            targets.withLock { $0 } == [
                "HEAD /_ping",
                "GET /v1.44/containers/json?all=1&filters=%7B%22name%22%3A%7B%22x%20y%22%3Atrue%7D%7D",
                "GET /v1.44/images/json",
            ])
    }

    @Test func keepsToTheVersionTheUserWants() async throws {
        let target = try await run({ Self.json("{\"Version\":\"\($0.head.target)\"}") }, version: APIVersion(1, 30)) {
            try $0.version().version
        }
        #expect(target == "/v1.30/version")
    }

    @Test func tellsWhatTheEngineSays() async throws {
        try await run(
            { _ in Self.json(#"{"message":"No such container: x"}"#, status: 404) }, version: APIVersion(1, 51)
        ) {
            client in
            let error = #expect(throws: ClientError.self) { try client.startContainer("x") }
            #expect(error?.status == 404)
            #expect(error?.isNotFound == true)
            #expect(error?.message == "No such container: x")
        }
    }

    @Test func tellsThatNobodyIsThere() async throws {
        let client = EngineClient(host: try EngineHost("unix:///nonexistent/x.sock"), userAgent: "test")
        let error = #expect(throws: ClientError.self) { _ = try client.ping() }
        #expect(
            error?.message
                == "Cannot connect to the Docker daemon at unix:///nonexistent/x.sock. Is the docker daemon running?")
    }

    @Test func sendsAnArchiveAndReadsItsProgress() async throws {
        let handler: HTTPHandler = { request in
            var count = 0
            while let piece = try? await request.body.next() { count += piece.readableBytes }
            let total = count
            return HTTPReply(
                status: 200,
                body: .stream { writer in
                    try await writer.write(Array("{\"stream\":\"one\"}\r\n{\"str".utf8))
                    try await writer.write(Array("eam\":\"\(total)\"}\r\n".utf8))
                })
        }
        let messages = try await run(handler, version: APIVersion(1, 51)) { client -> [String?] in
            var left = 3_000_000
            let stream = try client.loadImages(quiet: true) { buffer in
                let count = min(left, buffer.count)
                left -= count
                return count
            }
            var messages: [String?] = []
            while let message = try stream.next() { messages.append(message.stream) }
            return messages
        }
        #expect(messages == ["one", "3000000"])
    }

    @Test func stopsSendingWhenTheAnswerIsThere() async throws {
        try await run({ _ in Self.json(#"{"message":"no room"}"#, status: 500) }, version: APIVersion(1, 51)) {
            client in
            let error = #expect(throws: ClientError.self) {
                _ = try client.loadImages(quiet: true) { $0.count }  // never ends
            }
            #expect(error?.message == "no room")
        }
    }

    @Test func hijacksAndKeepsWhatCameEarly() async throws {
        let handler: HTTPHandler = { request in
            _ = try? await request.body.collect(limit: 1000)
            let head = HTTPResponseHead(
                status: 101,
                headers: [
                    "Content-Type": "application/vnd.docker.multiplexed-stream", "Connection": "Upgrade",
                    "Upgrade": "tcp",
                ])
            let stream = request.upgrade(head)
            // Ends at once.
            Task {
                let socket = try await stream.takeSocket().release()
                try socket.writeAll(Array("hello".utf8))
            }
            return HTTPReply(status: 101, body: .upgrade(stream))
        }
        let bytes = try await run(handler, version: APIVersion(1, 51)) { client -> [UInt8] in
            let stream = try client.startExec("x", ExecStartRequest(detach: false, tty: false))
            #expect(stream.isMultiplexed == true)
            return try stream.buffered + stream.socket.descriptor.readAll(limit: 100)
        }
        #expect(String(decoding: bytes, as: UTF8.self) == "hello")
    }

    @Test func waitsForAnExit() async throws {
        let handler: HTTPHandler = { _ in
            HTTPReply(
                status: 200,
                body: .stream { writer in
                    try await Task.sleep(for: .milliseconds(50))
                    try await writer.write(Array("{\"StatusCode\":7}\n".utf8))
                })
        }
        let code = try await run(handler, version: APIVersion(1, 51)) { client in
            let wait = try client.waitContainer("x", condition: "next-exit")
            return try wait.result().statusCode
        }
        #expect(code == 7)
    }

    @Test func takesANewConnectionWhenTheEngineHasClosedTheOldOne() async throws {
        let handler: HTTPHandler = { _ in
            HTTPReply(status: 200, headers: ["Content-Type": "application/json"], body: .bytes(Array("[]".utf8)))
        }
        try await run(handler, version: APIVersion(1, 51)) { client in
            for _ in 0..<20 { _ = try client.containers() }
        }
    }

    @Test(arguments: ["", "unix://", "ftp://x", "tcp://", "tcp://h:99999", "tcp://a:b:c"])
    func refusesBadHosts(_ text: String) { #expect(throws: ClientError.self) { _ = try EngineHost(text) } }
}
