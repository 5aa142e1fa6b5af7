// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTPMessage
import HTTPTransport
import Linux
import NIOCore
import Testing

@Suite(.timeLimit(.minutes(1))) struct ServerTests {
    @Test func makesSocketsForOwnerAndGroup() async throws {
        try await TestServer.with(handler: echo) { server in
            var status = stat()
            #expect(stat(server.path, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o660)
        }
    }

    @Test func refusesASocketThatIsInUseAndReplacesOneThatIsNot() async throws {
        try await TestServer.with(handler: echo) { server in
            let error = #expect(throws: Errno.self) { _ = try StreamSocket.bindUnix(path: server.path) }
            #expect(error?.code == .addressInUse)
            let stale = server.path + "2"
            // A socket file that nobody listens on, as a killed daemon leaves it.
            do { _ = try StreamSocket.bindUnix(path: stale) }
            let second = HTTPServer(handler: echo)
            try await second.serve(StreamSocket.bindUnix(path: stale))
            let client = try RawClient(stale)
            try await client.send("GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(try await client.readAll().hasSuffix("GET /x []"))
            await second.shutdown()
            unlink(stale)
        }
    }

    @Test func doesNotRemoveWhatIsNoSocket() async throws {
        try await TestServer.with(handler: echo) { server in
            let path = server.path + "file"
            close(open(path, O_CREAT | O_WRONLY, 0o600))
            let error = #expect(throws: Errno.self) { _ = try StreamSocket.bindUnix(path: path) }
            #expect(error?.code == .exists)
            #expect(unlink(path) == 0)
        }
    }

    @Test func refusesConnectionsBeyondItsLimit() async throws {
        var limits = ServerLimits()
        limits.connections = 2
        try await TestServer.with(limits: limits, handler: echo) { server in
            let first = try server.client()
            let second = try server.client()
            for client in [first, second] {
                try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(try await client.read(until: "]").hasPrefix("HTTP/1.1 200 OK\r\n"))
            }
            #expect(try await server.client().readAll().hasPrefix("HTTP/1.1 503 "))
        }
    }

    @Test func endsConnectionsThatDoNotGoOn() async throws {
        var limits = ServerLimits()
        limits.headTimeout = .milliseconds(50)
        limits.bodyTimeout = .milliseconds(50)
        limits.idleTimeout = .milliseconds(50)
        try await TestServer.with(limits: limits, handler: echo) { server in
            let half = try server.client()
            try await half.send("GET / HT")
            #expect(try await half.readAll() == "")
            #expect(try await server.client().readAll() == "")
            let body = try server.client()
            try await body.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab")
            #expect(try await body.readAll().contains("bodyTimedOut"))
        }
    }

    @Test func servesTCP() async throws {
        let server = HTTPServer(handler: echo)
        try await server.serve(StreamSocket.bind(.internet("127.0.0.1", 0)))
        await server.shutdown()
    }

    @Test func shutdownCancelsWhatRuns() async throws {
        let started = Promise<Void>()
        let cancelled = Promise<Bool>()
        let server = try await TestServer(handler: { _ in
            started.fulfil(())
            do { try await Task.sleep(for: .seconds(30)) } catch { cancelled.fulfil(true) }
            cancelled.fulfil(false)
            return HTTPReply(status: 503)
        })
        let client = try server.client()
        try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await started.value
        await server.server.shutdown()
        #expect(await cancelled.value)
        #expect(try await client.readAll().hasPrefix("HTTP/1.1 503 "))
        unlink(server.path)
        rmdir(String(server.path.dropLast(2)))
    }
}
