// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Images
internal import Linux
internal import Logging
internal import Networking
internal import Synchronization
internal import Volumes

extension Container {
    /// Removes the container and all it has. `ref` is how the client named it.
    func remove(ref: String, force: Bool, volumes: Bool) async throws {
        let name = ref.hasPrefix("/") ? String(ref.dropFirst()) : ref
        if case .removing = phase {
            throw EngineError(.conflict, "removal of container \(name) is already in progress")
        }
        if force { forcedRemovals += 1 }
        defer { if force { forcedRemovals -= 1 } }
        await settle()
        if let obstacle = phase.removalObstacle {
            guard force else { throw EngineError(.conflict, "cannot remove container \"\(name)\": \(obstacle)") }
            try await killAndWait()
            // With `--rm` it is gone by itself, which is what was asked for.
            if case .removed = await settle() { return }
        }
        try await remove(volumes: volumes, durable: true)
    }

    /// What `--rm` asked for: nobody is told, so nobody waits for the disk; a new daemon would do it again.
    func removeAfterExit() async throws { try await remove(volumes: true, durable: false) }

    private func remove(volumes removesVolumes: Bool, durable: Bool) async throws {
        let before = phase
        switch before {
        case .created, .exited: break
        case .removed: throw ContainerTable.missing(id)
        case .removing:
            throw EngineError(.conflict, "removal of container \(record.name) is already in progress")
        default: throw EngineError(.conflict, "container \(id) is busy")
        }
        let status = record.state.status
        enter(.removing) { $0.state.status = "removing" }
        let services = services
        let id = id
        var unused: [String] = []
        do {
            try await BlockingPool.shared.run(key: id) {
                if durable { try ContainerTrash.remove(id, services) } else { try ContainerTrash.discard(id, services) }
            }
            // Ends with the removal of what was renamed; a daemon that is killed before leaves it to the next one.
            if !durable { Task { await ContainerTrash.empty(id, services) } }
            try services.configuration.stepObserver?("files removed")
            unused = try await forget(durable: durable, removingVolumes: removesVolumes)
        } catch {
            enter(before) { $0.state.status = status }
            let failure = EngineError(.system, "container \(id) could not be removed: \(error)", cause: error)
            services.logger.error(
                "a container could not be removed", metadata: ["container": "\(id)", "error": "\(error)"])
            // Who waits for the removal would wait for ever.
            waits.resolve(
                [.removed],
                WaitResponse(statusCode: Int64(record.state.exitCode), error: WaitError(message: failure.message)))
            throw failure
        }
        if removesVolumes { await removeVolumes(unused) }
        followers.finishAll()
        services.table.remove(id: id)
        services.execs.remove(container: id)
        enter(.removed)
        dropAttaches()
        services.tell("destroy", record)
        waits.resolve(
            [.notRunning, .nextExit, .removed], WaitResponse(statusCode: Int64(record.state.exitCode)))
    }

    /// Deletes the record, and its hold on volumes; returns the anonymous ones that nobody uses any more.
    private func forget(durable: Bool, removingVolumes: Bool) async throws -> [String] {
        guard record.mounts.contains(where: \.isVolume) else {
            if durable { try await services.writer.commitDeletion(id) } else { services.writer.delete(id) }
            return []
        }
        let volumes = services.volumes
        let id = id
        let unused = UnusedVolumes()
        try await services.writer.commitDeletion(id, durable: durable) { transaction in
            unused.set(try volumes.release(id, removing: removingVolumes, in: transaction))
        }
        return unused.names
    }

    private func removeVolumes(_ names: [String]) async {
        let services = services
        for name in names {
            do {
                try await BlockingPool.shared.run { try services.volumes.remove(name, force: true) }
                services.events.publish(.make("volume", "destroy", id: name, ["driver": "local"]))
            } catch {
                services.logger.error(
                    "an anonymous volume could not be removed", metadata: ["volume": "\(name)", "error": "\(error)"])
            }
        }
    }

    /// Gives the container another name, which no other has.
    func rename(to new: String) async throws {
        let name = new.hasPrefix("/") ? String(new.dropFirst()) : new
        guard !name.isEmpty else {
            throw EngineError(.invalidParameter, "Neither old nor new names may be empty")
        }
        await settle()
        guard name != record.name else {
            throw EngineError(
                .invalidParameter, "Renaming a container with the same name as its current name")
        }
        do throws(EngineError) { _ = try services.table.reserve(name, id: id) } catch {
            throw EngineError(error.code, "Error when allocating new name: " + error.message)
        }
        // At once: another rename that comes while this one is written begins from here.
        let old = record.name
        update { $0.name = name }
        do { try await services.writer.commit(record) } catch {
            if record.name == name { update { $0.name = old } }
            services.table.release(name: name, id: id)
            throw error
        }
        services.table.release(name: old, id: id)
        do throws(EngineError) { try await services.networks.rename(id, to: record.name) } catch {
            // The record has the name: the next daemon tells it to the networks.
            services.logger.error("a network keeps a container's old name", metadata: ["error": "\(error)"])
        }
        services.tell("rename", record, ["oldName": "/" + old])
    }
}

extension Phase {
    /// Why only `rm -f` removes a container in this phase; nil: nothing hinders.
    fileprivate var removalObstacle: String? {
        switch self {
        case .paused: "container is paused and must be unpaused first"
        case .running: "container is running: stop the container before removing or force remove"
        case .restarting: "container is restarting: stop the container before removing or force remove"
        default: nil
        }
    }
}

/// What a transaction found out, for after it.
private final class UnusedVolumes: Sendable {
    private let state = Mutex<[String]>([])
    var names: [String] { state.withLock { $0 } }
    func set(_ names: [String]) { state.withLock { $0 = names } }
}

/// The removal of containers' directories. Blocking, but for `empty`.
enum ContainerTrash {
    /// No container's name begins so.
    static let prefix = ".removing-"

    static func remove(_ id: String, _ services: Services) throws {
        try services.images.removeContainer(id)
        try HostPath.removeTree(id, in: parent(services))
    }

    /// Takes the directory out of sight at once; `empty` then removes it, and nobody has to wait for that.
    static func discard(_ id: String, _ services: Services) throws {
        try HostPath.rename(id, to: prefix + id, in: parent(services))
    }

    static func empty(_ id: String, _ services: Services) async {
        do {
            try await BlockingPool.shared.run(key: id) {
                try HostPath.removeTree(prefix + id, in: parent(services))
                try services.images.removeContainer(id)
            }
        } catch {
            services.logger.error(
                "a removed container left files behind", metadata: ["container": "\(id)", "error": "\(error)"])
        }
    }

    private static func parent(_ services: Services) -> String { services.configuration.dataRoot + "/containers" }
}
