// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Shim
internal import Synchronization

/// A further process in a container: what was asked for, and how far it is. Kept until the container starts again or is
/// removed, at most `maximum` of them.
struct Exec: Sendable {
    static let maximum = 1024

    enum Progress: Sendable, Equatable {
        case created
        /// A start is under way.
        case starting
        case running(pid: Int32)
        case ended(pid: Int32, code: Int32)
        /// It could not be started: its code is 126 or 127.
        case failed(code: Int32)
    }

    let id: String
    let request: ExecCreateRequest
    let detachKeys: [UInt8]
    var progress = Progress.created

    init(id: String, request: ExecCreateRequest, detachKeys: [UInt8]) {
        self.id = id
        self.request = request
        self.detachKeys = detachKeys
    }

    /// One that an earlier daemon started: what was asked for went with that daemon.
    init(taken id: String, _ progress: Progress) {
        self.init(id: id, request: ExecCreateRequest(), detachKeys: [])
        self.progress = progress
    }

    /// The container is gone, and every process in it.
    mutating func endWithContainer() {
        switch progress {
        case .running(let pid): progress = .ended(pid: pid, code: 137)
        case .starting: progress = .failed(code: 137)
        case .created, .ended, .failed: break
        }
    }

    /// What `inspect` says; only an exec that has ended has a code.
    func inspect(container: String) -> ExecInspect {
        let command = request.cmd ?? []
        var result = ExecInspect()
        result.id = id
        result.containerID = container
        result.openStdin = request.attachStdin
        result.openStdout = request.attachStdout
        result.openStderr = request.attachStderr
        result.detachKeys = request.detachKeys
        result.processConfig = ExecProcessConfig(
            tty: request.tty, entrypoint: command.first ?? "", arguments: Array(command.dropFirst()),
            privileged: request.privileged, user: request.user.isEmpty ? nil : request.user)
        switch progress {
        case .created: break
        case .starting: result.running = true
        case .running(let pid):
            result.running = true
            result.pid = Int(pid)
        case .ended(let pid, let code):
            result.pid = Int(pid)
            result.exitCode = Int(code)
        case .failed(let code): result.exitCode = Int(code)
        }
        return result
    }
}

extension ShimState {
    /// The execs that a new daemon takes over.
    var takenExecs: [Exec] {
        (endedExecs ?? []).map { Exec(taken: $0.execID, .ended(pid: $0.pid, code: $0.exit.code)) }
            + execs.map { Exec(taken: $0.key, .running(pid: $0.value)) }
    }
}

/// Which container an exec is of.
final class ExecIndex: Sendable {
    private struct Place: Sendable {
        var container: String
        var tty: Bool
    }

    private let state = Mutex<[String: Place]>([:])

    func add(_ id: String, container: String, tty: Bool) {
        state.withLock { $0[id] = Place(container: container, tty: tty) }
    }

    func remove(_ ids: [String]) { state.withLock { state in for id in ids { state[id] = nil } } }

    func remove(container: String) { state.withLock { $0 = $0.filter { $0.value.container != container } } }

    func container(of id: String) throws(EngineError) -> String { try place(id).container }

    func isTerminal(_ id: String) throws(EngineError) -> Bool { try place(id).tty }

    private func place(_ id: String) throws(EngineError) -> Place {
        guard let place = state.withLock({ $0[id] }) else { throw Self.missing(id) }
        return place
    }

    static func missing(_ id: String) -> EngineError { EngineError(.notFound, "No such exec instance: \(id)") }
}
