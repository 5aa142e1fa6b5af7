// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import EngineCore
internal import HTTPTransport

enum ExecRoutes {
    @Sendable static func create(_ call: Call) async throws -> HTTPReply {
        let request = try await call.body(ExecCreateRequest.self)
        guard let command = request.cmd, !command.isEmpty else {
            throw EngineError(.invalidParameter, "no exec command specified")
        }
        return try Reply.json(IDResponse(id: await call.engine.createExec(call.id, request)), status: 201)
    }

    @Sendable static func start(_ call: Call) async throws -> HTTPReply {
        let request = try await call.body(ExecStartRequest.self, orDefault: ExecStartRequest())
        if request.detach {
            try await call.engine.startExec(call.id, request, stream: nil)
            return Reply.empty(200)
        }
        let isTerminal = try call.engine.execIsTerminal(call.id)
        let stream = call.request.upgrade(StreamRoutes.head(call, isTerminal: isTerminal, common: true))
        try await call.engine.startExec(call.id, request, stream: HijackedClient(stream: stream))
        return HTTPReply(status: 101, body: .upgrade(stream))
    }

    @Sendable static func resize(_ call: Call) async throws -> HTTPReply {
        let (height, width) = try ContainerRoutes.size(call)
        try await call.engine.resizeExec(call.id, height: height, width: width)
        return Reply.empty(200)
    }

    @Sendable static func inspect(_ call: Call) async throws -> HTTPReply {
        try Reply.json(await call.engine.inspectExec(call.id))
    }
}
