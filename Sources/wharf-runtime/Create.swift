// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux
internal import OCI
internal import OCIRuntime

/// `create ID`: makes the container, whose process waits for `start`.
enum Create {
    static let command = Command(
        "create", "ID", "make a container, whose process waits for start", flags: .creation, run: run)

    private static func run(_ context: RuntimeCommand.Context, _ options: Options) throws(RuntimeError) -> Int32 {
        try ReadOnlyProgram.ensure()
        let id = try options.containerID("create")
        let preserved = try PreservedDescriptors(options)
        let bundle = try Bundle(options)
        let directory = try context.store.claim(
            id, cgroup: bundle.specification.cgroupPlace(id: id, systemd: context.isSystemdCgroup))
        do throws(RuntimeError) {
            let fifo = try makeFifo(directory, "exec.fifo")
            let console = try ConsoleSocket(options["console-socket"], needed: bundle.wantsTerminal)
            var request = request(id, bundle, options, preserved, gate: .fifo(fifo), context)
            if bundle.specification.spec.hooks?.startContainer?.isEmpty == false {
                request.startAnswer = SharedDescriptor(try makeFifo(directory, StateStore.answerName))
            }
            let container = try Container.create(request)
            context.log.warn(container.process.warnings)
            do throws(RuntimeError) {
                try console.send(container)
                try PidfdSocket.send(container.process, .standard, to: options["pidfd-socket"])
                try context.store.save(container, config: bundle.config)
                try writePid(container.process.pid, to: options["pid-file"])
                try container.isOnRecord()
            } catch {
                try? container.signal(SIGKILL)
                _ = try? container.process.pidfd.waitForProcess()
                try? container.delete()
                throw error
            }
        } catch {
            try? context.store.abandon(id)
            throw error
        }
        context.store.release(id)
        return 0
    }

    /// What `create` and `run` ask for.
    static func request(
        _ id: String, _ bundle: Bundle, _ options: Options, _ preserved: PreservedDescriptors,
        gate: consuming StartGate, _ context: RuntimeCommand.Context
    ) -> ContainerRequest {
        var specification = bundle.specification
        specification.spec.process?.env = (bundle.specification.spec.process?.env ?? []) + preserved.environment
        var request = ContainerRequest(
            id: id, specification: specification, bundle: bundle.path, rootfs: .path,
            streams: bundle.wantsTerminal ? .terminal : .inherit, gate: gate, filterCache: context.filterCache)
        request.preservedDescriptors = preserved.count
        request.hasOwnKeyring = !options.isOn("no-new-keyring")
        request.pivotsRoot = !options.isOn("no-pivot")
        request.mayLackCgroup = context.isRootless
        request.isSystemdCgroup = context.isSystemdCgroup
        return request
    }

    /// Open for reading and writing, so that reading waits for `start` and never sees an end.
    private static func makeFifo(_ directory: String, _ name: String) throws(RuntimeError) -> FileDescriptor {
        let path = "\(directory)/\(name)"
        guard mkfifo(path, 0o600) == 0, let fifo = try? FileDescriptor.open(path, O_RDWR) else {
            throw RuntimeError(.system, "mkfifo \(path): \(Linux.Errno.last("mkfifo").code)")
        }
        return fifo
    }

    static func writePid(_ pid: Int32, to path: String?) throws(RuntimeError) {
        guard let path else { return }
        do throws(Linux.Errno) {
            // Whole or not at all: an engine may be watching for it.
            let file = try FileDescriptor.open("\(path).tmp", O_WRONLY | O_CREAT | O_TRUNC, mode: 0o644)
            try file.writeAll(Array("\(pid)".utf8))
            guard rename("\(path).tmp", path) == 0 else { throw .last("rename", path) }
        } catch {
            throw RuntimeError(.system, "pid-file: \(error)")
        }
    }
}
