// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import EngineCore
internal import HTTPTransport

/// Volumes, and what there is of networks.
enum VolumeRoutes {
    @Sendable static func list(_ call: Call) async throws -> HTTPReply {
        try Reply.json(call.engine.volumes(filters: call.filters()))
    }

    @Sendable static func create(_ call: Call) async throws -> HTTPReply {
        let request = try await call.body(VolumeCreateRequest.self, orDefault: VolumeCreateRequest())
        if request.clusterVolumeSpec != nil {
            throw EngineError(.notImplemented, "cluster volumes (ClusterVolumeSpec) are not implemented yet")
        }
        return try Reply.json(await call.engine.createVolume(request), status: 201)
    }

    @Sendable static func inspect(_ call: Call) async throws -> HTTPReply {
        try Reply.json(call.engine.inspectVolume(call.name))
    }

    @Sendable static func remove(_ call: Call) async throws -> HTTPReply {
        try await call.engine.removeVolume(call.name, force: call.flag("force"))
        return Reply.empty(204)
    }

    @Sendable static func networks(_ call: Call) async throws -> HTTPReply {
        try Reply.json(call.engine.networks(filters: call.filters()))
    }

    @Sendable static func network(_ call: Call) async throws -> HTTPReply {
        try Reply.json(call.engine.inspectNetwork(call.id))
    }

    @Sendable static func removeNetwork(_ call: Call) async throws -> HTTPReply {
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
