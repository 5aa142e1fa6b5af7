// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Linux

extension Container {
    func pause(ref: String) async throws {
        let running: Running
        switch await settle() {
        case .running(let value): running = value
        case .paused: throw EngineError(.conflict, "container \(id) is already paused")
        case .restarting: throw restartingError(id)
        default: throw EngineError(.conflict, "container \(id) is not running")
        }
        try await freeze(true, running)
        endHealthChecks()
        enter(.paused(running)) { record in
            record.state.status = "paused"
            record.state.paused = true
        }
        services.writer.save(record)
        services.tell("pause", record)
    }

    func unpause(ref: String) async throws {
        guard case .paused(let running) = await settle() else {
            throw EngineError(.system, "Container \(id) is not paused")
        }
        try await freeze(false, running)
        enter(.running(running)) { record in
            record.state.status = "running"
            record.state.paused = false
        }
        services.writer.save(record)
        services.tell("unpause", record)
        scheduleProbe()
    }

    /// For what needs its process, which there is none of at present. `name`: as the caller's message has it.
    nonisolated func restartingError(_ name: String) -> EngineError {
        EngineError(.conflict, "Container \(name) is restarting, wait until the container is running")
    }

    /// Freezes or thaws the control group, and looks whether the container is still what it was.
    private func freeze(_ frozen: Bool, _ running: Running) async throws {
        let services = services
        let id = id
        do {
            try await BlockingPool.shared.run(key: id) { try CgroupAccess.setFrozen(frozen, id, services) }
        } catch {
            throw EngineError(
                .system, "cannot \(frozen ? "pause" : "unpause") container \(id): \(error)", cause: error)
        }
        guard phase.running?.shim === running.shim else {
            throw EngineError(.conflict, "container \(id) is not running")
        }
    }
}
