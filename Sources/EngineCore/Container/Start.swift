// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Images
internal import JSON
internal import Linux
internal import Logging
internal import Networking
internal import OCI
internal import Shim

extension Container {
    /// Starts the container, or throws with everything as it was before.
    func start() async throws {
        switch await settle() {
        case .running, .restarting: throw EngineError(.notModified, "container \(record.name) is already running")
        case .paused:
            throw EngineError(.conflict, "cannot start a paused container, try unpause instead")
        case .removed: throw ContainerTable.missing(id)
        case .created, .exited: break
        case .starting, .exiting, .removing: throw EngineError(.conflict, "container \(id) is busy")
        }
        guard forcedRemovals == 0 else {
            throw EngineError(.conflict, "container is marked for removal and cannot be started")
        }
        forgetRestarts()
        try await begin()
    }

    /// The start of a container that is at rest, or waits to be started again.
    func begin() async throws {
        let wasCreated = if case .created = phase { true } else { false }
        let wasRestarting = record.state.restarting
        enter(.starting)
        var undo = UndoStack(observer: services.configuration.stepObserver)
        do {
            let (running, sandbox) = try await launch(&undo)
            undo.commit()
            became(running, sandbox)
        } catch {
            for failure in await undo.unwind() {
                services.logger.error(
                    "a failed start left something behind",
                    metadata: ["container": "\(id)", "step": "\(failure.step)", "error": "\(failure.error)"])
            }
            let failure = StartFailure(error)
            enter(wasCreated ? .created : .exited) { record in
                // A restart that fails leaves the code of the run before.
                let keepsCode = wasRestarting && record.state.exitCode != 0
                record.state.rest()
                if wasCreated { record.state.status = "created" }
                if !keepsCode { record.state.exitCode = failure.exitCode }
                record.state.error = failure.error.message
                record.sandbox = nil
            }
            services.writer.save(record)
            if wasRestarting {
                waits.resolve([.notRunning, .nextExit], WaitResponse(statusCode: Int64(record.state.exitCode)))
            }
            dropAttaches()
            if record.autoRemove { try? await removeAfterExit() }
            throw failure.error
        }
    }

    /// The steps of a start, each with its way back.
    private func launch(_ undo: inout UndoStack) async throws -> (Running, Sandbox) {
        let services = services
        let id = id
        let joined = try await JoinedNamespaces.open(record, services)
        if let owner = joined.networkOwner {
            update { record in
                // It may be on another's network itself.
                record.filesOwner = owner.filesOwner ?? owner.id
                record.config.hostname = owner.config.hostname
                record.config.domainname = owner.config.domainname
            }
        }
        let record = record
        let run = services.configuration.runDirectory(id)

        // The namespace with its cable, and the file system, need nothing of each other.
        let plan = try services.networks.plan(SandboxRequest(record))
        try undo.push("network") { await services.networks.release(id) }
        async let sandboxTask = services.networks.apply(plan)
        async let groundTask = BlockingPool.shared.run(key: id) { try Ground.prepare(record, services) }
        let ground = try await groundTask
        let sandbox = try await sandboxTask
        try undo.passed("ground and sandbox")

        try undo.push("run directory") {
            try await BlockingPool.shared.run(key: id) {
                try HostPath.removeTree(id, in: services.configuration.execRoot + "/containers")
            }
        }
        let shim = try await BlockingPool.shared.run(key: id) {
            var mounts = ground.mounts
            // Unless the user has something else there.
            if let memory = joined.sharedMemory, !record.hasOwnMount(at: "/dev/shm") { mounts["/dev/shm"] = memory }
            let handed = try RunDirectory.write(record, ground, sandbox, mounts, services)
            var descriptors = ShimDescriptors()
            descriptors.rootfs = ground.rootfs
            descriptors.networkNamespace = sandbox.networkNamespace ?? joined.network
            descriptors.pidNamespace = joined.pid
            descriptors.ipcNamespace = joined.ipc
            descriptors.mounts = handed
            return try services.launcher.launch(directory: run, descriptors)
        }
        try undo.push("shim") {
            let kill = ShimRequest.Body.signal(SignalRequest(signal: Signals.kill, all: true))
            let failure = await Self.failure { try await shim.send(kill, within: Self.shimPatience) }
            shim.close()
            try await BlockingPool.shared.run(key: id) {
                if (failure as? Errno)?.code == .timedOut { try ShimProcess.kill(directory: run) }
                try CgroupAccess.killAndRemove(id, services)
            }
        }
        await giveAttaches(to: shim)
        guard case .started(let pid, let at) = try await shim.send(.start) else {
            throw EngineError(.system, "the shim gave no answer to start")
        }
        try undo.passed("started")
        return (Running(shim: shim, pid: pid, startedAt: Timestamp(nanoseconds: at)), sandbox)
    }

