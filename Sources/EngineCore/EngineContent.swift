// SPDX-License-Identifier: Apache-2.0

package import Archive
package import EngineAPI
internal import Images
internal import Linux
internal import Networking
internal import Volumes

// MARK: Images

extension Engine {
    /// Threads of their own for loads, as many as there are loads at once: a client that sends its archive slowly, or
    /// not at all, holds one, and containers' work must not wait for it.
    private static let loads = BlockingPool(maximumThreads: 16, threadsPerKey: 16)

    /// Messages of a load that its client has not read yet. Of more, the oldest go: they tell of progress, and what
    /// came of it all is said last.
    private static let maximumMessages = 16_384

    /// Loads the images of a tar; the stream says what came of it, and throws what went wrong.
    package func loadImages(
        from source: any ByteSource, quiet: Bool
    ) -> AsyncThrowingStream<ProgressMessage, any Error> {
        let images = services.images
        let (stream, continuation) = AsyncThrowingStream<ProgressMessage, any Error>.makeStream(
            bufferingPolicy: .bufferingNewest(Self.maximumMessages))
        // Ends with the archive: its source fails when the client goes away.
        Task {
            do {
                try await Self.loads.run {
                    try images.load(from: source, quiet: quiet) { message in continuation.yield(message) }
                }
                continuation.finish()
            } catch {
                continuation.finish(throwing: error)
            }
        }
        return stream
    }

    package func images(
        all: Bool, filters: Filters, digests: Bool, manifests: Bool, sharedSize: Bool
    ) async throws
        -> [ImageSummary]
    {
        try services.images.list(all: all, filters: filters, manifests: manifests)
    }

    package func inspectImage(_ ref: String, manifests: Bool) throws -> ImageInspect {
        try services.images.inspect(ref)
    }

    package func imageHistory(_ ref: String) throws -> [ImageHistoryItem] { try services.images.history(ref) }

    package func tagImage(_ ref: String, repository: String, tag: String?) async throws {
        let images = services.images
        try await BlockingPool.shared.run { try images.tag(ref, repository: repository, tag: tag) }
    }

    package func removeImage(_ ref: String, force: Bool, noPrune: Bool) async throws -> [ImageDeleteItem] {
        let images = services.images
        let users = services.table.records.sorted { $0.created < $1.created }.flatMap { record in
            // Its own, and those that it mounts.
            ([record.image] + record.mounts.compactMap(\.image)).map {
                ImageUser(containerID: record.id, imageID: $0, isRunning: record.state.running)
            }
        }
        return try await BlockingPool.shared.run {
            try images.remove(ref, force: force, noPrune: noPrune, users: users)
        }
    }
}

// MARK: Volumes

extension Engine {
    package func volumes(filters: Filters) throws -> VolumeList {
        VolumeList(volumes: try services.volumes.list(filters), warnings: nil)
    }

    package func inspectVolume(_ name: String) throws -> Volume { try services.volumes.inspect(name) }

    package func createVolume(_ request: VolumeCreateRequest) async throws -> Volume {
        let volumes = services.volumes
        let (volume, isNew) = try await BlockingPool.shared.run { try volumes.prepare(request) }
        if isNew { services.events.publish(.make("volume", "create", id: volume.name, ["driver": volume.driver])) }
        return volume
    }

    package func removeVolume(_ name: String, force: Bool) async throws {
        let volumes = services.volumes
        try await BlockingPool.shared.run { try volumes.remove(name, force: force) }
        services.events.publish(.make("volume", "destroy", id: name, ["driver": "local"]))
    }
}

// MARK: Networks

extension Engine {
    private static let networkFilters: Set<String> = [
        "dangling", "driver", "id", "label", "name", "scope", "type",
    ]

    package func networks(filters: Filters) throws -> [NetworkInspect] {
        try filters.validate(Self.networkFilters)
        for type in filters["type"] where !["builtin", "custom"].contains(type) {
            throw EngineError(.invalidParameter, "invalid filter: 'type'='\(type)'")
        }
        return services.networks.list().filter { Self.matches($0, filters) }
    }

    private static let builtin: Set<String> = ["bridge", "host", "none"]

    private static func matches(_ network: NetworkInspect, _ filters: Filters) -> Bool {
        func any(_ name: String, _ test: (String) -> Bool) -> Bool {
            filters[name].isEmpty || filters[name].contains(where: test)
        }
        return any("driver") { $0 == network.driver } && any("id") { network.id.hasPrefix($0) }
            && any("name") { network.name.contains($0) } && any("scope") { $0 == network.scope }
            && any("type") { ($0 == "builtin") == builtin.contains(network.name) }
            && any("dangling") { ["true", "1"].contains($0) == (network.containers ?? [:]).isEmpty }
            && filters.matchLabels(network.labels)
    }

    package func inspectNetwork(_ ref: String) throws -> NetworkInspect { try services.networks.inspect(ref) }

    /// `operation`: what docker's command for it is called. There are only the networks nobody can change.
    package func changeNetwork(_ ref: String, _ operation: String) throws {
        try services.networks.refuseChange(ref, operation)
    }
}
