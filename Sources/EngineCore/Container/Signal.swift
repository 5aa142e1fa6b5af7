// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Linux
internal import Logging
internal import Shim

extension Container {
    /// Seconds that a process has to obey SIGKILL before that is an error.
    static let killPatience = 10.0
    static let stopPatience = 10
    /// Seconds that a supervisor has to take a request; one that does not (it is stopped, or hangs on a log's disk) is
    /// gone round.
    static let shimPatience = 5.0

    /// Sends a signal; of SIGKILL it also waits for the effect. `ref` is how the client named the container.
    func kill(signal name: String?, ref: String) async throws {
        let text = name ?? ""
        guard let signal = text.isEmpty ? Signals.kill : Signals.number(text) else {
            throw EngineError(.invalidParameter, "cannot kill container: \(ref): invalid signal: \(text)")
        }
        let stopped = EngineError(.conflict, "cannot kill container: \(ref): container \(id) is not running")
        if case .restarting = await settle() {
            if note(signal: signal) { cancelRestart() }
            return
        }
        let running = try await settledRunning(stopped)
        if signal == Signals.kill {
            try await killAndWait()
        } else {
            try await send(signal, to: running)
        }
    }

    /// Signals the process; a frozen one is thawed for SIGKILL, which it would otherwise not get.
    private func send(_ signal: Int32, to running: Running) async throws {
        note(signal: signal)
        do {
            try await running.shim.send(.signal(SignalRequest(signal: signal)), within: Self.shimPatience)
        } catch let error as Errno where error.code == .connectionReset {
            // The supervisor has gone, and the container with it: the daemon is about to learn how it ended.
            return
        } catch let error as Errno where error.code == .timedOut && signal == Signals.kill {
            try await endShim(running)
        } catch {
            // It ended meanwhile: what was asked for is so.
            if phase.running == nil { return }
            throw EngineError(.system, "cannot signal container \(id): \(error)", cause: error)
        }
        if signal == Signals.kill, case .paused = phase { try await unpause(ref: id) }
        services.tell("kill", record, ["signal": String(signal)])
    }

    /// Kills the process, by its supervisor or, if that does not help, with it; waits until it is gone.
    func killAndWait() async throws {
        if case .restarting = await settle() {
            note(signal: Signals.kill)
            return cancelRestart()
        }
        guard let running = await settle().running else { return }
        try await send(Signals.kill, to: running)
        if await waitForExit(seconds: Self.killPatience) { return }
        try await endShim(running)
        if await waitForExit(seconds: Self.killPatience) { return }
        throw EngineError(
            .system, "cannot kill container \(id): tried to kill container, but did not receive an exit event")
    }

    /// Kills a supervisor that does not do its work. Its connection ends with it, and then `lost` ends the container.
    private func endShim(_ running: Running) async throws {
        guard phase.running?.shim === running.shim else { return }
        services.logger.warning(
            "a container's supervisor does not answer; ending both", metadata: ["container": "\(id)"])
        let directory = services.configuration.runDirectory(id)
        try await BlockingPool.shared.run(key: id) { _ = try ShimProcess.kill(directory: directory) }
    }

    /// Asks the process to end, then makes it. `timeout`: seconds; negative: never.
    func stop(timeout: Int?, signal name: String?) async throws {
        let signal = try stopSignal(name)
        if case .restarting = await settle() {
            note(signal: Signals.kill)
            cancelRestart()
            return services.tell("stop", record)
        }
        guard let running = await settle().running else {
            throw EngineError(.notModified, "container \(record.name) is not running")
        }
        if case .paused = phase { try await unpause(ref: id) }
        do {
            try await send(signal, to: running)
        } catch let error as EngineError where (error.cause as? Errno)?.code == .timedOut {
            // Nobody passes the signal on: there is nothing to wait for.
            try await killAndWait()
        }
        let patience = timeout ?? record.config.stopTimeout ?? Self.stopPatience
        if !(await waitForExit(seconds: patience < 0 ? nil : Double(patience))) { try await killAndWait() }
        services.tell("stop", record)
    }

    private func stopSignal(_ name: String?) throws(EngineError) -> Int32 {
        let text = [name, record.config.stopSignal].compactMap { $0 }.first { !$0.isEmpty } ?? "SIGTERM"
        guard let signal = Signals.number(text) else {
            throw EngineError(.invalidParameter, "invalid signal: \(text)")
        }
        return signal
    }

    func restart(timeout: Int?, signal: String?) async throws {
        isRestarting = true
        defer { isRestarting = false }
        do {
            try await stop(timeout: timeout, signal: signal)
        } catch let error as EngineError where error.code == .notModified {
            // It does not run: restart starts it.
        }
        try await start()
        services.tell("restart", record)
    }

    func resize(height: Int, width: Int) async throws {
        let running = try await settledRunning(EngineError(.conflict, "container \(id) is not running"))
        try await Self.resize(running.shim, execID: nil, height, width)
        services.tell("resize", record, ["height": String(height), "width": String(width)])
    }

    static func resize(_ shim: ShimConnection, execID: String?, _ height: Int, _ width: Int) async throws {
        guard let height = UInt16(exactly: height), let width = UInt16(exactly: width) else {
            throw EngineError(.invalidParameter, "invalid terminal size: \(height) by \(width)")
        }
        do {
            try await shim.send(.resize(ResizeRequest(execID: execID, height: height, width: width)))
        } catch {
            throw EngineError(.system, "cannot resize the terminal: \(error)", cause: error)
        }
    }
}
