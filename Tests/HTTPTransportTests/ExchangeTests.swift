// SPDX-License-Identifier: Apache-2.0

import HTTPMessage
import HTTPTransport
import Testing

@Suite(.timeLimit(.minutes(1))) struct ExchangeTests {
    @Test func answersAndKeepsTheConnection() async throws {
        try await TestServer.with(handler: echo) { server in
            let client = try server.client()
            for index in 1...3 {
                try await client.send("POST /\(index) HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi")
                let answer = try await client.read(until: "]")
                #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
                #expect(answer.contains("\r\nContent-Length: 12\r\n"))
                #expect(answer.contains(" GMT\r\n"))
                #expect(answer.hasSuffix("\r\n\r\nPOST /\(index) [hi]"))
            }
        }
    }

    @Test func answersPipelinedRequestsInOrder() async throws {
        try await TestServer.with(handler: echo) { server in
            let client = try server.client()
            let requests = (0..<50).map { "POST /\($0) HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc" }
            try await client.send(requests.joined())
            let answers = try await client.read(until: "/49 [abc]")
            let bodies = answers.split(separator: "POST ").dropFirst().map { $0.prefix { $0 != " " } }
            #expect(bodies == (0..<50).map { "/\($0)" })
        }
    }

    /// Where a body's framing breaks nobody knows where the next request begins: nothing after it is taken for one.
    @Test(arguments: [
        "5\r\nabcdeXX\r\n", "zz\r\n", "0\r\n" + String(repeating: "A: b\r\n", count: 20_000),
        "5\r\nabcde\r\n0\r\n" + String(repeating: "a", count: 70_000) + "\r\n",
    ])
    func brokenFramingEndsTheConnection(body: String) async throws {
        try await TestServer.with(handler: echo) { server in
            let client = try server.client()
            try await client.send(
                "POST /first HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + body
                    + "\r\nPOST /second HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
            let answers = try await client.readAll()
            #expect(answers.ranges(of: "HTTP/1.1 ").count == 1, "\(answers)")
            #expect(!answers.contains("/second"))
            #expect(answers.contains("\r\nConnection: close\r\n"))
        }
    }

    @Test func readsHeadsByteByByte() async throws {
        try await TestServer.with(handler: echo) { server in
            let client = try server.client()
            for byte in Array(
                "POST /slow HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n".utf8)
            {
                try await client.send([byte])
            }
            #expect(try await client.read(until: "]").hasSuffix("POST /slow [ab]"))
        }
    }

    @Test func sendsContinueOnlyWhenTheBodyIsWanted() async throws {
        try await TestServer.with(handler: echo) { server in
            let client = try server.client()
            try await client.send("POST /c HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            #expect(try await client.read(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            try await client.send("ok")
            #expect(try await client.read(until: "]").contains("[ok]"))
        }
        try await TestServer.with(handler: { _ in HTTPReply(status: 404) }) { server in
            let client = try server.client()
            try await client.send("POST /c HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            let answer = try await client.readAll()
            #expect(answer.hasPrefix("HTTP/1.1 404 Not Found\r\n"))
            #expect(answer.contains("\r\nConnection: close\r\n"))
        }
    }

    /// Between the head and the end of an answer there is no place for it.
    @Test func sendsContinueBeforeAnAnswerThatReadsTheBody() async throws {
        let handler: @Sendable (HTTPRequest) async -> HTTPReply = { request in
            HTTPReply(
                status: 200,
                body: .stream { writer in
                    try await writer.write(Array("first".utf8))
                    try await writer.write(try await request.body.collect(limit: 100))
                })
        }
        try await TestServer.with(handler: handler) { server in
            let client = try server.client()
            try await client.send("POST /c HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            let begin = try await client.read(until: "first\r\n")
            #expect(begin.hasPrefix("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"), "\(begin)")
            try await client.send("ok")
            let answer = begin + (try await client.readAll())
            #expect(answer.hasSuffix("\r\n\r\n5\r\nfirst\r\n2\r\nok\r\n0\r\n\r\n"), "\(answer)")
        }
    }

    @Test func skipsABodyNobodyWanted() async throws {
        try await TestServer.with(handler: { _ in HTTPReply(status: 204) }) { server in
            let client = try server.client()
            let body = String(repeating: "x", count: 200_000)
            try await client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n" + body)
            #expect(try await client.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 204 No Content\r\n"))
            try await client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(try await client.readAll().hasPrefix("HTTP/1.1 204 No Content\r\n"))
        }
    }

    @Test func refusesABodyThatIsTooLarge() async throws {
        try await TestServer.with(handler: echo) { server in
            let declared = try server.client()
            try await declared.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\nabc")
            #expect(try await declared.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 413 "))
            let chunked = try server.client()
            try await chunked.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            let piece = String(repeating: "y", count: 65536)
            for _ in 0..<17 { try await chunked.send("10000\r\n" + piece + "\r\n") }
            #expect(try await chunked.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test func answersHeadWithoutABody() async throws {
        try await TestServer.with(handler: { _ in HTTPReply(status: 200, body: .bytes([65, 66])) }) { server in
            let client = try server.client()
            try await client.send("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            let answer = try await client.readAll()
            #expect(answer.contains("\r\nContent-Length: 2\r\n"))
            #expect(answer.hasSuffix("\r\n\r\n"))
        }
    }

    @Test func answersAClientThatHalfClosedAfterItsRequest() async throws {
        try await TestServer.with(handler: echo) { server in
            let client = try server.client()
            try await client.send("GET /nc HTTP/1.1\r\nHost: x\r\n\r\n")
            try client.halfClose()
            #expect(try await client.readAll().hasSuffix("GET /nc []"))
        }
    }

    @Test func speaksToOldClientsWithoutChunks() async throws {
        let handler: HTTPHandler = { _ in
            HTTPReply(status: 200, body: .stream { try await $0.write(Array("stream".utf8)) })
        }
        try await TestServer.with(handler: handler) { server in
            let client = try server.client()
            try await client.send("GET / HTTP/1.0\r\n\r\n")
            let answer = try await client.readAll()
            #expect(!answer.contains("chunked"))
            #expect(answer.hasSuffix("\r\n\r\nstream"))
        }
    }

    @Test(arguments: [
        ("GET\r\n\r\n", 400), ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/2.0\r\nHost: x\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", 400), ("G@T / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("GET / HTTP/1.1\nHost: x\n\n\r\n\r\n", 400), ("GET /\u{1} HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
        ("POST / HTTP/1.1\r\nHost: x\r\nExpect: tea\r\nContent-Length: 1\r\n\r\n", 417),
        ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", 400),
    ])
    func refusesWhatIsNotHTTP(_ text: String, _ status: Int) async throws {
        try await TestServer.with(handler: echo) { server in
            let client = try server.client()
            try? await client.send(text)
            let answer = try await client.readAll()
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
        }
    }

    @Test func refusesHeadsThatAreTooLarge() async throws {
        let fields = "GET / HTTP/1.1\r\nHost: x\r\n" + String(repeating: "a: b\r\n", count: 200) + "\r\n"
        let target = "GET /" + String(repeating: "a", count: 300_000) + " HTTP/1.1\r\nHost: x\r\n\r\n"
        try await TestServer.with(handler: echo) { server in
            for text in [fields, target] {
                let client = try server.client()
                try? await client.send(text)
                #expect(try await client.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 431 "))
            }
        }
    }
}
