// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux
internal import OCI
internal import OCIRuntime

/// `run ID`: create, start, and in the foreground wait and delete.
enum Run {
    private static let flags =
        Create.flags + [
            .init(name: "detach", short: "d", takesValue: false), .init(name: "keep", takesValue: false),
            .init(name: "no-subreaper", takesValue: false),
        ]

    static func run(_ context: RuntimeCommand.Context) throws(RuntimeError) -> Int32 {
        try ReadOnlyProgram.ensure()
        let options = try Options(context.arguments, flags, command: "run")
        let id = try options.containerID("run")
        let detach = options.isOn("detach")
        let bundle = try Bundle(options)
        let console = try ConsoleSocket(options["console-socket"], needed: bundle.wantsTerminal && detach)
        _ = try context.store.makeDirectory(id)
        // BEFORE the container is there, so that no signal is lost.
        let foreground = detach ? nil : try Foreground()
        var container: Container?
        do throws(RuntimeError) {
            let created = try Container.create(
                ContainerRequest(
                    id: id, specification: bundle.specification, bundle: bundle.path, rootfs: .path,
                    streams: bundle.wantsTerminal ? .terminal : .inherit, filterCache: context.filterCache))
            container = created
            try context.store.save(created, config: bundle.config)
            try console.send(created)
            try Create.writePid(created.process.pid, to: options["pid-file"])
            try created.start()
        } catch {
            if let container { end(container) }
            try? context.store.remove(id)
            throw error
        }
        guard let container, let foreground else { return 0 }
        let code = try foreground.wait(container.process)
        if !options.isOn("keep") {
            try container.delete()
            try context.store.remove(id)
        }
        return code
    }

    private static func end(_ container: Container) {
        try? container.signal(SIGKILL)
        _ = try? container.process.pidfd.waitForProcess()
        try? container.delete()
    }
}

/// `exec ID COMMAND…`: a further process in a container.
enum Exec {
    private static let flags: [Options.Flag] = [
        .init(name: "console-socket"), .init(name: "pid-file"), .init(name: "cwd"), .init(name: "env", short: "e"),
        .init(name: "tty", short: "t", takesValue: false), .init(name: "user", short: "u"),
        .init(name: "additional-gids", short: "g"), .init(name: "process", short: "p"),
        .init(name: "detach", short: "d", takesValue: false), .init(name: "cap", short: "c"),
        .init(name: "no-new-privs", takesValue: false), .init(name: "apparmor"), .init(name: "preserve-fds"),
        .init(name: "process-label", refused: true), .init(name: "cgroup", refused: true),
        .init(name: "pidfd-socket", refused: true), .init(name: "ignore-paused", takesValue: false),
    ]

    static func run(_ context: RuntimeCommand.Context) throws(RuntimeError) -> Int32 {
        try ReadOnlyProgram.ensure()
        let options = try Options(context.arguments, flags, command: "exec")
        guard let id = options.arguments.first else { throw RuntimeError(.invalid, "exec: a container's id is needed") }
        switch try context.store.status(try context.store.load(id)) {
        case .running, .created: break
        case .paused where options.isOn("ignore-paused"): break
        case .paused:
            throw RuntimeError(.invalid, "cannot exec in a paused container (use --ignore-paused to override)")
        default: throw RuntimeError(.invalid, "cannot exec in a stopped container")
        }
        let container = try context.store.container(id)
        let process = try ExecProcess.read(options, container.specification.spec.process)
        let detach = options.isOn("detach")
        let terminal = process.terminal ?? false
        let console = try ConsoleSocket(options["console-socket"], needed: terminal && detach)
        let foreground = detach ? nil : try Foreground()
        let started = try container.exec(
            process, streams: terminal ? .terminal : .inherit, filterCache: context.filterCache)
        if let failure = console.send(started) { throw RuntimeError(.system, "console-socket: \(failure)") }
        try Create.writePid(started.pid, to: options["pid-file"])
        guard let foreground else { return 0 }
        return try foreground.wait(started)
    }
}
