// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import JSON
internal import Linux
internal import OCI
internal import OCIRuntime
internal import Shim

/// One container and all that is said about it.
///
/// Phases: created (its process waits at the gate) or failed (it could not be created; whoever asks for `start` is
/// told) → running → draining (the process is gone, its output is read to the end) → finishing (recorded and told;
/// clients get what they have not read yet) → the program ends.
final class ContainerShim {
    private enum Phase {
        case created, failed(ShimFailure), running, draining, finishing
    }

    /// How long a container waits for `start` when no daemon is connected.
    private static let abandonedMilliseconds: Int64 = 60_000
    /// How long output may still come from a pipe that something outside the container holds open.
    private static let drainMilliseconds: Int64 = 2_000

    let loop: EventLoop
    let scratch = Scratch()
    private let files: ShimFiles
    private let configuration: ShimConfiguration
    private let inherited: InheritedDescriptors
    private let log: SharedLog?
    private var phase: Phase
    private var container: (any SupervisedContainer)?
    private var stdio: Stdio?
    private var terminal: SharedDescriptor?
    private var outOfMemory: OutOfMemoryWatch?
    private var server: ControlServer?
    private(set) var execs: Execs?

    /// Creates the container at once; whether that worked is the answer to `start`.
    init(
        _ files: ShimFiles, _ configuration: ShimConfiguration, _ inherited: InheritedDescriptors, _ loop: EventLoop
    ) throws {
        self.files = files
        self.configuration = configuration
        self.inherited = inherited
        self.loop = loop
        log = try configuration.logPath.map { path in
            try SharedLog(
                path: path, maximumSize: configuration.logMaximumSize, maximumFiles: configuration.logMaximumFiles,
                attributes: configuration.logAttributes, compresses: configuration.logCompresses ?? false)
        }
        phase = .created
        do {
            try create()
        } catch {
            phase = .failed(ShimFailure(describing: error))
        }
        server = try ControlServer(listener: inherited.listener, loop: loop) { [unowned self] body, descriptor in
            do { return try answer(body, descriptor) } catch { return .error(ShimFailure(describing: error)) }
        }
        server?.onAbandoned = { [unowned self] in giveUpLater() }
        loop.onIdle = { [unowned self] in releaseMemory() }
        giveUpLater()
    }

    // MARK: The container

    private func create() throws {
        let document = try files.specification()
        let specification = try Specification(json: document)
        let uid = specification.spec.process?.user?.uid ?? 0
        var ends = StdioEnds()
        let streams: ProcessStreams =
            if configuration.terminal {
                .terminal
            } else {
                try ends.makePipes(input: configuration.openStdin, output: true, error: true, uid: uid)
            }
        let container = try make(document, specification, streams)
        self.container = container
        if let master = container.takeTerminal() {
            terminal = SharedDescriptor(try master.duplicate())
            ends = try StdioEnds(terminal: master)
            if !configuration.openStdin { ends.input = nil }
        }
        stdio = try Stdio(ends, closesInput: configuration.stdinOnce, log: log, scratch: scratch, loop: loop)
        stdio?.onDetach = { [unowned self] in server?.tell(.detached(execID: nil)) }
        execs = Execs(container, self)
        do {
            if let cgroup = container.cgroup {
                outOfMemory = try OutOfMemoryWatch(cgroup, loop) { [unowned self] in server?.tell(.outOfMemory) }
            }
        } catch {
            ShimFiles.report("shim: memory events: \(error)")
        }
    }

    private func make(
        _ document: [UInt8], _ specification: Specification, _ streams: ProcessStreams
    ) throws -> any SupervisedContainer {
        let mounts = try inherited.takeMounts(configuration.mounts)
        guard let program = configuration.externalRuntime else {
            var request = try request(specification, streams)
            for (index, mount) in (specification.spec.mounts ?? []).enumerated() {
                if let source = mounts[mount.destination] { request.mountSources[index] = source }
            }
            return try BuiltInContainer(request)
        }
        let runtime = ExternalRuntime(
            program: program, arguments: configuration.externalRuntimeArguments ?? [],
            directory: try files.makeDirectory("runtime"))
        let bundle = try ExternalBundle(
            in: files.path, configuration: document, rootfs: try inherited.takeRootfs(),
            mounts: mounts, initProgram: configuration.initProcess ? inherited.executable : nil)
        return try ExternalContainer(runtime, id: configuration.id, bundle: bundle, streams: streams)
    }

    private func request(
        _ specification: Specification, _ streams: consuming ProcessStreams
    ) throws -> ContainerRequest {
        let rootfs: RootFilesystem =
            switch try inherited.takeRootfs() {
            case .some(let mount): .mount(mount)
            case .none: .path
            }
        return ContainerRequest(
            id: configuration.id, specification: specification, bundle: files.path, rootfs: rootfs, streams: streams,
            filterCache: configuration.seccompCache,
            initProgram: configuration.initProcess ? inherited.executable : nil)
    }

    /// Looks after every child that has ended.
    func reap() {
        while let pid = Children.nextEnded() {
            let status = Children.reap(pid)
            guard let status else { continue }
            if pid == container?.pid {
                containerExited(status)
            } else if log?.exited(pid, status) != true {
                execs?.exited(pid, status)
            }
        }
    }

