// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Glibc
internal import Linux
internal import OCI
internal import Shim

extension Container {
    /// Registers an exec and returns its id. `ref` is how the client named the container.
    func createExec(_ request: ExecCreateRequest, ref: String) async throws -> String {
        guard let command = request.cmd, !command.isEmpty else {
            throw EngineError(.invalidParameter, "No exec command specified")
        }
        try Validation.refuseNUL(in: command, "Cmd")
        try Validation.refuseNUL(in: request.env, "Env")
        try Validation.refuseNUL(in: [request.user, request.workingDir], "exec")
        let keys = try Validation.detachKeys(request.detachKeys)
        await settle()
        try checkExec(ref: ref)
        let exec = Exec(id: Identifier.random(), request: request, detachKeys: keys)
        makeRoomForExec()
        guard execs.count < Exec.maximum else {
            throw EngineError(.unavailable, "container \(id) has \(Exec.maximum) execs at work")
        }
        keep(exec)
        services.tell("exec_create: " + command.joined(separator: " "), record, ["execID": exec.id])
        return exec.id
    }

    func keep(_ exec: Exec) {
        execs[exec.id] = exec
        services.execs.add(exec.id, container: id, tty: exec.request.tty)
    }

    private func checkExec(ref: String) throws(EngineError) {
        switch phase {
        case .running: break
        case .paused:
            throw EngineError(.conflict, "Container \(ref) is paused, unpause the container before exec")
        case .restarting: throw restartingError(ref)
        default: throw EngineError(.conflict, "container \(id) is not running")
        }
    }

    /// Forgets execs that have ended, where there are too many.
    private func makeRoomForExec() {
        guard execs.count >= Exec.maximum else { return }
        let ended = execs.values.filter { exec in
            switch exec.progress {
            case .ended, .failed: true
            case .created, .starting, .running: false
            }
        }.map(\.id)
        for id in ended { execs[id] = nil }
        services.execs.remove(ended)
    }

    func startExec(_ execID: String, _ start: ExecStartRequest, stream: (any ClientStream)?) async throws {
        await settle()
        guard let exec = execs[execID] else { throw ExecIndex.missing(execID) }
        guard exec.progress == .created else {
            throw EngineError(.conflict, "Error: Exec command \(execID) is already running")
        }
        try checkExec(ref: id)
        guard let running = phase.running else { return }
        execs[execID]?.progress = .starting
        services.tell(
            "exec_start: " + (exec.request.cmd ?? []).joined(separator: " "), record, ["execID": execID])
        guard let stream else { return try await run(exec, start, running, client: nil) }
        // Ends when the process runs or could not be started; the client hears of that on its stream.
        Task { await self.serve(exec, start, running, stream) }
    }

    private func serve(_ exec: Exec, _ start: ExecStartRequest, _ running: Running, _ stream: any ClientStream) async {
        do {
            let taken = try await stream.takeSocket()
            let copy = SharedDescriptor(try taken.socket.duplicate())
            do {
                try await run(exec, start, running, client: taken)
            } catch {
                await Self.tellClient("\(error)", tty: exec.request.tty, copy)
            }
        } catch {
            if execs[exec.id]?.progress == .starting { progress(exec.id, .failed(code: 126)) }
        }
    }

    /// Writes an error where the process's output would be, as Docker does.
    private static func tellClient(_ message: String, tty: Bool, _ socket: SharedDescriptor) async {
        let text = Array((message + "\r\n").utf8)
        let bytes = tty ? text : StreamFrame.header(.stdout, length: text.count) + text
        // The socket's buffer takes it whole; a client that does not read gets nothing.
        _ = try? await BlockingPool.shared.run { bytes.withUnsafeBytes { _ = try? socket.descriptor.write($0) } }
    }

    /// Starts the process, with a client's socket or without one. Throws with the exec marked as failed.
    private func run(
        _ exec: Exec, _ start: ExecStartRequest, _ running: Running, client: consuming TakenSocket?
    ) async throws {
        do {
            let process = try await process(of: exec, start, running)
            try services.configuration.stepObserver?("exec prepared")
            var attach: AttachRequest?
            if let client = client.take() {
                attach = AttachRequest(
                    stdin: exec.request.attachStdin, stdout: exec.request.attachStdout,
                    stderr: exec.request.attachStderr, detachKeys: exec.detachKeys, buffered: client.buffered)
                try await launch(exec, process, attach, running, client.intoSocket())
            } else {
                try await launch(exec, process, nil, running, nil)
            }
        } catch let failure as ShimFailure {
            let code: Int32 = failure.code == .notFound ? 127 : 126
            progress(exec.id, .failed(code: code))
            throw EngineError(
                .invalidParameter,
                Self.execFailure + failure.message,
                cause: failure)
        } catch {
            progress(exec.id, .failed(code: 126))
            throw error
        }
    }

