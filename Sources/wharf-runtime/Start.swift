// SPDX-License-Identifier: Apache-2.0

internal import Cgroups
internal import Glibc
internal import JSON
internal import Linux
internal import OCI
internal import OCIRuntime

/// `start ID`: lets a created container's process go on to its program.
enum Start {
    static func run(_ context: RuntimeCommand.Context) throws(RuntimeError) -> Int32 {
        let id = try Options(context.arguments, [], command: "start").containerID("start")
        let record = try context.store.load(id)
        guard try context.store.status(record) == .created else {
            throw RuntimeError(.invalid, "cannot start a container that is not in the created state")
        }
        let path = "\(try context.store.directory(id))/exec.fifo"
        do throws(Linux.Errno) {
            try FileDescriptor.open(path, O_WRONLY | O_NONBLOCK).writeAll([1])
        } catch {
            throw RuntimeError(.invalid, "container process is already dead")
        }
        _ = unlink(path)
        let specification = try context.store.specification(id)
        if specification.spec.hooks?.poststart?.isEmpty == false {
            try context.store.container(id).runPoststartHooks()
        }
        return 0
    }
}

/// `state ID`: prints the container's state (runtime.md#state).
enum State {
    static func run(_ context: RuntimeCommand.Context) throws(RuntimeError) -> Int32 {
        let id = try Options(context.arguments, [], command: "state").containerID("state")
        let record = try context.store.load(id)
        let status = try context.store.status(record)
        var state = RuntimeState(
            ociVersion: record.ociVersion, id: id, status: status, pid: status == .stopped ? nil : record.pid,
            bundle: record.bundle)
        state.annotations = try context.store.specification(id).spec.annotations
        do throws(JSONError) {
            let text = try JSON.value(state).serialized(indent: "  ")
            return RuntimeCommand.print(String(decoding: text, as: UTF8.self) + "\n")
        } catch {
            throw RuntimeError(.system, "state: \(error)")
        }
    }
}

/// `kill ID [SIGNAL]`: signals the container's first process, or with `--all` every one.
enum Kill {
    static func run(_ context: RuntimeCommand.Context) throws(RuntimeError) -> Int32 {
        let options = try Options(
            context.arguments, [.init(name: "all", short: "a", takesValue: false)], command: "kill")
        guard (1...2).contains(options.arguments.count) else {
            throw RuntimeError(.invalid, "kill: a container's id and at most a signal are needed")
        }
        let name = options.arguments.count == 2 ? options.arguments[1] : "SIGTERM"
        guard let signal = Signals.number(name) else { throw RuntimeError(.invalid, "unknown signal \"\(name)\"") }
        let record = try context.store.load(options.arguments[0])
        guard try context.store.status(record) != .stopped else {
            throw RuntimeError(.invalid, "container not running")
        }
        let container = try context.store.container(record.id)
        if options.isOn("all") { try container.signalAll(signal) } else { try container.signal(signal) }
        return 0
    }
}

/// `pause ID` and `resume ID`.
enum Pause {
    static func pause(_ context: RuntimeCommand.Context) throws(RuntimeError) -> Int32 { try set(context, true) }
    static func resume(_ context: RuntimeCommand.Context) throws(RuntimeError) -> Int32 { try set(context, false) }

    private static func set(_ context: RuntimeCommand.Context, _ frozen: Bool) throws(RuntimeError) -> Int32 {
        let command = frozen ? "pause" : "resume"
        let id = try Options(context.arguments, [], command: command).containerID(command)
        let status = try context.store.status(try context.store.load(id))
        guard status == (frozen ? .running : .paused) else {
            throw RuntimeError(.invalid, "container \(id) is \(status.rawValue)")
        }
        try context.store.container(id).setFrozen(frozen)
        return 0
    }
}

/// `delete ID`: removes what is left of a stopped container; with `--force`, of any.
enum Delete {
    static func run(_ context: RuntimeCommand.Context) throws(RuntimeError) -> Int32 {
        let options = try Options(
            context.arguments, [.init(name: "force", short: "f", takesValue: false)], command: "delete")
        let id = try options.containerID("delete")
        let record: StateStore.Record
        do throws(RuntimeError) { record = try context.store.load(id) } catch {
            // runc takes it for done, and clears what a failed create left.
            guard options.isOn("force"), error.code == .notFound else { throw error }
            try context.store.remove(id)
            return 0
        }
        let status = try context.store.status(record)
        guard status == .stopped || status == .created || options.isOn("force") else {
            throw RuntimeError(
                .invalid, "cannot delete container \(id) that is not stopped: \(status.rawValue)")
        }
        if status != .stopped { try end(try context.store.container(id)) }
        try Container.removeRemains(
            id: id, specification: try context.store.specification(id), bundle: record.bundle,
            cgroupPath: record.cgroup)
        try context.store.remove(id)
        return 0
    }

    private static func end(_ container: Container) throws(RuntimeError) {
        if (try? container.cgroup?.isFrozen()) == true { try container.setFrozen(false) }
        try? container.signalAll(SIGKILL)
        try? container.signal(SIGKILL)
        // Not our child: its pidfd becomes readable when it ends.
        var poll = pollfd(fd: container.process.pidfd.rawValue, events: Int16(POLLIN), revents: 0)
        _ = Glibc.poll(&poll, 1, 10_000)
    }
}

/// `features`: what the runtime has (features.md), for engines that ask.
enum Features {
    static func run(_ context: RuntimeCommand.Context) throws(RuntimeError) -> Int32 {
        do throws(JSONError) {
            let text = try JSON.value(RuntimeFeatures()).serialized(indent: "    ")
            return RuntimeCommand.print(String(decoding: text, as: UTF8.self) + "\n")
        } catch {
            throw RuntimeError(.system, "features: \(error)")
        }
    }
}
