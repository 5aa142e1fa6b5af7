// SPDX-License-Identifier: Apache-2.0

internal import Cgroups
internal import EngineAPI
internal import JSON
internal import Linux
internal import Logging
internal import Networking
internal import Shim

extension Container {
    /// What a shim says on its own.
    func hear(_ event: ShimReply.Body, from shim: ShimConnection) async {
        guard phase.running?.shim === shim else { return }
        switch event {
        case .exited(let exit): await ended(exit, shim)
        case .execExited(let execID, let exit):
            if probe?.execID == execID { probeEnded(exit) } else { execEnded(execID, exit) }
        case .outOfMemory:
            update { $0.state.oomKilled = true }
            services.tell("oom", record)
        case .detached(let execID):
            services.tell(execID == nil ? "detach" : "exec_detach", record, execID.map { ["execID": $0] } ?? [:])
        case .ok, .started, .state, .error: break
        }
    }

    /// The connection closed. Without an exit record, somebody killed the shim: then what it watched over must go too.
    func lost(_ shim: ShimConnection) async {
        guard phase.running?.shim === shim else { return }
        let services = services
        let id = id
        var exit: ExitRecord?
        do {
            exit = try await BlockingPool.shared.run(key: id) { () -> ExitRecord? in
                if let exit = ExitFile.read(id, services) { return exit }
                try CgroupAccess.killAndRemove(id, services)
                return nil
            }
        } catch {
            services.logger.error(
                "what a dead supervisor watched over could not be ended",
                metadata: ["container": "\(id)", "error": "\(error)"])
        }
        guard phase.running?.shim === shim else { return }
        if exit == nil {
            services.logger.warning("a container's supervisor is gone", metadata: ["container": "\(id)"])
        }
        await ended(exit ?? .killed, shim)
    }

    /// Teardown: start in reverse. Nothing stops it; what fails is logged.
    private func ended(_ exit: ExitRecord, _ shim: ShimConnection) async {
        enter(.exiting)
        endHealthChecks()
        let delay = nextRestart(after: exit)
        var ended = record
        ended.end(exit, restartingIn: delay)
        // A container that is removed next needs no record of its exit.
        await giveBack(recording: record.autoRemove && !isRestarting ? nil : ended)
        shim.close()
        finish(exit, restartingIn: delay)
        if record.autoRemove, !isRestarting { try? await removeAfterExit() }
    }

    /// Releases the network and the run directory of a container whose process has ended.
    ///
    /// The record is written BEFORE the exit record goes with the run directory: a daemon that is killed in between
    /// must find one of them.
    func giveBack(recording ended: ContainerRecord?) async {
        let services = services
        let id = id
        await naming?.value
        naming = nil
        async let network: Void = services.networks.release(id)
        if let ended { await services.writer.write(ended) }
        do {
            try await BlockingPool.shared.run(key: id) {
                try HostPath.removeTree(id, in: services.configuration.execRoot + "/containers")
            }
        } catch {
            services.logger.error(
                "a run directory could not be removed", metadata: ["container": "\(id)", "error": "\(error)"])
        }
        await network
    }

    /// Records the exit, shows it, tells of it, and answers those who wait; with a delay, sets the alarm for the next
    /// start.
    func finish(_ exit: ExitRecord, restartingIn delay: Int64?) {
        let endpoints = record.networks
        let started = record.state.startedAt
        for id in execs.keys { execs[id]?.endWithContainer() }
        resumeExecWaiters()
        enter(delay == nil ? .exited : .restarting) { record in
            record.end(exit, restartingIn: delay)
            record.networks = services.networks.restingEndpoints(SandboxRequest(record))
            record.sandbox = nil
        }
        services.writer.save(record)
        followers.finishAll()
        services.tellNetwork("disconnect", record, endpoints)
        for mount in record.mounts where mount.point.type == "volume" {
            services.tellVolume("unmount", mount.point, record)
        }
        let duration = max(0, exit.atNanoseconds - started.nanoseconds) / 1_000_000_000
        services.tell("die", record, ["exitCode": String(exit.code), "execDuration": String(duration)])
        waits.resolve([.notRunning, .nextExit], WaitResponse(statusCode: Int64(exit.code)))
        if let delay { armRestart(afterMilliseconds: delay) }
    }
}

extension ContainerState {
    mutating func end(_ exit: ExitRecord) {
        status = "exited"
        running = false
        paused = false
        pid = 0
        exitCode = Int(exit.code)
        oomKilled = oomKilled || exit.oomKilled
        finishedAt = Timestamp(nanoseconds: exit.atNanoseconds)
    }
}

extension ExitRecord {
    /// Of a container whose supervisor was killed.
    static var killed: ExitRecord {
        ExitRecord(code: 137, signal: Signals.kill, oomKilled: false, atNanoseconds: Timestamp.now.nanoseconds)
    }
}

/// The exit record that a shim left in the run directory.
enum ExitFile {
    /// Blocking. nil: there is none.
    static func read(_ id: String, _ services: Services) -> ExitRecord? {
        let path = services.configuration.runDirectory(id) + "/" + ShimConfiguration.FileName.exit
        guard let bytes = try? HostPath.read(path, limit: 65536) else { return nil }
        return try? JSON.decode(ExitRecord.self, from: bytes)
    }
}
