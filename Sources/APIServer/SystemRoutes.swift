// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import EngineCore
internal import HTTPMessage
internal import HTTPTransport
internal import JSON

enum SystemRoutes {
    @Sendable static func ping(_ call: Call) async throws -> HTTPReply {
        // Builder 1 is the classic one: its endpoint says what there is to say about builds.
        let headers = Reply.headers([
            ("Builder-Version", "1"), ("Cache-Control", "no-cache, no-store, must-revalidate"),
            ("Content-Type", "text/plain; charset=utf-8"), ("Pragma", "no-cache"), ("Swarm", "inactive"),
        ])
        if call.request.head.method == "HEAD" { return HTTPReply(status: 200, headers: headers) }
        return HTTPReply(status: 200, headers: headers, body: .bytes(Array("OK".utf8)))
    }

    @Sendable static func version(_ call: Call) async throws -> HTTPReply { try Reply.json(call.engine.version()) }

    @Sendable static func info(_ call: Call) async throws -> HTTPReply { try Reply.json(await call.engine.info()) }

    @Sendable static func diskUsage(_ call: Call) async throws -> HTTPReply {
        try Reply.json(await call.engine.diskUsage())
    }

    @Sendable static func events(_ call: Call) async throws -> HTTPReply {
        let since = try call.time("since")
        let until = try call.time("until")
        if let since, let until, until < since {
            throw EngineError(
                .invalidParameter,
                "`since` time (\(call.query["since"] ?? "")) cannot be after `until` time (\(call.query["until"] ?? ""))"
            )
        }
        let events = try call.engine.events(since: since, until: until, filters: call.filters())
        return Reply.stream { writer in
            for await event in events { try await writer.write(JSON.encode(event) + [10]) }
        }
    }

    @Sendable static func plugins(_ call: Call) async throws -> HTTPReply { try Reply.json([JSONValue]()) }

    @Sendable static func plugin(_ call: Call) async throws -> HTTPReply {
        throw EngineError(.notFound, "plugin \"\(call.name)\" not found")
    }
}
