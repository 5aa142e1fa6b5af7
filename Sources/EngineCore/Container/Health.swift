// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import JSON
internal import Linux
internal import Logging
internal import Shim

/// A health check that has been asked for and has not ended.
struct HealthProbe: Sendable {
    let execID: String
    let startedAt: Timestamp
}

/// A container's health check, with Docker's defaults filled in. Times in milliseconds.
struct HealthPlan: Sendable, Equatable {
    /// Bytes of a check's output that are kept.
    static let outputLimit = 4096
    /// Checks whose results are kept.
    static let logLength = 5

    let command: [String]
    let interval: Int64
    let timeout: Int64
    let startPeriod: Int64
    let startInterval: Int64
    let retries: Int

    /// nil: there is none, or it is switched off.
    init?(_ config: ContainerConfig) {
        guard let check = config.healthcheck, let test = check.test, test.count > 1 else { return nil }
        switch test[0] {
        case "CMD": command = Array(test.dropFirst())
        case "CMD-SHELL":
            let shell = config.shell ?? []
            command = (shell.isEmpty ? ["/bin/sh", "-c"] : shell) + test.dropFirst()
        default: return nil
        }
        let time = { (nanoseconds: Int64?, seconds: Int64) in
            let given = nanoseconds ?? 0
            return given == 0 ? seconds * 1000 : max(1, given / 1_000_000)
        }
        interval = time(check.interval, 30)
        timeout = time(check.timeout, 30)
        startPeriod = time(check.startPeriod, 0)
        startInterval = time(check.startInterval, 5)
        retries = (check.retries ?? 0) > 0 ? check.retries ?? 3 : 3
    }

    /// How long to wait for the next check, of a container that runs for `running` milliseconds.
    func pause(status: String, running: Int64) -> Int64 {
        running < startPeriod && status == "starting" ? startInterval : interval
    }

    /// Enters the result of a check into what is known.
    func enter(_ result: HealthcheckResult, into health: inout Health, startedAt: Timestamp) {
        health.log = ((health.log ?? []) + [result]).suffix(Self.logLength)
        if result.exitCode == 0 {
            health.failingStreak = 0
            health.status = "healthy"
            return
        }
        let running = (result.start.nanoseconds - startedAt.nanoseconds) / 1_000_000
        if health.status == "starting", running < startPeriod { return }
        health.failingStreak += 1
        if health.failingStreak >= retries { health.status = "unhealthy" }
    }
}

// A check is an exec whose output and time the supervisor looks after. Nobody waits for it: the alarm begins it, and
// the news of its end sets the next alarm. So the checks of a paused or ended container are none.
extension Container {
    private var plan: HealthPlan? { HealthPlan(record.config) }

    /// The container has just started. Its record is changed, and shown with the next change.
    func beginHealthChecks() {
        guard plan != nil else { return }
        update { record in
            record.state.health = Health(status: "starting", log: record.state.health?.log ?? [])
        }
        services.writer.save(record)
        scheduleProbe()
    }

    /// A new daemon has found the container running: what was known of its health stays.
    func resumeHealthChecks(paused: Bool) {
        guard plan != nil else { return }
        if record.state.health == nil {
            update { $0.state.health = Health(status: "starting", log: []) }
        }
        if !paused { scheduleProbe() }
    }

    /// No more checks; one that is under way counts no more. As with Docker, who is not watched over is not healthy.
    func endHealthChecks() {
        guard record.state.health != nil else { return }
        services.alarms.cancel(id, .healthCheck)
        if let probe, let running = phase.running {
            // Ends with the answer: the process, if it still runs, dies when it is thawed.
            Task {
                _ = try? await running.shim.send(.signal(SignalRequest(execID: probe.execID, signal: Signals.kill)))
            }
        }
        probe = nil
        update { $0.state.health?.status = "unhealthy" }
    }

    func scheduleProbe() {
        guard let plan, case .running = phase, let health = record.state.health else { return }
        let running = (Timestamp.now.nanoseconds - record.state.startedAt.nanoseconds) / 1_000_000
        let pause = plan.pause(status: health.status, running: running)
        services.alarms.set(id, .healthCheck, after: .milliseconds(pause)) { [weak self] in await self?.check() }
    }

    private func check() async {
        guard let plan, case .running(let running) = phase, probe == nil else { return }
        var request = ExecCreateRequest()
        request.cmd = plan.command
        request.user = record.config.user
        request.workingDir = record.config.workingDir
        let exec = Exec(id: Identifier.random(), request: request, detachKeys: [])
        let begun = HealthProbe(execID: exec.id, startedAt: .now)
        probe = begun
        let words = plan.command.joined(separator: " ")
        services.tell("exec_create: " + words, record, ["execID": exec.id])
        services.tell("exec_start: " + words, record, ["execID": exec.id])
        do {
            let process = try await process(of: exec, ExecStartRequest(), running)
            var run = ExecRequest(execID: exec.id, process: process, privileged: false, attach: nil)
            run.capture = HealthPlan.outputLimit
            run.limitMilliseconds = plan.timeout
            try await running.shim.send(.exec(run), within: Self.shimPatience)
        } catch {
            guard probe?.execID == exec.id, phase.running != nil else { return }
            let text = (error as? ShimFailure).map { Self.execFailure + $0.message } ?? "\(error)"
            conclude(begun, code: -1, text)
        }
    }

    /// The supervisor tells that the check has ended.
    func probeEnded(_ exit: ExitRecord) {
        guard let plan, let probe else { return }
        services.tell("exec_die", record, ["execID": probe.execID, "exitCode": String(exit.code)])
        let output = String(decoding: exit.output ?? [], as: UTF8.self)
        guard exit.timedOut == true else { return conclude(probe, code: Int(exit.code), output) }
        let text = "Health check exceeded timeout (\(GoDuration.text(milliseconds: plan.timeout)))"
        conclude(probe, code: -1, output.isEmpty ? text : "\(text): \(output)")
    }

    private func conclude(_ ended: HealthProbe, code: Int, _ output: String) {
        probe = nil
        guard let plan, case .running = phase, let before = record.state.health else { return }
        let result = HealthcheckResult(start: ended.startedAt, end: .now, exitCode: code, output: output)
        update { record in
            var health = before
            plan.enter(result, into: &health, startedAt: record.state.startedAt)
            record.state.health = health
        }
        let status = record.state.health?.status ?? ""
        if status != before.status {
            // The results in between are found out again: no write for each.
            services.writer.save(record)
            services.tell("health_status: " + status, record)
        }
        scheduleProbe()
    }
}
