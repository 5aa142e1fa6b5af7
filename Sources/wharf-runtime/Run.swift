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
        _ = try context.store.makeDirectory(id)
        // BEFORE the container is there, so that no signal is lost.
        let foreground = detach ? nil : try Foreground()
        var container: Container?
        do throws(RuntimeError) {
            let created = try Container.create(
                Create.request(id, bundle, options, preserved, gate: .pipe, context))
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
