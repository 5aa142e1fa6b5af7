// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import JSON
internal import Linux
internal import Logging
internal import Networking
internal import Shim

// Starting a container again after it has ended, as its policy says.

extension Container {
    /// How long to wait before it is started again; nil: it is not.
    func nextRestart(after exit: ExitRecord) -> Int64? {
        guard !isStopRequested, forcedRemovals == 0, !isRestarting else { return nil }
        let rule = record.restartRule
        guard rule.wants(exitCode: Int(exit.code)) else { return nil }
        let started = record.state.startedAt
        return rule.delay(ranFor: (exit.atNanoseconds - started.nanoseconds) / 1_000_000_000)
    }

    /// The container waits in its back-off: sets the alarm that ends it.
    func armRestart(afterMilliseconds delay: Int64) {
        services.alarms.set(id, .restart, after: .milliseconds(delay)) { [weak self] in await self?.startAgain() }
    }

    private func startAgain() async {
        guard case .restarting = phase else { return }
        // Awaited here: a daemon that ends lets it come to its end.
        await Task { await self.tryAgain() }.value
    }

    /// A start that fails ends the restarts, as with Docker.
    private func tryAgain() async {
        guard case .restarting = phase, forcedRemovals == 0 else { return }
        do { try await begin() } catch {
            services.logger.error(
                "a container could not be started again", metadata: ["container": "\(id)", "error": "\(error)"])
        }
    }

    /// Somebody wants it stopped while it waits to be started again: then it stays as it is. Its end has been told.
    func cancelRestart() {
        guard case .restarting = phase else { return }
        services.alarms.cancel(id, .restart)
        enter(.exited) { $0.state.rest() }
        services.writer.save(record)
        waits.resolve([.notRunning, .nextExit], WaitResponse(statusCode: Int64(record.state.exitCode)))
    }

    /// Remembers that somebody sends it `signal`, BEFORE it is sent. Whether the policy is over with that: SIGKILL and
    /// the stop signal mean it; where no stop signal is set Docker takes any for it.
    @discardableResult
    func note(signal: Int32) -> Bool {
        let own = record.config.stopSignal ?? ""
        let isFinal = signal == Signals.kill || own.isEmpty || Signals.number(own) == signal
        if isFinal { isStopRequested = true }
        guard record.restart?.stoppedByHand != true else { return isFinal }
        update { record in
            var memory = record.restart ?? RestartMemory()
            memory.stoppedByHand = true
            record.restart = memory
        }
        if !record.hostConfig.restartPolicy.isNone { services.writer.save(record) }
        return isFinal
    }

    /// A start by hand: as if there had been no restart before.
    func forgetRestarts() {
        isStopRequested = false
        guard record.restart != nil || record.restartCount != 0 else { return }
        update { record in
            record.restart = nil
            record.restartCount = 0
        }
    }

    // MARK: After the daemon was down

    /// It waited when the last daemon died, or the last daemon's restart did not come to its end: goes on waiting.
    func resumeRestart() async {
        let services = services
        let id = id
        try? await BlockingPool.shared.run(key: id) { try CgroupAccess.killAndRemove(id, services) }
        await giveBack(recording: nil)
        enter(.restarting) { record in
            record.state.pid = 0
            record.networks = services.networks.restingEndpoints(SandboxRequest(record))
            record.sandbox = nil
        }
        let delay = record.restart?.backOffMilliseconds ?? 0
        let over = (Timestamp.now.nanoseconds - record.state.finishedAt.nanoseconds) / 1_000_000
        armRestart(afterMilliseconds: max(0, min(delay, delay - over)))
    }

    /// The daemon starts and finds it stopped: starts it if its policy says so. `created` is for the user to start.
    func startWithDaemon() {
        guard case .exited = phase, record.state.startedAt != .zero, record.restartRule.wantsAtDaemonStart() else {
            return
        }
        services.alarms.set(id, .restart, after: .zero) { [weak self] in
            // Awaited here: a daemon that ends lets it come to its end.
            await Task { await self?.startStopped() }.value
        }
    }

    private func startStopped() async {
        // A client may have been faster.
        guard case .exited = phase else { return }
        do { try await start() } catch {
            services.logger.error(
                "a container could not be started with the daemon",
                metadata: ["container": "\(id)", "error": "\(error)"])
        }
    }
}

extension ContainerState {
    /// It is not started again.
    mutating func rest() {
        status = "exited"
        running = false
        restarting = false
    }
}
