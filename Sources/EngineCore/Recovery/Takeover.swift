// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import JSON
internal import Linux
internal import Logging
internal import Networking
internal import OCI
internal import Shim

/// What became of one container while no daemon was there: found out from its run directory, which tells more than the
/// record, as that may lag behind.
struct Takeover: Sendable {
    enum Finding: Sendable {
        /// As the record says: created or exited.
        case atRest
        case running(Running, paused: Bool, execs: [Exec] = [])
        /// It ended while nobody looked, or its supervisor was killed.
        case ended(ExitRecord)
        /// A start was under way: it is taken back.
        case halfStarted
        /// It waits to be started again, and its end has been told.
        case waiting
    }

    var record: ContainerRecord
    var finding: Finding

    /// Seconds that a supervisor has to say how its container is.
    private static let patience = 3.0

    var isLive: Bool { if case .running = finding { true } else { false } }

    /// Throws when it can't be found out whether there is a supervisor: nothing is known of the container then, least
    /// of all that it has ended.
    static func find(_ record: ContainerRecord, _ services: Services) async throws(Errno) -> Takeover {
        let directory = services.configuration.runDirectory(record.id)
        let exists = (try? await BlockingPool.shared.run { HostPath.exists(directory) }) ?? false
        guard exists else {
            // The machine was restarted, or the record is late: without a run directory nothing runs.
            if record.state.restarting { return Takeover(record: record, finding: .waiting) }
            return Takeover(
                record: record, finding: record.state.running ? .ended(await dead(record, services)) : .atRest)
        }
        if let shim = try connect(directory) {
            if let finding = await ask(shim, record) { return Takeover(record: record, finding: finding) }
            shim.close()
        }
        let id = record.id
        if let exit = try? await BlockingPool.shared.run(key: id, { ExitFile.read(id, services) }) {
            // Even where the record knows of it: what the container had may not have been given back yet.
            let isTold = record.state.restarting && record.state.finishedAt.nanoseconds == exit.atNanoseconds
            if isTold { return Takeover(record: record, finding: .waiting) }
            return Takeover(record: record, finding: .ended(exit))
        }
        let wasRunning = record.state.running && !record.state.restarting
        let exit = await dead(record, services)
        return Takeover(record: record, finding: wasRunning ? .ended(exit) : .halfStarted)
    }

    /// The shim; nil when nobody listens.
    private static func connect(_ directory: String) throws(Errno) -> ShimConnection? {
        do {
            return try ShimConnection.connect(directory: directory)
        } catch  where error.code == .connectionRefused || error.code == .noEntry {
            return nil
        }
    }

    /// What a living shim says; nil when it is about to end, so that its exit record counts.
    private static func ask(_ shim: ShimConnection, _ record: ContainerRecord) async -> Finding? {
        let state: ShimState
        do {
            guard case .state(let answer) = try await shim.send(.state, within: patience) else { return nil }
            state = answer
        } catch let error as Errno where error.code == .timedOut && record.state.running {
            // Stopped, or stuck: its container may be well, so it is left as it is. Whoever wants it gone kills both.
            let pid = Int32(clamping: record.state.pid)
            return .running(
                Running(shim: shim, pid: pid, startedAt: record.state.startedAt), paused: record.state.paused)
        } catch {
            return nil
        }
        switch state.status {
        case .running, .paused:
            let isKnown = record.state.running && !record.state.restarting
            let startedAt = isKnown ? record.state.startedAt : .now
            let running = Running(shim: shim, pid: state.pid, startedAt: startedAt)
            return .running(
                running, paused: state.status == .paused || record.state.paused, execs: state.takenExecs)
        case .creating, .created:
            _ = try? await shim.send(.signal(SignalRequest(signal: Signals.kill, all: true)), within: patience)
            shim.close()
            return .halfStarted
        case .stopped:
            // It waits for its output to drain, or writes its record right now: the connection tells when it is done.
            // Not so one that could not make its container and is asked nothing more.
            let limit = Task {
                try await Task.sleep(for: .seconds(patience))
                shim.close()
            }
            defer { limit.cancel() }
            for await event in shim.events { if case .exited(let exit) = event { return .ended(exit) } }
            return nil
        }
    }

    /// The supervisor is gone without a word: so must be what it watched over.
    private static func dead(_ record: ContainerRecord, _ services: Services) async -> ExitRecord {
        let id = record.id
        do {
            let directory = services.configuration.runDirectory(id)
            try await BlockingPool.shared.run(key: id) {
                // One that hangs would take what it watched over for its own again, should it go on.
                _ = try? ShimProcess.kill(directory: directory)
                try CgroupAccess.killAndRemove(id, services)
            }
        } catch {
            services.logger.error(
                "a dead container's processes could not be ended",
                metadata: ["container": "\(id)", "error": "\(error)"])
        }
        return .killed
    }

    /// Makes the container known, in the phase it was found in.
    func adopt(_ services: Services, _ sandbox: Sandbox?) async -> Container {
        switch finding {
        case .atRest:
            let container = make(record.isFresh || record.state.status == "created" ? .created : .exited, services)
            return container
        case .running(let running, let paused, let execs):
            let container = make(paused ? .paused(running) : .running(running), services)
            await container.resume(running, paused: paused, sandbox, execs)
            return container
        case .ended(let exit):
            let container = make(.exiting, services)
            await container.endedUnseen(exit)
            return container
        case .halfStarted:
            let container = make(.exiting, services)
            if record.state.restarting { await container.resumeRestart() } else { await container.takeBackStart() }
            return container
        case .waiting:
            let container = make(.exiting, services)
            await container.resumeRestart()
            return container
        }
    }

    private func make(_ phase: Phase, _ services: Services) -> Container {
        let container = Container(record, phase: phase, services: services)
        services.table.insert(container, record)
        return container
    }
}

extension Container {
    /// A container that ran on without a daemon, and processes in it.
    func resume(_ running: Running, paused: Bool, _ sandbox: Sandbox?, _ taken: [Exec]) {
        for exec in taken { keep(exec) }
        update { record in
            record.state.status = paused ? "paused" : "running"
            record.state.running = true
            record.state.paused = paused
            record.state.restarting = false
            record.state.pid = Int(running.pid)
            record.state.startedAt = running.startedAt
            if let sandbox {
                record.networks = sandbox.networks
                record.sandbox = SandboxRecord(id: sandbox.sandboxID, key: sandbox.key, ports: sandbox.ports)
            }
        }
        services.writer.save(record)
        listen(to: running.shim)
        resumeHealthChecks(paused: paused)
    }

    /// A container that ended while there was no daemon.
    func endedUnseen(_ exit: ExitRecord) async {
        endHealthChecks()
        let delay = nextRestart(after: exit)
        var ended = record
        ended.end(exit, restartingIn: delay)
        await giveBack(recording: ended)
        finish(exit, restartingIn: delay)
    }

    /// A start that a killed daemon did not finish: as if it had never been.
    func takeBackStart() async {
        let services = services
        let id = id
        try? await BlockingPool.shared.run(key: id) { try CgroupAccess.killAndRemove(id, services) }
        await giveBack(recording: nil)
        let wasStarted = record.state.startedAt != .zero
        enter(.exited) { record in
            record.state.status = wasStarted ? "exited" : "created"
            record.state.running = false
            record.state.paused = false
            record.state.pid = 0
            record.sandbox = nil
        }
        services.writer.save(record)
    }
}
