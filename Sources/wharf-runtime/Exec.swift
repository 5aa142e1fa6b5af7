// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux
internal import OCI
internal import OCIRuntime

/// `exec ID COMMAND…`: a further process in a container.
enum Exec {
    static let command = Command(
        "exec", "ID COMMAND [ARGUMENTS] | --process FILE ID", "run a further process in a container", flags: flags,
        run: run)

    private static let flags: [Options.Flag] = [
        .init(name: "console-socket", about: "a Unix socket that gets the terminal's master"),
        .init(name: "cwd", about: "the working directory in the container"),
        .init(name: "env", short: "e", about: "NAME=VALUE; may be given more than once"),
        .init(name: "tty", short: "t", takesValue: false, about: "give the process a terminal"),
        .init(name: "user", short: "u", about: "UID or UID:GID"),
        .init(name: "additional-gids", short: "g", about: "a further group; may be given more than once"),
        .init(name: "process", short: "p", about: "a file with the process as JSON"),
        .init(name: "detach", short: "d", takesValue: false, about: "do not wait for the process to end"),
        .init(name: "pid-file", about: "a file to write the process id to"),
        .init(name: "apparmor", about: "the AppArmor profile"),
        .init(name: "no-new-privs", takesValue: false, about: "set no_new_privs"),
        .init(name: "cap", short: "c", about: "add a capability; may be given more than once"),
        .init(name: "preserve-fds", about: "how many descriptors after standard error the process gets"),
        .init(name: "cgroup", about: "a group below the container's own: [CONTROLLER,…:]PATH"),
        .init(name: "ignore-paused", takesValue: false, about: "also in a paused container"),
        .init(name: "pidfd-socket", about: "a Unix socket that gets a descriptor of the process"),
        .init(name: "process-label", about: "the SELinux label"),
        .init(name: "no-subreaper", takesValue: false, about: "has no effect: orphans are never taken in"),
    ]

    private static func run(_ context: RuntimeCommand.Context, _ options: Options) throws(RuntimeError) -> Int32 {
        try ReadOnlyProgram.ensure()
        guard let id = options.arguments.first else { throw RuntimeError(.invalid, "exec: a container's id is needed") }
        guard options["process"] != nil || options.arguments.count > 1 else {
            throw RuntimeError(.invalid, "process args cannot be empty")
        }
        switch try context.store.status(try context.store.load(id)) {
        case .running, .created: break
        case .paused where options.isOn("ignore-paused"): break
        case .paused:
            throw RuntimeError(.invalid, "cannot exec in a paused container (use --ignore-paused to override)")
        default: throw RuntimeError(.invalid, "cannot exec in a stopped container")
        }
        let preserved = try PreservedDescriptors(options)
        let container = try context.store.container(id)
        var process = try ExecProcess.read(options, container.specification.spec.process)
        process.env = (process.env ?? []) + preserved.environment
        let detach = options.isOn("detach")
        let terminal = process.terminal ?? false
        let console = try ConsoleSocket(options["console-socket"], needed: terminal && detach)
        let foreground = detach ? nil : try Foreground()
        let started = try container.exec(
            process, streams: terminal ? .terminal : .inherit, filterCache: context.filterCache,
            preservedDescriptors: preserved.count, subgroups: options.all("cgroup"))
        context.log.warn(started.warnings)
        do throws(RuntimeError) {
            if let failure = console.send(started) { throw RuntimeError(.system, "console-socket: \(failure)") }
            try PidfdSocket.send(started, .setns, to: options["pidfd-socket"])
            try Create.writePid(started.pid, to: options["pid-file"])
        } catch {
            try? started.pidfd.signalProcess(SIGKILL)
            throw error
        }
        guard let foreground else { return 0 }
        return try foreground.wait(started)
    }
}
