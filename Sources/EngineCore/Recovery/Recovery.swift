// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Images
internal import JSON
internal import Linux
internal import Logging
internal import MetadataStore
internal import Networking
internal import Shim
internal import Volumes

extension Engine {
    /// Takes over what there is when the daemon starts: containers that run, exits that happened meanwhile, what a
    /// killed daemon left half done. To be called once, before the first request. Nothing here stops a container that
    /// is well, and what can't be read is left alone and reported.
    package func recover() async throws {
        let stored = records.all
        for id in unreadable {
            services.logger.error(
                "a container's record can't be read; it is left alone", metadata: ["container": "\(id)"])
        }
        try await prepareDirectories()
        let taken = await findAll(stored.values.sorted { $0.created < $1.created })
        let found = Set(taken.map(\.record.id))
        let leftAlone = stored.values.filter { !found.contains($0.id) }
        let live = (taken.filter(\.isLive).map(\.record) + leftAlone).map { LiveContainer(id: $0.id, name: $0.name) }
        let sandboxes = try await services.networks.adopt(live)
        var autoRemove: [Container] = []
        for takeover in taken {
            let container = await takeover.adopt(services, sandboxes[takeover.record.id])
            if takeover.record.autoRemove, !takeover.isLive, !takeover.record.isFresh { autoRemove.append(container) }
        }
        let known = Set(stored.keys).union(unreadable)
        await collect(keeping: known, links: leftAlone.compactMap { $0.sandbox?.key })
        for container in autoRemove { try? await container.removeAfterExit() }
        for entry in services.table.all { await entry.container.startWithDaemon() }
    }

    /// What became of each, in that order, without those of whom that can't be found out. All at once, for one that
    /// hangs must not hold up the others.
    private func findAll(_ records: [ContainerRecord]) async -> [Takeover] {
        let services = services
        return await withTaskGroup(of: (Int, Takeover)?.self) { group in
            for (index, record) in records.enumerated() {
                group.addTask {
                    do {
                        return (index, try await Takeover.find(record, services))
                    } catch {
                        services.logger.error(
                            "a container's supervisor can't be reached; the container is left alone until the next start",
                            metadata: ["container": "\(record.id)", "error": "\(error)"])
                        return nil
                    }
                }
            }
            var found: [(Int, Takeover)] = []
            for await each in group { if let each { found.append(each) } }
            return found.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func prepareDirectories() async throws {
        let configuration = services.configuration
        try await BlockingPool.shared.run {
            for path in ["\(configuration.dataRoot)/containers", "\(configuration.execRoot)/containers"] {
                try HostPath.makeDirectories(path, mode: 0o710)
            }
            try HostPath.makeDirectories(configuration.namespaceDirectory, mode: 0o700)
            try HostPath.makeDirectories(configuration.seccompCache, mode: 0o700)
        }
    }

    /// Ends and removes what belongs to no container: creates and removals that a killed daemon left half done.
    private func collect(keeping known: Set<String>, links: [String]) async {
        let services = services
        let configuration = services.configuration
        do {
            let runs = try await BlockingPool.shared.run {
                try HostPath.names(in: configuration.execRoot + "/containers")
            }
            for id in runs where Identifier.isValid(id) && !known.contains(id) { await endStray(id) }
            try await BlockingPool.shared.run {
                let links = Set(links + services.table.records.compactMap { $0.sandbox?.key })
                for name in try HostPath.names(in: configuration.namespaceDirectory) {
                    let link = "\(configuration.namespaceDirectory)/\(name)"
                    if !links.contains(link) { try HostPath.remove(link) }
                }
                for name in try services.volumes.recover() {
                    services.logger.warning("a volume without a record is kept", metadata: ["volume": "\(name)"])
                }
                try services.images.collectContainers(keeping: known)
                for id in try HostPath.names(in: configuration.dataRoot + "/containers")
                where (Identifier.isValid(id) && !known.contains(id)) || id.hasPrefix(ContainerTrash.prefix) {
                    try HostPath.removeTree(id, in: configuration.dataRoot + "/containers")
                }
            }
        } catch {
            services.logger.error("clean-up after a restart failed", metadata: ["error": "\(error)"])
        }
    }

    private func endStray(_ id: String) async {
        let services = services
        services.logger.warning("a container without a record is ended", metadata: ["container": "\(id)"])
        let directory = services.configuration.runDirectory(id)
        if let shim = try? ShimConnection.connect(directory: directory) {
            let kill = ShimRequest.Body.signal(SignalRequest(signal: Signals.kill, all: true))
            _ = try? await shim.send(kill, within: Container.shimPatience)
            shim.close()
        }
        await services.networks.release(id)
        do {
            try await BlockingPool.shared.run(key: id) {
                _ = try? ShimProcess.kill(directory: directory)
                try CgroupAccess.killAndRemove(id, services)
                try HostPath.removeTree(id, in: services.configuration.execRoot + "/containers")
            }
        } catch {
            services.logger.error(
                "a stray container could not be ended", metadata: ["container": "\(id)", "error": "\(error)"])
        }
    }
}

extension ContainerRecord {
    /// Never started.
    var isFresh: Bool { state.startedAt == .zero && state.status == "created" }
}
