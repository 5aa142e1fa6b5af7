// SPDX-License-Identifier: Apache-2.0

internal import Cgroups
internal import Glibc
internal import Linux
internal import OCI
internal import OCIRuntime

/// `delete ID`: removes what is left of a stopped container; with `--force`, of any.
enum Delete {
    static let command = Command(
        "delete", "ID", "remove what is left of a stopped container",
        flags: [.init(name: "force", short: "f", takesValue: false, about: "kill it first if it runs")], run: run)

    private static func run(_ context: RuntimeCommand.Context, _ options: Options) throws(RuntimeError) -> Int32 {
        let id = try options.containerID("delete")
        guard try context.store.clearAbandoned(id, force: options.isOn("force")) else {
            throw RuntimeError(
                .invalid, "cannot delete container \(id) that is being made, or of whose restore processes are left")
        }
        let record: StateStore.Record
        do throws(RuntimeError) { record = try context.store.load(id) } catch {
            // runc takes it for done, and clears what a failed create left.
            guard options.isOn("force"), error.code == .notFound else { throw error }
            try context.store.remove(id)
            return 0
        }
        let status = try context.store.status(record)
        guard status == .stopped || options.isOn("force") else {
            throw RuntimeError(.invalid, "cannot delete container \(id) that is not stopped: \(status.rawValue)")
        }
        let specification = try context.store.specificationOfHooks(record)
        if status != .stopped, let container = try? context.store.container(record, specification) {
            try end(container)
        }
        try Container.removeRemains(
            id: id, specification: specification, bundle: record.bundle, cgroup: record.place)
        try context.store.remove(id)
        return 0
    }

    static func end(_ container: Container) throws(RuntimeError) {
        // Where it is the first of a pid namespace, all others end with it; what is left then is killed by cgroup.
        try? container.signal(SIGKILL)
        if (try? container.isFrozen()) == true { try container.setFrozen(false) }
        // Not our child: its pidfd becomes readable when it ends.
        var poll = pollfd(fd: container.process.pidfd.rawValue, events: Int16(POLLIN), revents: 0)
        guard Glibc.poll(&poll, 1, 10_000) > 0 else {
            throw RuntimeError(.system, "container \(container.id) did not end within ten seconds of SIGKILL")
        }
    }
}
