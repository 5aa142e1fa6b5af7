// SPDX-License-Identifier: Apache-2.0

import HTTPMessage
import HTTPTransport
import Linux
import Synchronization
import Testing

/// What a raw stream's server does: answers with everything it got, in brackets, at the end of the input.
private func serve(_ stream: UpgradeStream) async throws {
    let taken = try await stream.takeSocket()
    var bytes = taken.buffered
    let socket = SharedDescriptor(taken.release())
    let more = try await pool.run {
        var result: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            _ = try StreamSocket.wait(socket.rawValue, reading: true, writing: false)
            let count = try buffer.withUnsafeMutableBytes { try socket.descriptor.read(into: $0) }
            if count == 0 { return result }
            result += buffer[..<count]
        }
    }
    bytes += more
    let answer = Array("<".utf8) + bytes + Array(">".utf8)
    try await pool.run {
        var sent = 0
        while sent < answer.count {
            _ = try StreamSocket.wait(socket.rawValue, reading: false, writing: true)
            sent += try answer[sent...].withUnsafeBytes { try StreamSocket.send(socket.rawValue, $0) }
        }
    }
}

private let pool = BlockingPool(maximumThreads: 64, threadsPerKey: 64)
private let upgradeHead = HTTPResponseHead(status: 101, headers: ["Connection": "Upgrade", "Upgrade": "tcp"])
private let upgrade = "POST /attach HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"

/// Takes the socket at once.
@Sendable private func takeAtOnce(_ request: HTTPRequest) async -> HTTPReply {
    _ = try? await request.body.collect(limit: 1 << 20)
    let stream = request.upgrade(upgradeHead)
    // Ends with the client.
    Task { try? await serve(stream) }
    return HTTPReply(status: 101, body: .upgrade(stream))
}

@Suite(.timeLimit(.minutes(1))) struct UpgradeTests {
    @Test func givesTheSocketAway() async throws {
        try await TestServer.with(handler: takeAtOnce) { server in
            let client = try server.client()
            try await client.send(upgrade + "Content-Length: 0\r\n\r\n")
            #expect(
                try await client.read(until: "\r\n\r\n")
                    == "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n")
            try await client.send("later")
            try client.halfClose()
            #expect(try await client.readAll() == "<later>")
            #expect(server.server.connectionCount == 0)
        }
    }

    @Test func theStreamOutlivesTheServer() async throws {
        let client = try await TestServer.with(handler: takeAtOnce) { server in
            let client = try server.client()
            try await client.send(upgrade + "\r\n")
            _ = try await client.read(until: "\r\n\r\n")
            return client
        }
        try await client.send("still here")
        try client.halfClose()
        #expect(try await client.readAll() == "<still here>")
    }

    @Test func losesNothingThatComesWithTheRequest() async throws {
        try await TestServer.with(handler: takeAtOnce) { server in
            for _ in 0..<50 {
                let client = try server.client()
                try await client.send(upgrade + "Content-Length: 4\r\n\r\nbodyearly bytes")
                try client.halfClose()
                #expect(try await client.readAll().hasSuffix("\r\n\r\n<early bytes>"))
            }
        }
    }

    @Test func losesNothingWhileTheSocketIsNotTakenYet() async throws {
        let go = Promise<Void>()
        let handler: HTTPHandler = { request in
            let stream = request.upgrade(upgradeHead)
            // Ends with the client.
            Task {
                await go.value
                try? await serve(stream)
            }
            return HTTPReply(status: 101, body: .upgrade(stream))
        }
        try await TestServer.with(handler: handler) { server in
            let client = try server.client()
            try await client.send(upgrade + "\r\none,")
            #expect(try await client.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 101 UPGRADED\r\n"))
            let big = String(repeating: "z", count: 100_000)
            try await client.send(big)
            try client.halfClose()
            try await Task.sleep(for: .milliseconds(100))
            go.fulfil(())
            #expect(try await client.readAll() == "<one,\(big)>")
        }
    }

    @Test func canStillRefuseAfterPreparingAnUpgrade() async throws {
        let handler: HTTPHandler = { request in
            _ = request.upgrade(upgradeHead)
            return HTTPReply(status: 409, body: .bytes([110, 111]))
        }
        try await TestServer.with(handler: handler) { server in
            let client = try server.client()
            try await client.send(upgrade + "\r\n")
            #expect(try await client.read(until: "no").hasPrefix("HTTP/1.1 409 Conflict\r\n"))
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(try await client.readAll().hasPrefix("HTTP/1.1 409 Conflict\r\n"))
        }
    }

    @Test func tellsOfAClientThatGoesAwayBeforeTheSocketIsTaken() async throws {
        let gone = Promise<Void>()
        let held = Mutex<UpgradeStream?>(nil)
        let handler: HTTPHandler = { request in
            let stream = request.upgrade(upgradeHead)
            stream.onClose { gone.fulfil(()) }
            held.withLock { $0 = stream }
            return HTTPReply(status: 101, body: .upgrade(stream))
        }
        try await TestServer.with(handler: handler) { server in
            var client: RawClient? = try server.client()
            try await client?.send(upgrade + "\r\n")
            _ = try await client?.read(until: "\r\n\r\n")
            client = nil
            await gone.value
            let stream = held.withLock { $0.take() }
            await #expect(throws: HTTPServerError.clientGone) { _ = try await stream?.takeSocket() }
        }
    }

    @Test func aStreamThatIsDroppedClosesTheConnection() async throws {
        let handler: HTTPHandler = { request in
            HTTPReply(status: 101, body: .upgrade(request.upgrade(upgradeHead)))
        }
        try await TestServer.with(handler: handler) { server in
            let client = try server.client()
            try await client.send(upgrade + "\r\n")
            #expect(try await client.readAll().hasPrefix("HTTP/1.1 101 UPGRADED\r\n"))
        }
    }
}
