// SPDX-License-Identifier: Apache-2.0

package import EngineAPI
package import Images
package import JSON
package import Linux
package import Logging
package import MetadataStore
package import Networking
package import Shim
package import Volumes

/// The container engine: everything the API can ask for, as typed calls. It composes images, volumes, networks and
/// shims, and is the only thing that does.
///
/// `ref` is a name, an ID or a unique prefix of one. Everything throws `EngineError`. Calls that only read answer from
/// published snapshots and never wait for a container.
package final class Engine: Sendable {
    let services: Services
    let records: Table<ContainerRecord>
    private let metadata: MetadataStore

    /// `makeImages` is given what the image store reports its events to.
    package init(
        configuration: EngineConfiguration, host: HostFacts, metadata: MetadataStore, volumes: VolumeStore,
        networks: Networks, launcher: ShimLauncher, logger: Logger,
        makeImages: (@escaping @Sendable (ImageEvent) -> Void) throws -> ImageStore
    ) throws {
        records = try metadata.table("containers", of: ContainerRecord.self)
        self.metadata = metadata
        let events = EventHub()
        let images = try makeImages { event in
            events.publish(.make("image", event.action.rawValue, id: event.id, ["name": event.name]))
        }
        services = Services(
            configuration: configuration, host: host, images: images, volumes: volumes, networks: networks,
            launcher: launcher, writer: RecordWriter(store: metadata, table: records, logger: logger), events: events,
            logger: logger)
    }

    /// The ids of records that could not be read: what they own is left alone.
    var unreadable: Set<String> {
        Set(metadata.quarantined.filter { $0.table == "containers" }.map(\.key))
    }

    func find(_ ref: String) throws(EngineError) -> Container { try services.table.find(ref).container }
}

// MARK: Events

extension Engine {
    /// What happened and happens, until `until`; ends early for a listener that does not read.
    package func events(since: Timestamp?, until: Timestamp?, filters: Filters) throws -> AsyncStream<EventMessage> {
        services.events.events(since: since, until: until, filter: EventFilter(filters))
    }
}

// MARK: Containers

extension Engine {
    /// Does what was asked for to its end, also when the client goes away meanwhile: a stop whose waiting was cancelled
    /// would become a kill.
    private func finishing<T: Sendable>(_ body: @escaping @Sendable () async throws -> T) async throws -> T {
        // Awaited here; it ends with what it does.
        try await Task { try await body() }.value
    }

    package func createContainer(
        _ request: ContainerCreateRequest, name: String?, platform: String?
    ) async throws
        -> ContainerCreateResponse
    {
        let create = CreateContainer(services: services, request: request, name: name, platform: platform)
        return try await finishing { try await create.run() }
    }

    /// Throws `.notModified` when it runs already.
    package func startContainer(_ ref: String, detachKeys: String?) async throws {
        _ = try Validation.detachKeys(detachKeys)
        let container = try find(ref)
        try await finishing { try await container.start() }
    }

    /// Throws `.notModified` when it does not run. `timeout`: seconds before SIGKILL; negative means never.
    package func stopContainer(_ ref: String, timeout: Int?, signal: String?) async throws {
        let container = try find(ref)
        try await finishing { try await container.stop(timeout: timeout, signal: signal) }
    }

    package func restartContainer(_ ref: String, timeout: Int?, signal: String?) async throws {
        let container = try find(ref)
        try await finishing { try await container.restart(timeout: timeout, signal: signal) }
    }

    package func killContainer(_ ref: String, signal: String?) async throws {
        let container = try find(ref)
        try await finishing { try await container.kill(signal: signal, ref: ref) }
    }

    package func updateContainer(
        _ ref: String, _ request: ContainerUpdateRequest
    ) async throws -> ContainerUpdateResponse {
        try Refusals.check(request, by: ContainerUpdate.rules, in: "update")
        var change = request.change
        let warnings = try ResourceCheck.run(
            &change, on: services.cgroupSupport, processors: services.host.processors, update: true)
        try Validation.checkRestart(change.restartPolicy, autoRemove: false)
        let container = try find(ref)
        let checked = change
        try await finishing { try await container.change(checked) }
        return ContainerUpdateResponse(warnings: warnings)
    }

