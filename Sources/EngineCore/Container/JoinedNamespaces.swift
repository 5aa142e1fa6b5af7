// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Glibc
internal import Linux
internal import OCI
internal import Shim

/// What a container that starts shares with others that run: held open until its supervisor has it.
struct JoinedNamespaces: Sendable {
    var network: SharedDescriptor?
    var pid: SharedDescriptor?
    var ipc: SharedDescriptor?
    /// A detached mount of the other's /dev/shm, which goes with the ipc namespace.
    var sharedMemory: SharedDescriptor?
    /// Whose hostname and files are the container's too.
    var networkOwner: ContainerRecord?

    /// Opens what `record` asks for; with Docker's texts where a container is not there, or does not run.
    static func open(_ record: ContainerRecord, _ services: Services) async throws -> JoinedNamespaces {
        let host = record.hostConfig
        var joined = JoinedNamespaces()
        if let ref = NamespaceModes.target(host.networkMode) {
            let owner = try networkOwner(ref, of: record, services)
            joined.network = try await owner.container.openNamespaces(["net"]) { id in
                EngineError(.conflict, "cannot join network of a non running container: \(id)")
            }.first
            // AFTER its namespace was opened: it runs, and this is what it runs as.
            joined.networkOwner = services.table.entry(id: owner.record.id)?.record ?? owner.record
        }
        if let ref = NamespaceModes.target(host.pidMode) {
            let owner = try named(ref, "PID", services)
            joined.pid = try await owner.container.openNamespaces(["pid"]) { id in
                EngineError(.conflict, "failed to join PID namespace: container \(id) is not running")
            }.first
        }
        if let ref = NamespaceModes.target(host.ipcMode) {
            let owner = try named(ref, "IPC", services)
            try checkShareable(owner.record)
            let opened = try await owner.container.openNamespaces(["ipc"], sharedMemory: true) { id in
                EngineError(.conflict, "failed to join IPC namespace: container \(id) is not running")
            }
            joined.ipc = opened.first
            joined.sharedMemory = opened.last
        }
        return joined
    }

    private static func named(
        _ ref: String, _ kind: String, _ services: Services
    ) throws(EngineError) -> ContainerTable.Entry {
        do throws(EngineError) { return try services.table.find(ref) } catch {
            throw EngineError(.invalidParameter, "failed to join \(kind) namespace: \(error.message)")
        }
    }

    private static func networkOwner(
        _ ref: String, of record: ContainerRecord, _ services: Services
    ) throws(EngineError) -> ContainerTable.Entry {
        let entry: ContainerTable.Entry
        do throws(EngineError) { entry = try services.table.find(ref) } catch {
            throw EngineError(.system, "joining network namespace of container: \(error.message)")
        }
        guard entry.record.id != record.id else {
            throw EngineError(.invalidParameter, "cannot join own network")
        }
        return entry
    }

    private static func checkShareable(_ owner: ContainerRecord) throws(EngineError) {
        let mode = owner.hostConfig.ipcMode
        guard mode != "private", mode != "none" else {
            throw EngineError(
                .invalidParameter,
                "failed to join IPC namespace: container \(owner.id): non-shareable IPC (hint: use IpcMode:shareable for the donor container)"
            )
        }
    }
}

extension Container {
    /// Opens namespaces of the container's first process by their names in /proc, in order; with `sharedMemory`, a
    /// clone of its /dev/shm last.
    ///
    /// Does not wait for one that is about to start: two that join each other would wait for ever. `notRunning` makes
    /// the error of one that does not run.
    func openNamespaces(
        _ names: [String], sharedMemory: Bool = false, _ notRunning: (String) -> EngineError
    ) async throws -> [SharedDescriptor] {
        guard let running = phase.running else { throw notRunning(id) }
        let id = id
        let pid = running.pid
        let opened = try await BlockingPool.shared.run(key: id) { () throws -> [SharedDescriptor]? in
            do throws(Errno) {
                let process = SharedDescriptor(try FileDescriptor.process(pid))
                var result: [SharedDescriptor] = []
                for name in names {
                    result.append(SharedDescriptor(try FileDescriptor.open("/proc/\(pid)/ns/\(name)", O_RDONLY)))
                }
                if sharedMemory { result.append(SharedDescriptor(try SharedMemory.clone(of: process))) }
                // The number was this process's all the time.
                try process.descriptor.signalProcess(0)
                return result
            } catch {
                if error.code == .noEntry || error.code.rawValue == ESRCH { return nil }
                throw EngineError(.system, "joining the namespaces of container \(id): \(error)", cause: error)
            }
        }
        // The supervisor reaps its process; while it says that this one runs, its number was not given to another.
        guard let opened, case .state(let state)? = try? await running.shim.send(.state, within: Self.shimPatience),
            state.status == .running || state.status == .paused, state.pid == pid
        else { throw notRunning(id) }
        return opened
    }
}

/// The shared memory of a container that runs.
enum SharedMemory {
    /// Clones the mount that the process sees at /dev/shm, detached. Blocking.
    ///
    /// A thread of its own enters the process's mount namespace and ends. The path is walked there, through no symbolic
    /// link (rule R1).
    static func clone(of process: SharedDescriptor) throws(Errno) -> FileDescriptor {
        let answers = HandOff<Result<Int32, Errno>>(capacity: 1)
        try PlainThread.start(name: "shm") {
            let result = Result { () throws(Errno) -> Int32 in
                // A thread that shares its root directory with others can't enter.
                try unshare(.fileSystem)
                try process.descriptor.enterNamespaces(.mount)
                let root = try FileDescriptor.open("/", O_PATH | O_DIRECTORY)
                let directory = try root.openInRootWithoutLinks("/dev/shm", O_PATH | O_DIRECTORY)
                let mount = try directory.cloneMount(recursive: false)
                try mount.setMount(set: [.noSetuid, .noDevices, .noExecute], propagation: .private)
                return mount.release()
            }
            _ = answers.push(result)
        }
        guard let answer = answers.pop() else { throw Errno(.init(rawValue: ECANCELED), "setns", "/dev/shm") }
        return FileDescriptor(owning: try answer.get())
    }
}
