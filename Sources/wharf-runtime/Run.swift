// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux
internal import OCI
internal import OCIRuntime

/// `run ID`: create, start, and in the foreground wait and delete.
enum Run {
    static let command = Command(
        "run", "ID", "create, start and, unless detached, wait for a container", flags: flags, run: run)

    private static let flags: [Options.Flag] =
        .creation + [
            .init(name: "detach", short: "d", takesValue: false, about: "do not wait for the container to end"),
            .init(name: "keep", takesValue: false, about: "do not delete the container when it has ended"),
            .init(name: "no-subreaper", takesValue: false, about: "has no effect: orphans are never taken in"),
        ]

    private static func run(_ context: RuntimeCommand.Context, _ options: Options) throws(RuntimeError) -> Int32 {
        try ReadOnlyProgram.ensure()
        let id = try options.containerID("run")
        let preserved = try PreservedDescriptors(options)
        let detach = options.isOn("detach")
        let bundle = try Bundle(options)
        let console = try ConsoleSocket(options["console-socket"], needed: bundle.wantsTerminal && detach)
        _ = try context.store.claim(
            id, cgroup: bundle.specification.cgroupPlace(id: id, systemd: context.isSystemdCgroup))
        // BEFORE the container is there, so that no signal is lost.
        let foreground = detach ? nil : try Foreground()
        var container: Container?
        do throws(RuntimeError) {
            let created = try Container.create(
                Create.request(id, bundle, options, preserved, gate: .pipe, context))
            container = created
            context.log.warn(created.process.warnings)
            try context.store.save(created, config: bundle.config)
            try console.send(created)
            try PidfdSocket.send(created.process, .standard, to: options["pidfd-socket"])
            try Create.writePid(created.process.pid, to: options["pid-file"])
            try created.start()
        } catch {
            if let container { end(container) }
            try? context.store.abandon(id)
            throw error
        }
        context.store.release(id)
        guard let container, let foreground else { return 0 }
        return try wait(container, foreground, context.store, keep: options.isOn("keep"))
    }

    static func wait(
        _ container: Container, _ foreground: Foreground, _ store: StateStore, keep: Bool
    ) throws(RuntimeError) -> Int32 {
        let code = try foreground.wait(container.process)
        if !keep {
            try container.delete()
            try store.remove(container.id)
        }
        return code
    }

    static func end(_ container: Container) {
        try? container.signal(SIGKILL)
        _ = try? container.process.pidfd.waitForProcess()
        try? container.delete()
    }
}
