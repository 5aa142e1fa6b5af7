// SPDX-License-Identifier: Apache-2.0

internal import ContainerLog
internal import EngineAPI
internal import JSON
internal import Logging
internal import Shim
internal import Synchronization

/// One container: its record, the phase it is in, and who waits for it.
///
/// Whoever sets a transitional phase owns the container until the next settled one; everybody else comes in through
/// `settle`, and looks at the phase again after every `await`.
actor Container {
    nonisolated let id: String
    nonisolated let services: Services
    nonisolated let waits = WaitRegistry()
    nonisolated let followers = FollowerRegistry()
    private(set) var record: ContainerRecord
    private(set) var phase: Phase
    private var settling: [CheckedContinuation<Void, Never>] = []
    /// Clients that attached before the container runs.
    var attaches: [PendingAttach] = []
    var execs: [String: Exec] = [:]
    /// Inspections that wait to hear how an exec ended.
    var execWaiters: [String: [CheckedContinuation<Void, Never>]] = [:]
    /// Makes the link that names the network namespace.
    var naming: Task<Void, Never>?
    /// How many `rm -f` are at work: no start comes between their kill and their removal.
    var forcedRemovals = 0
    /// Set by `restart`, so that an exit on the way does not remove a `--rm` container.
    var isRestarting = false
    /// Somebody wants it to end: no policy starts it again before somebody starts it by hand.
    var isStopRequested = false
    /// The health check under way.
    var probe: HealthProbe?

    init(_ record: ContainerRecord, phase: Phase, services: Services) {
        id = record.id
        self.record = record
        self.phase = phase
        self.services = services
    }

    // MARK: Phases

    /// Goes to the next phase, changes the record with it, and shows readers both.
    func enter(_ next: Phase, _ change: (inout ContainerRecord) -> Void = { _ in }) {
        if !phase.allows(next) {
            services.logger.error(
                "a container took a step that its life does not have",
                metadata: ["container": "\(id)", "from": "\(phase)", "to": "\(next)"])
        }
        phase = next
        update(change)
        guard !next.isTransitional else { return }
        let waiting = settling
        settling = []
        for continuation in waiting { continuation.resume() }
    }

    /// Changes the record and shows it to readers; does not write it.
    func update(_ change: (inout ContainerRecord) -> Void) {
        change(&record)
        services.table.publish(record)
    }

    /// Waits until nobody is at work on the container, and returns the phase it then has.
    @discardableResult
    func settle() async -> Phase {
        while phase.isTransitional { await withCheckedContinuation { settling.append($0) } }
        return phase
    }

    /// The shim of a container that runs, waiting for a start that is under way.
    func settledRunning(_ error: @autoclosure () -> EngineError) async throws(EngineError) -> Running {
        guard let running = await settle().running else { throw error() }
        return running
    }

    /// The longest wait that has an end, in seconds: 30 years. More is more than a clock can be set to.
    private static let longestWait = 1e9

    /// Waits until the process has ended and its resources are given back, or the time is over.
    nonisolated func waitForExit(seconds: Double?) async -> Bool {
        let wait = waits.register(.notRunning)
        guard await phase.running != nil else {
            await settle()
            return true
        }
        guard let seconds else { return (try? await wait.result()) != nil }
        return await withTaskGroup(of: Bool.self) { group in
            group.addTask { (try? await wait.result()) != nil }
            group.addTask {
                try? await Task.sleep(for: .seconds(min(seconds, Self.longestWait)))
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
    }
}

/// A client that attached to a container that does not run yet.
struct PendingAttach: Sendable {
    var key: UInt64
    var request: AttachRequest
    var stream: any ClientStream
}

/// The log readers that follow one container: told when nothing more will come.
final class FollowerRegistry: Sendable {
    private let state = Mutex<[ObjectIdentifier: LogReader]>([:])

    func add(_ reader: LogReader) { state.withLock { $0[ObjectIdentifier(reader)] = reader } }

    func remove(_ reader: LogReader) { state.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(reader)) } }

    func finishAll() {
        let readers = state.withLock { state in
            defer { state = [:] }
            return Array(state.values)
        }
        for reader in readers { reader.finish() }
    }
}
