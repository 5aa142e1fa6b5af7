// SPDX-License-Identifier: Apache-2.0

internal import JSON
internal import Linux
internal import OCI
internal import OCIRuntime
internal import Shim

/// The processes that `exec` started.
final class Execs {
    /// How long output may still come from a pipe that a process in the background holds open.
    private static let drainMilliseconds: Int64 = 2_000
    /// How many of those that have ended are remembered.
    private static let maximumEnded = 64

    private let container: any SupervisedContainer
    private unowned let shim: ContainerShim
    private var all: [String: RunningExec] = [:]

    init(_ container: any SupervisedContainer, _ shim: ContainerShim) {
        self.container = container
        self.shim = shim
    }

    /// Those whose end has not been told.
    var pids: [String: Int32] { all.filter { !$0.value.isTold }.mapValues(\.pid) }
    /// Those told last, the latest at the end.
    private(set) var ended: [EndedExec] = []
    /// Whether some have clients that have not read everything yet.
    var isBusy: Bool { !all.isEmpty }
    /// Whether some have exited and that has not been told yet.
    var isDraining: Bool { all.values.contains { $0.hasExited && !$0.stdio.isFinished } }

    func find(_ id: String) throws(ShimFailure) -> RunningExec {
        guard let exec = all[id], !exec.hasExited else { throw ShimFailure(.invalid, "exec \(id) is not running") }
        return exec
    }

    func start(_ request: ExecRequest, _ socket: SharedDescriptor?) throws -> ShimReply.Body {
        guard all[request.execID] == nil else { throw ShimFailure(.invalid, "exec \(request.execID) runs already") }
        let attach = socket == nil ? nil : request.attach
        let isTerminal = request.process.terminal == true
        var ends = StdioEnds()
        let streams: ProcessStreams =
            if isTerminal {
                .terminal
            } else {
                try ends.makePipes(
                    input: attach?.stdin == true, output: attach?.stdout == true || request.capture != nil,
                    error: attach?.stderr == true || request.capture != nil,
                    uid: request.process.user?.uid ?? 0)
            }
        var process = try container.exec(request.process, streams: streams)
        let time = Timestamp.now
        var terminal: SharedDescriptor?
        if let master = process.terminal.take() {
            terminal = SharedDescriptor(try master.duplicate())
            ends = try StdioEnds(terminal: master)
        }
        let stdio = try Stdio(ends, closesInput: true, log: nil, scratch: shim.scratch, loop: shim.loop)
        let exec = RunningExec(
            id: request.execID, pid: process.pid, pidfd: SharedDescriptor(try process.pidfd.duplicate()), stdio: stdio,
            terminal: terminal)
        stdio.captured = request.capture.map { CapturedOutput(limit: $0) }
        stdio.onDetach = { [unowned self] in shim.tell(.detached(execID: request.execID)) }
        all[exec.id] = exec
        if let attach, let socket {
            try stdio.attach { (stdio) throws(Errno) in try AttachedClient(socket, attach, stdio, self.shim.loop) }
        }
        if let milliseconds = request.limitMilliseconds { limit(exec, milliseconds) }
        return .started(pid: exec.pid, atNanoseconds: time.nanoseconds)
    }

    private func limit(_ exec: RunningExec, _ milliseconds: Int64) {
        exec.limit = shim.loop.after(milliseconds: milliseconds) { [weak exec] in
            guard let exec, !exec.hasExited else { return }
            exec.hasTimedOut = true
            // By its descriptor: it can be nobody else.
            try? exec.pidfd.descriptor.signalProcess(Self.kill)
        }
    }

    private static let kill: Int32 = 9

    /// A child that is not the container's first process has been reaped: one of these, or an orphan.
    func exited(_ pid: Int32, _ status: ExitStatus) {
        guard let exec = all.values.first(where: { $0.pid == pid && !$0.hasExited }) else { return }
        var record = ExitRecord(status, oomKilled: false, at: .now)
        exec.hasExited = true
        exec.limit?.cancel()
        if exec.hasTimedOut { record.timedOut = true }
        exec.stdio.drain(milliseconds: Self.drainMilliseconds) { [unowned self] in
            record.output = exec.stdio.captured?.bytes
            // Told first: a client that sees the end of the stream asks for the code.
            exec.isTold = true
            if ended.count == Self.maximumEnded { ended.removeFirst() }
            ended.append(EndedExec(execID: exec.id, pid: pid, exit: record))
            shim.tell(.execExited(execID: exec.id, record))
            exec.stdio.onFinished = { [unowned self] in all[exec.id] = nil }
            exec.stdio.finishClients()
        }
    }
}

extension ExitRecord {
    init(_ status: ExitStatus, oomKilled: Bool, at time: Timestamp) {
        var signal: Int32?
        if case .signaled(let number) = status { signal = number }
        self.init(code: status.shellCode, signal: signal, oomKilled: oomKilled, atNanoseconds: time.nanoseconds)
    }
}

extension ShimFailure {
    /// What goes over the wire of any error.
    init(describing error: any Error) {
        switch error {
        case let failure as ShimFailure: self = failure
        case let failure as RuntimeError: self.init(Code(rawValue: failure.code.rawValue) ?? .system, failure.message)
        default: self.init(.system, "\(error)")
        }
    }
}
