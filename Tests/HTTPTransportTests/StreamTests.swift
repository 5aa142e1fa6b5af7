// SPDX-License-Identifier: Apache-2.0

import HTTPMessage
import HTTPTransport
import NIOCore
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct StreamTests {
    @Test func sendsTheHeadBeforeTheFirstByte() async throws {
        let release = Promise<Void>()
        let handler: HTTPHandler = { _ in
            HTTPReply(
                status: 200,
                body: .stream { writer in
                    await release.value
                    try await writer.write(Array("late".utf8))
                })
        }
        try await TestServer.with(handler: handler) { server in
            let client = try server.client()
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            let head = try await client.read(until: "\r\n\r\n")
            #expect(head.contains("Transfer-Encoding: chunked\r\n"))
            #expect(head.hasSuffix("\r\n\r\n"))
            release.fulfil(())
            #expect(try await client.read(until: "0\r\n\r\n") == "4\r\nlate\r\n0\r\n\r\n")
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(try await client.readAll().contains("late"))
        }
    }

    @Test func aSlowReaderHoldsTheWriterBack() async throws {
        let written = Atomic<Int>(0)
        let chunk = [UInt8](repeating: 7, count: 1 << 16)
        let total = 64 << 20
        let handler: HTTPHandler = { _ in
            HTTPReply(
                status: 200,
                body: .stream { writer in
                    for _ in 0..<(total / chunk.count) {
                        try await writer.write(chunk)
                        written.add(chunk.count, ordering: .relaxed)
                    }
                })
        }
        try await TestServer.with(handler: handler) { server in
            let client = try server.client()
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            try await Task.sleep(for: .milliseconds(300))
            // What the kernel's buffers hold, not what there is to send.
            #expect(written.load(ordering: .relaxed) < 4 << 20)
            var count = 0
            while let more = try await client.read() { count += more.count }
            #expect(count > total)
            #expect(written.load(ordering: .relaxed) == total)
        }
    }

    @Test func aClientThatGoesAwayCancelsItsHandler() async throws {
        for halfway in [false, true] {
            let cancelled = Promise<Bool>()
            let started = Promise<Void>()
            let handler: HTTPHandler = { _ in
                HTTPReply(
                    status: 200,
                    body: .stream { _ in
                        started.fulfil(())
                        do { try await Task.sleep(for: .seconds(30)) } catch { cancelled.fulfil(true) }
                        cancelled.fulfil(false)
                    })
            }
            try await TestServer.with(handler: handler) { server in
                var client: RawClient? = try server.client()
                try await client?.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                await started.value
                if halfway { try client?.halfClose() } else { client = nil }
                #expect(await cancelled.value)
            }
        }
    }

    @Test func aClientThatGoesAwayBeforeTheAnswerCancelsItsHandler() async throws {
        let cancelled = Promise<Bool>()
        let started = Promise<Void>()
        let handler: HTTPHandler = { _ in
            started.fulfil(())
            do { try await Task.sleep(for: .seconds(30)) } catch { cancelled.fulfil(true) }
            cancelled.fulfil(false)
            return HTTPReply(status: 200)
        }
        try await TestServer.with(handler: handler) { server in
            var client: RawClient? = try server.client()
            try await client?.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            await started.value
            client = nil
            #expect(await cancelled.value)
            for _ in 0..<200 where server.server.connectionCount > 0 { try await Task.sleep(for: .milliseconds(10)) }
            #expect(server.server.connectionCount == 0)
        }
    }

    @Test func aBodyIsReadAsItIsAskedFor() async throws {
        let taken = Atomic<Int>(0)
        let go = Promise<Void>()
        let total = 32 << 20
        let handler: HTTPHandler = { request in
            do {
                _ = try await request.body.next()
                await go.value
                while let piece = try await request.body.next() {
                    taken.add(piece.readableBytes, ordering: .relaxed)
                }
                return HTTPReply(status: 200)
            } catch { return HTTPReply(status: 500) }
        }
        try await TestServer.with(handler: handler) { server in
            let client = try server.client()
            try await client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \(total)\r\n\r\n")
            // Sends from a thread's point of view without end; only the kernel's buffers take it up.
            let sent = Atomic<Int>(0)
            let done = Promise<Bool>()
            // Ends when the whole body is sent.
            Task.detached {
                let chunk = [UInt8](repeating: 1, count: 1 << 16)
                for _ in 0..<(total / chunk.count) {
                    guard (try? await client.send(chunk)) != nil else { return done.fulfil(false) }
                    sent.add(chunk.count, ordering: .relaxed)
                }
                done.fulfil(true)
            }
            try await Task.sleep(for: .milliseconds(300))
            #expect(sent.load(ordering: .relaxed) < 4 << 20)
            go.fulfil(())
            #expect(await done.value)
            #expect(try await client.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(taken.load(ordering: .relaxed) > total - (1 << 17))
        }
    }

    @Test func aStreamThatFailsIsCutOff() async throws {
        struct Broken: Error {}
        let handler: HTTPHandler = { _ in
            HTTPReply(
                status: 200,
                body: .stream { writer in
                    try await writer.write([65])
                    throw Broken()
                })
        }
        try await TestServer.with(handler: handler) { server in
            let client = try server.client()
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try await client.readAll().hasSuffix("\r\n\r\n1\r\nA\r\n"))
        }
    }
}