    /// What Docker's clients know before the reason.
    static let execFailure = "OCI runtime exec failed: exec failed: unable to start container process: "

    private func launch(
        _ exec: Exec, _ process: RuntimeSpec.Process, _ attach: AttachRequest?, _ running: Running,
        _ socket: consuming FileDescriptor?
    ) async throws {
        let request = ExecRequest(
            execID: exec.id, process: process, privileged: exec.request.privileged, attach: attach)
        guard case .started(let pid, _) = try await running.shim.send(.exec(request), descriptor: socket) else {
            return
        }
        // Its end may have been heard first.
        if execs[exec.id]?.progress == .starting { progress(exec.id, .running(pid: pid)) }
    }

    /// What to run, as whom: accounts are looked up in the container as it is now.
    func process(
        of exec: Exec, _ start: ExecStartRequest, _ running: Running
    ) async throws -> RuntimeSpec.Process {
        let request = exec.request
        let config = record.config
        let name = request.user.isEmpty ? config.user : request.user
        let groups = record.hostConfig.groupAdd ?? []
        let pid = running.pid
        let user = try await BlockingPool.shared.run(key: id) {
            let root = try FileDescriptor.open("/proc/\(pid)/root", O_PATH | O_DIRECTORY)
            return try Ground.lookUp(name, groups, in: root)
        }
        let directory = [request.workingDir, config.workingDir].first { !$0.isEmpty } ?? "/"
        var process = RuntimeSpec.Process(args: request.cmd ?? [], cwd: directory)
        process.terminal = request.tty
        if request.tty { process.consoleSize = (start.consoleSize ?? request.consoleSize).flatMap { .init($0) } }
        process.user = SpecBuilder.user(user)
        process.env = Environment.make(
            config: config, additions: request.env ?? [], tty: request.tty, home: user.home)
        process.capabilities = SpecBuilder.capabilities(
            request.privileged ? CapabilityNames.all : try SpecBuilder.names(record.hostConfig))
        let security = try SecurityOptions(parsing: record.hostConfig.securityOpt ?? [])
        process.noNewPrivileges = security.noNewPrivileges
        process.apparmorProfile = security.appArmorProfile
        return process
    }

    func execEnded(_ execID: String, _ exit: ExitRecord) {
        guard let exec = execs[execID] else { return }
        let pid: Int32 = if case .running(let pid) = exec.progress { pid } else { 0 }
        progress(execID, .ended(pid: pid, code: exit.code))
        services.tell("exec_die", record, ["execID": execID, "exitCode": String(exit.code)])
    }

    /// What an exec is like. A client asks for its exit code as soon as its stream ends, which may be before the news
    /// of the end, or even of the start, came from the shim: then this waits for the news.
    func inspectExec(_ execID: String) async throws -> ExecInspect {
        while let exec = execs[execID] {
            switch exec.progress {
            case .starting: break
            case .running: if await isRunning(execID) { return exec.inspect(container: id) }
            case .created, .ended, .failed: return exec.inspect(container: id)
            }
            guard execs[execID]?.progress == exec.progress else { continue }
            await withCheckedContinuation { execWaiters[execID, default: []].append($0) }
        }
        throw ExecIndex.missing(execID)
    }

    /// Asks the shim. One that does not answer any more has ended with its container.
    private func isRunning(_ execID: String) async -> Bool {
        guard let running = phase.running, case .state(let state)? = try? await running.shim.send(.state) else {
            return false
        }
        return state.execs[execID] != nil
    }

    private func progress(_ execID: String, _ next: Exec.Progress) {
        execs[execID]?.progress = next
        resumeExecWaiters(execID)
    }

    /// Lets those go on who waited for news of an exec; nil: of all.
    func resumeExecWaiters(_ execID: String? = nil) {
        let waiting = execID.map { execWaiters.removeValue(forKey: $0) ?? [] } ?? execWaiters.values.flatMap { $0 }
        if execID == nil { execWaiters = [:] }
        for continuation in waiting { continuation.resume() }
    }

    func resizeExec(_ execID: String, height: Int, width: Int) async throws {
        guard execs[execID] != nil else { throw ExecIndex.missing(execID) }
        guard let running = await settle().running else {
            throw EngineError(.conflict, "container \(id) is not running")
        }
        try await Self.resize(running.shim, execID: execID, height, width)
        services.tell("exec_resize", record, ["execID": execID])
    }
}