    private func containerExited(_ status: ExitStatus) {
        let time = Timestamp.now
        phase = .draining
        let kills = outOfMemory?.kills ?? 0
        outOfMemory?.finish()
        inherited.release()
        do { try container?.delete() } catch { ShimFiles.report("shim: \(error)") }
        let record = ExitRecord(status, oomKilled: kills > 0, at: time)
        guard let stdio else { return finish(record) }
        stdio.drain(milliseconds: Self.drainMilliseconds) { [unowned self] in finishAfterExecs(record) }
    }

    /// Their ends are told before the container's. Each has its own limit.
    private func finishAfterExecs(_ record: ExitRecord) {
        guard execs?.isDraining == true else { return finish(record) }
        loop.after(milliseconds: 5) { [unowned self] in finishAfterExecs(record) }
    }

    /// Records and tells the exit, and ends when the clients have what they have not read yet.
    private func finish(_ record: ExitRecord) {
        phase = .finishing
        do { try files.writeExit(record) } catch { ShimFiles.report("shim: exit record: \(error)") }
        server?.tell(.exited(record))
        server?.stopListening()
        terminal = nil
        guard let stdio else { return end() }
        stdio.onFinished = { [unowned self] in end() }
        stdio.finishClients()
    }

    /// A daemon that is slow gets a second to read what it was told; `exit.json` says it as well.
    private func end(rounds: Int = 20) {
        guard server?.hasQueued == true || execs?.isBusy == true, rounds > 0 else {
            log?.stop()
            return loop.stop()
        }
        loop.after(milliseconds: 50) { [unowned self] in end(rounds: rounds - 1) }
    }

    // MARK: Requests

    private func answer(_ body: ShimRequest.Body, _ descriptor: SharedDescriptor?) throws -> ShimReply.Body {
        switch body {
        case .state: return .state(state)
        case .start: return try start()
        case .attach(let request): return try attach(request, descriptor)
        case .exec(let request):
            let execs = try running().execs
            return try execs.start(request, descriptor)
        case .resize(let request): return try resize(request)
        case .signal(let request): return try signal(request)
        case .reopenLog:
            try log?.reopen()
            return .ok
        }
    }

    private func start() throws -> ShimReply.Body {
        switch phase {
        case .failed(let failure):
            // Nothing else is to be told; the answer goes out first.
            loop.after(milliseconds: 0) { [unowned self] in end() }
            return .error(failure)
        case .created:
            guard let container else { throw ShimFailure(.invalid, "there is no container") }
            try container.start()
            phase = .running
            return .started(pid: container.pid, atNanoseconds: Timestamp.now.nanoseconds)
        case .running, .draining, .finishing:
            throw ShimFailure(.invalid, "the container has been started already")
        }
    }

    private func attach(_ request: AttachRequest, _ descriptor: SharedDescriptor?) throws -> ShimReply.Body {
        guard let descriptor else { throw ShimFailure(.invalid, "attach: no socket came with the request") }
        guard let stdio, !stdio.isFinished else { throw ShimFailure(.invalid, "attach: the container has exited") }
        try stdio.attach { (stdio) throws(Errno) in try AttachedClient(descriptor, request, stdio, self.loop) }
        return .ok
    }

    private func resize(_ request: ResizeRequest) throws -> ShimReply.Body {
        let terminal = try request.execID.map { try running().execs.find($0).terminal } ?? self.terminal
        guard let terminal else { throw ShimFailure(.invalid, "resize: there is no terminal") }
        try terminal.descriptor.setWindowSize(rows: request.height, columns: request.width)
        return .ok
    }

    private func signal(_ request: SignalRequest) throws -> ShimReply.Body {
        if let exec = request.execID {
            try running().execs.find(exec).pidfd.descriptor.signalProcess(request.signal)
        } else if let container, case .created = phase {
            try container.signal(request.signal)
        } else {
            let container = try running().container
            try request.all ? container.signalAll(request.signal) : container.signal(request.signal)
        }
        return .ok
    }

    private func running() throws -> (container: any SupervisedContainer, execs: Execs) {
        guard let container, let execs, case .running = phase else {
            throw ShimFailure(.invalid, "the container is not running")
        }
        return (container, execs)
    }

    private var state: ShimState {
        let status: RuntimeState.Status =
            switch phase {
            case .created: .created
            case .running: .running
            case .failed, .draining, .finishing: .stopped
            }
        let pid: Int32 = status == .stopped ? 0 : container?.pid ?? 0
        return ShimState(
            shimPid: getpid(), pid: pid, status: status, execs: execs?.pids ?? [:], endedExecs: execs?.ended ?? [])
    }

    func tell(_ event: ShimReply.Body) { server?.tell(event) }

    // MARK: Housekeeping

    /// A container nobody has started, and nobody is there to start, ends.
    private func giveUpLater() {
        loop.after(milliseconds: Self.abandonedMilliseconds) { [unowned self] in
            guard server?.isConnected != true else { return }
            switch phase {
            case .created: try? container?.signal(SIGKILL)
            case .failed: end()
            case .running, .draining, .finishing: break
            }
        }
    }

    private func releaseMemory() {
        log?.releaseMemory()
        scratch.release()
    }
}
