// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import EngineCore
internal import HTTPTransport

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
}
