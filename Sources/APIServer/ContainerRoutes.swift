// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import EngineCore
internal import HTTPMessage
internal import HTTPTransport
internal import JSON

enum ContainerRoutes {
    @Sendable static func list(_ call: Call) async throws -> HTTPReply {
        let containers = try await call.engine.containers(
            all: call.flag("all"), limit: call.number("limit") ?? 0, size: call.flag("size"), filters: call.filters())
        return try Reply.json(Compatibility.downgrade(containers, to: call.version))
    }

    @Sendable static func create(_ call: Call) async throws -> HTTPReply {
        var request = try await call.body(ContainerCreateRequest.self)
        Compatibility.upgrade(&request, from: call.version)
        let answer = try await call.engine.createContainer(
            request, name: call.text("name"), platform: call.text("platform"))
        return try Reply.json(answer, status: 201)
    }

    @Sendable static func inspect(_ call: Call) async throws -> HTTPReply {
        let container = try await call.engine.inspectContainer(call.id, size: call.flag("size"))
        return try Reply.json(Compatibility.downgrade(container, to: call.version), sortedKeys: true)
    }

    @Sendable static func top(_ call: Call) async throws -> HTTPReply {
        try Reply.json(await call.engine.top(call.id, arguments: call.text("ps_args")))
    }

    @Sendable static func stats(_ call: Call) async throws -> HTTPReply {
        let oneShot = call.flag("one-shot")
        guard call.flag("stream", default: true) else {
            return try Reply.json(await call.engine.stats(call.id, oneShot: oneShot))
        }
        if oneShot { throw EngineError(.invalidParameter, "cannot have stream=true and one-shot=true") }
        let samples = try call.engine.statsStream(call.id)
        return Reply.stream { writer in
            for try await sample in samples { try await writer.write(JSON.encode(sample) + [10]) }
        }
    }

    @Sendable static func start(_ call: Call) async throws -> HTTPReply {
        // Before 1.24 a host configuration could be sent here; what is sent now is not meant.
        let body = try await call.request.body.collect(limit: Call.maximumBody)
        guard body.isEmpty || body == Array("{}".utf8) || body == Array("null".utf8) || body == Array("{}\n".utf8)
        else {
            throw EngineError(
                .invalidParameter,
                "starting container with non-empty request body was deprecated since API v1.22 and removed in v1.24")
        }
        guard call.text("checkpoint") == nil else {
            throw EngineError(.invalidParameter, "checkpoint is only supported in experimental mode")
        }
        try await call.engine.startContainer(call.id, detachKeys: call.text("detachKeys"))
        return Reply.empty(204)
    }

    @Sendable static func stop(_ call: Call) async throws -> HTTPReply {
        try await call.engine.stopContainer(call.id, timeout: call.number("t"), signal: call.text("signal"))
        return Reply.empty(204)
    }

    @Sendable static func restart(_ call: Call) async throws -> HTTPReply {
        try await call.engine.restartContainer(call.id, timeout: call.number("t"), signal: call.text("signal"))
        return Reply.empty(204)
    }

    @Sendable static func kill(_ call: Call) async throws -> HTTPReply {
        try await call.engine.killContainer(call.id, signal: call.text("signal"))
        return Reply.empty(204)
    }

    @Sendable static func pause(_ call: Call) async throws -> HTTPReply {
        try await call.engine.pauseContainer(call.id)
        return Reply.empty(204)
    }

    @Sendable static func unpause(_ call: Call) async throws -> HTTPReply {
        try await call.engine.unpauseContainer(call.id)
        return Reply.empty(204)
    }

    @Sendable static func prune(_ call: Call) async throws -> HTTPReply {
        try await call.discardBody()
        return try Reply.json(await call.engine.pruneContainers(call.filters()))
    }

    @Sendable static func changes(_ call: Call) async throws -> HTTPReply {
        try Reply.json(await call.engine.changes(call.id))
    }

    @Sendable static func update(_ call: Call) async throws -> HTTPReply {
        var request = try await call.body(ContainerUpdateRequest.self)
        Compatibility.upgrade(&request, from: call.version)
        return try Reply.json(await call.engine.updateContainer(call.id, request))
    }

    @Sendable static func rename(_ call: Call) async throws -> HTTPReply {
        try await call.engine.renameContainer(call.id, to: call.query["name"] ?? "")
        return Reply.empty(204)
    }

    @Sendable static func resize(_ call: Call) async throws -> HTTPReply {
        let (height, width) = try size(call)
        try await call.engine.resizeContainer(call.id, height: height, width: width)
        return Reply.empty(200)
    }

    @Sendable static func remove(_ call: Call) async throws -> HTTPReply {
        try await call.engine.removeContainer(
            call.id, force: call.flag("force"), volumes: call.flag("v"), link: call.flag("link"))
        return Reply.empty(204)
    }

    /// Answers the head at once: from then on the client can rely on hearing of the exit.
    @Sendable static func wait(_ call: Call) async throws -> HTTPReply {
        try await call.discardBody()
        let text = call.text("condition") ?? WaitCondition.notRunning.rawValue
        guard let condition = WaitCondition(rawValue: text) else {
            throw EngineError(.invalidParameter, "invalid condition: \"\(text)\"")
        }
        let wait = try call.engine.waitContainer(call.id, condition: condition)
        return Reply.stream { writer in
            var response: WaitResponse
            do { response = try await wait.result() } catch let error as CancellationError { throw error } catch {
                response = WaitResponse(statusCode: -1, error: WaitError(message: Errors.failure(error).message))
            }
            try await writer.write(JSON.encode(response) + [10])
        }
    }

    /// The size of a terminal, from `h` and `w`.
    static func size(_ call: Call) throws(EngineError) -> (height: Int, width: Int) {
        guard let height = try call.number("h"), let width = try call.number("w"), 0...65535 ~= height,
            0...65535 ~= width
        else { throw EngineError(.invalidParameter, "invalid terminal size: h and w are numbers up to 65535") }
        return (height, width)
    }
}
