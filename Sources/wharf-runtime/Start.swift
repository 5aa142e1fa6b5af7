// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux
internal import OCI
internal import OCIRuntime

/// `start ID`: lets a created container's process go on to its program.
enum Start {
    static let command = Command("start", "ID", "let a created container's process go on to its program", run: run)

    private static func run(_ context: RuntimeCommand.Context, _ options: Options) throws(RuntimeError) -> Int32 {
        let id = try options.containerID("start")
        let record = try context.store.load(id)
        switch try context.store.status(record) {
        case .created, .creating: break
        case .running: throw RuntimeError(.invalid, "cannot start an already running container")
        case .stopped: throw RuntimeError(.invalid, "cannot start a container that has stopped")
        case .paused: throw RuntimeError(.invalid, "cannot start a container in the paused state")
        }
        // BEFORE the start: the process may end at once, and its hooks are run all the same.
        let specification = try context.store.specificationOfHooks(record)
        let hasHooks = specification.spec.hooks?.poststart?.isEmpty == false
        let container = hasHooks ? try context.store.container(record, specification) : nil
        let directory = try context.store.directory(id)
        let path = "\(directory)/exec.fifo"
        // BEFORE the start, or its end could be missed.
        let answer = try? FileDescriptor.open("\(directory)/\(StateStore.answerName)", O_RDONLY | O_NONBLOCK)
        do throws(Linux.Errno) {
            try FileDescriptor.open(path, O_WRONLY | O_NONBLOCK).writeAll([1])
        } catch {
            throw RuntimeError(.invalid, "container process is already dead")
        }
        _ = unlink(path)
        try wait(for: answer)
        try container?.runPoststartHooks()
        return 0
    }

    /// Until the program is executed, or a startContainer hook has failed.
    private static func wait(for answer: consuming FileDescriptor?) throws(RuntimeError) {
        guard let answer else { return }
        try? answer.setNonBlocking(false)
        let reason = (try? answer.readAll(limit: 4096)) ?? []
        if !reason.isEmpty { throw RuntimeError(.system, String(decoding: reason, as: UTF8.self)) }
    }
}
