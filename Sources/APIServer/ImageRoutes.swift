// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import EngineCore
internal import HTTPMessage
internal import HTTPTransport
internal import JSON

enum ImageRoutes {
    @Sendable static func list(_ call: Call) async throws -> HTTPReply {
        var filters = try call.filters()
        Compatibility.addFilter(call.query["filter"], to: &filters, from: call.version)
        let images = try await call.engine.images(
            all: call.flag("all"), filters: filters, digests: call.flag("digests"),
            manifests: call.flag("manifests"), sharedSize: call.flag("shared-size"))
        return try Reply.json(Compatibility.downgrade(images, to: call.version))
    }

    @Sendable static func inspect(_ call: Call) async throws -> HTTPReply {
        let image = try call.engine.inspectImage(call.name, manifests: call.flag("manifests"))
        return try Reply.json(Compatibility.downgrade(image, to: call.version), sortedKeys: true)
    }

    @Sendable static func history(_ call: Call) async throws -> HTTPReply {
        try Reply.json(call.engine.imageHistory(call.name))
    }

    @Sendable static func tag(_ call: Call) async throws -> HTTPReply {
        try await call.engine.tagImage(call.name, repository: call.query["repo"] ?? "", tag: call.text("tag"))
        return Reply.empty(201)
    }

    @Sendable static func remove(_ call: Call) async throws -> HTTPReply {
        try Reply.json(
            await call.engine.removeImage(call.name, force: call.flag("force"), noPrune: call.flag("noprune")))
    }

    /// As Docker's, this begins with 200: what is wrong with the archive comes as the stream's last message.
    @Sendable static func load(_ call: Call) async throws -> HTTPReply {
        if let platform = call.text("platform") {
            throw EngineError(.notImplemented, "loading only the platform \(platform) is not implemented yet")
        }
        let messages = call.engine.loadImages(
            from: BodySource(body: call.request.body.blocking()), quiet: call.flag("quiet", default: true))
        return Reply.stream { writer in
            do {
                for try await message in messages { try await writer.write(JSON.encode(message) + [13, 10]) }
            } catch let error as HTTPServerError where error == .clientGone { throw error } catch {
                try Task.checkCancellation()
                let text = Errors.failure(error).message
                let failure = ProgressMessage(error: text, errorDetail: ErrorDetail(code: nil, message: text))
                try await writer.write(JSON.encode(failure) + [13, 10])
            }
        }
    }

    /// Pulls and imports: there are no registries yet. `docker run` of an unknown image comes here.
    @Sendable static func create(_ call: Call) async throws -> HTTPReply {
        guard let image = call.text("fromImage") else {
            throw EngineError(.notImplemented, "importing images is not implemented yet (POST /images/create)")
        }
        let tag = call.text("tag").map { $0.contains(":") ? "@\($0)" : ":\($0)" } ?? ""
        throw EngineError(
            .notImplemented,
            "cannot pull \(image)\(tag): pulling from registries is not implemented yet; use load to bring an image in")
    }
}
