// SPDX-License-Identifier: Apache-2.0

internal import Cgroups
internal import Glibc
internal import Linux
internal import OCI
internal import OCIRuntime

/// `kill ID [SIGNAL]`: signals the container's first process, or with `--all` every one.
enum Kill {
    static let command = Command(
        "kill", "ID [SIGNAL]", "signal a container's first process (SIGTERM unless given)",
        flags: [.init(name: "all", short: "a", takesValue: false, about: "signal all of its processes")], run: run)

    private static func run(_ context: RuntimeCommand.Context, _ options: Options) throws(RuntimeError) -> Int32 {
        guard (1...2).contains(options.arguments.count) else {
            throw RuntimeError(.invalid, "kill: a container's id and at most a signal are needed")
        }
        let name = options.arguments.count == 2 ? options.arguments[1] : "SIGTERM"
        guard let signal = Signals.number(name) else { throw RuntimeError(.invalid, "unknown signal \"\(name)\"") }
        let record = try context.store.load(options.arguments[0])
        if options.isOn("all") {
            // What a stopped container has left running, too.
            try Container.signalAll(signal, cgroup: record.place) {
                () throws(RuntimeError) in try context.store.container(record.id)
            }
            return 0
        }
        let status = try context.store.status(record)
        guard status != .stopped else { throw RuntimeError(.invalid, "container not running") }
        let container = try context.store.container(record, context.store.specificationOfHooks(record))
        try container.signal(signal)
        // A frozen process dies only when it thaws.
        if signal == SIGKILL, status == .paused { try? container.setFrozen(false) }
        return 0
    }
}