    package func pauseContainer(_ ref: String) async throws { try await find(ref).pause(ref: ref) }

    package func unpauseContainer(_ ref: String) async throws { try await find(ref).unpause(ref: ref) }

    /// Starts containers again and checks their health, until the calling task is cancelled.
    package func run() async { await services.alarms.run() }

    /// The daemon ends: lets go of what outlives it.
    package func stop() { services.networks.stop() }

    package func renameContainer(_ ref: String, to name: String) async throws {
        try await find(ref).rename(to: name)
    }

    package func removeContainer(_ ref: String, force: Bool, volumes: Bool, link: Bool) async throws {
        if link { throw Refusals.refusal("removing a link") }
        let container = try find(ref)
        try await finishing { try await container.remove(ref: ref, force: force, volumes: volumes) }
    }

    /// Registers at once; the result comes when the condition holds.
    package func waitContainer(_ ref: String, condition: WaitCondition) throws -> ContainerWait {
        let container = try find(ref)
        let wait = container.waits.register(condition)
        // Looked at after registering: what happens in between is not missed.
        guard let record = services.table.entry(id: container.id)?.record else {
            if condition == .removed || condition == .notRunning {
                return .immediate(WaitResponse(statusCode: 0))
            }
            throw ContainerTable.missing(ref)
        }
        if condition == .notRunning, !record.state.running, record.state.status != "removing" {
            return .immediate(WaitResponse(statusCode: Int64(record.state.exitCode)))
        }
        return wait
    }

    /// Registers the client and returns, so that the server can answer the head; the socket is taken when the container
    /// runs.
    package func attachContainer(_ ref: String, _ options: AttachOptions, stream: any ClientStream) async throws {
        try await find(ref).attach(options, stream: stream)
    }

    /// Decides the media type of attach.
    package func attachIsTerminal(_ ref: String) throws -> Bool { try services.table.find(ref).record.config.tty }

    package func resizeContainer(_ ref: String, height: Int, width: Int) async throws {
        try await find(ref).resize(height: height, width: width)
    }

    package func logs(_ ref: String, _ options: LogOptions) async throws -> ContainerLogs {
        try await find(ref).logs(options)
    }

    package func top(_ ref: String, arguments: String?) async throws -> TopResponse {
        let record = try services.table.find(ref).record
        guard record.state.running else {
            throw EngineError(.conflict, "container \(record.id) is not running")
        }
        guard !record.state.restarting else { throw try find(ref).restartingError(record.id) }
        let services = services
        return try await BlockingPool.shared.run(key: record.id) {
            try Top.processes(CgroupAccess.processes(record.id, services), arguments: arguments)
        }
    }
}

// MARK: Files

extension Engine {
    /// What the container has changed of its image's files.
    package func changes(_ ref: String) async throws -> [FilesystemChange] {
        let id = try services.table.find(ref).record.id
        let images = services.images
        return try await BlockingPool.shared.run(key: id) {
            try images.changes(id).map { FilesystemChange(path: $0.path, kind: $0.kind.rawValue) }
        }
    }
}

// MARK: Exec

extension Engine {
    /// Returns the exec's ID.
    package func createExec(_ ref: String, _ request: ExecCreateRequest) async throws -> String {
        try await find(ref).createExec(request, ref: ref)
    }

    /// With a stream: returns at once, so that the server can answer the head; the client hears of a failure on the
    /// stream, as from Docker. Without one: returns when the process runs.
    package func startExec(_ id: String, _ request: ExecStartRequest, stream: (any ClientStream)?) async throws {
        try await container(ofExec: id).startExec(id, request, stream: stream)
    }

    package func inspectExec(_ id: String) async throws -> ExecInspect {
        try await container(ofExec: id).inspectExec(id)
    }

    package func resizeExec(_ id: String, height: Int, width: Int) async throws {
        try await container(ofExec: id).resizeExec(id, height: height, width: width)
    }

    package func execIsTerminal(_ id: String) throws -> Bool { try services.execs.isTerminal(id) }

    private func container(ofExec id: String) throws(EngineError) -> Container {
        guard let entry = services.table.entry(id: try services.execs.container(of: id)) else {
            throw ExecIndex.missing(id)
        }
        return entry.container
    }
}