    private static func failure(_ body: () async throws -> some Sendable) async -> (any Error)? {
        do { _ = try await body() } catch { return error }
        return nil
    }

    /// The container runs: shows it, tells of it, and listens to its shim.
    func became(_ running: Running, _ sandbox: Sandbox?) {
        execs = [:]
        services.execs.remove(container: id)
        enter(.running(running)) { record in
            record.state.status = "running"
            record.state.running = true
            record.state.paused = false
            record.state.restarting = false
            record.state.dead = false
            record.state.oomKilled = false
            record.state.pid = Int(running.pid)
            record.state.exitCode = 0
            record.state.error = ""
            record.state.startedAt = running.startedAt
            if let sandbox {
                record.networks = sandbox.networks
                record.sandbox = SandboxRecord(id: sandbox.sandboxID, key: sandbox.key, ports: sandbox.ports)
            }
        }
        services.writer.save(record)
        if let sandbox { services.tellNetwork("connect", record, sandbox.networks) }
        for mount in record.mounts where mount.point.type == "volume" {
            services.tellVolume("mount", mount.point, record)
        }
        beginHealthChecks()
        services.tell("start", record)
        if sandbox != nil { nameNamespace(pid: running.pid) }
        listen(to: running.shim)
    }

    /// Ends when the connection to the shim closes, as it does with the container.
    func listen(to shim: ShimConnection) {
        Task {
            for await event in shim.events { await self.hear(event, from: shim) }
            await self.lost(shim)
        }
    }

    /// A convenience for `nsenter`, which a start does not wait for; `giveBack` does.
    private func nameNamespace(pid: Int32) {
        let networks = services.networks
        let id = id
        // Ends with the call.
        naming = Task { try? await BlockingPool.shared.run { networks.nameNamespace(of: id, pid: pid) } }
    }
}

/// Why a start failed, in Docker's words and with its exit code.
struct StartFailure {
    var error: EngineError
    /// 127: not found; 126: not executable; 128: anything else.
    var exitCode: Int

    init(_ error: any Error) {
        exitCode = 128
        switch error {
        case let failure as ShimFailure:
            let prefix =
                "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: "
            switch failure.code {
            case .notFound, .notExecutable:
                exitCode = failure.code == .notFound ? 127 : 126
                let message = failure.message
                self.error = EngineError(
                    .invalidParameter,
                    prefix + (message.hasPrefix("exec:") ? "error during container init: " : "") + message,
                    cause: failure)
            case .invalid: self.error = EngineError(.invalidParameter, prefix + failure.message, cause: failure)
            case .unsupported: self.error = EngineError(.notImplemented, failure.message, cause: failure)
            case .system: self.error = EngineError(.system, prefix + failure.message, cause: failure)
            }
        case let error as EngineError: self.error = error
        default: self.error = EngineError(.system, "failed to start the container: \(error)", cause: error)
        }
    }
}

extension SandboxRequest {
    init(_ record: ContainerRecord) {
        self.init(containerID: record.id, name: record.name, networkMode: record.hostConfig.networkMode)
        endpoints = record.requestedNetworks
        exposedPorts = (record.config.exposedPorts ?? [:]).keys.sorted()
        portBindings = record.hostConfig.portBindings ?? [:]
        publishAllPorts = record.hostConfig.publishAllPorts
        macAddress = record.config.macAddress ?? ""
    }
}
