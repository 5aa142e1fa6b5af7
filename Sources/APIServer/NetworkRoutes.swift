// SPDX-License-Identifier: Apache-2.0

internal import EngineCore
internal import HTTPTransport

enum NetworkRoutes {
    @Sendable static func list(_ call: Call) async throws -> HTTPReply {
        try Reply.json(call.engine.networks(filters: call.filters()))
    }

    @Sendable static func inspect(_ call: Call) async throws -> HTTPReply {
        try Reply.json(call.engine.inspectNetwork(call.id))
    }

    @Sendable static func remove(_ call: Call) async throws -> HTTPReply {
        try call.engine.changeNetwork(call.id, "rm")
        return Reply.empty(204)
    }

    @Sendable static func connect(_ call: Call) async throws -> HTTPReply {
        try call.engine.changeNetwork(call.id, "connect")
        return Reply.empty(200)
    }

    @Sendable static func disconnect(_ call: Call) async throws -> HTTPReply {
        try call.engine.changeNetwork(call.id, "disconnect")
        return Reply.empty(200)
    }
}
