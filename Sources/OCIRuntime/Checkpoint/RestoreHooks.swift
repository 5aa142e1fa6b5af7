// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux
internal import OCI

/// Hooks of a container that is restored: those that run when its namespaces are there, and before anything is in them
/// (`prestart`, `createRuntime`). criu runs a script then, which asks this process and waits for its answer.
final class RestoreHooks {
    let script: String
    private let hooks: RuntimeSpec.Hooks
    private let asking: FileDescriptor
    private let answering: FileDescriptor
    private let files: [String]
    /// Of a hook.
    private(set) var failure: RuntimeError?

    /// nil: there is none to run. What it takes is put into `directory`.
    init?(_ spec: RuntimeSpec, directory: String) throws(RuntimeError) {
        guard let hooks = spec.hooks, hooks.prestart?.isEmpty == false || hooks.createRuntime?.isEmpty == false else {
            return nil
        }
        self.hooks = hooks
        script = "\(directory)/restore.sh"
        let (ask, answer) = ("\(directory)/restore.ask", "\(directory)/restore.answer")
        files = [script, ask, answer]
        let text = """
            #!/bin/sh
            [ "$CRTOOLS_SCRIPT_ACTION" = setup-namespaces ] || exit 0
            echo "$CRTOOLS_INIT_PID" >'\(ask)' && read -r answer <'\(answer)' && [ "$answer" = go ]

            """
        guard !directory.contains("'") else { throw RuntimeError(.unsupported, "--root must not have a quote in it") }
        try step("hooks") { [script] () throws(Linux.Errno) in try HostPath.write(text, to: script, mode: 0o700) }
        asking = try RestoreHooks.pipe(ask)
        answering = try RestoreHooks.pipe(answer)
    }

    /// Open in both directions, so that neither side waits for the other to open it.
    private static func pipe(_ path: String) throws(RuntimeError) -> FileDescriptor {
        try step("hooks") { () throws(Linux.Errno) in
            guard mkfifo(path, 0o600) == 0 else { throw .last("mkfifo", path) }
            return try FileDescriptor.open(path, O_RDWR)
        }
    }

    func remove() { for file in files { _ = unlink(file) } }

    /// Answers until `process`, criu, has ended; returns how.
    func serve(
        until process: borrowing FileDescriptor, state: (Int32) -> RuntimeState
    ) throws(RuntimeError) -> ExitStatus? {
        var asked: [UInt8] = []
        while true {
            var entries = [
                PollSet.Entry(asking.rawValue, read: true), PollSet.Entry(process.rawValue, read: true),
            ]
            try step("waiting for criu") { () throws(Linux.Errno) in try PollSet.wait(&entries) }
            if entries[0].isReadable {
                var buffer = [UInt8](repeating: 0, count: 64)
                let count = buffer.withUnsafeMutableBytes { (try? asking.read(into: $0)) ?? 0 }
                asked += buffer[..<count]
                if asked.last == 0x0a {
                    answer(Int32(String(decoding: asked.dropLast(), as: UTF8.self)), state)
                    asked = []
                }
            }
            if entries[1].isReadable {
                return try step("waiting for criu") { () throws(Linux.Errno) in try process.waitForProcess() }
            }
        }
    }

    private func answer(_ pid: Int32?, _ state: (Int32) -> RuntimeState) {
        do throws(RuntimeError) {
            guard let pid else { throw RuntimeError(.system, "criu's script has no pid") }
            try Hooks.run(hooks.prestart ?? [], "prestart", state(pid))
            try Hooks.run(hooks.createRuntime ?? [], "createRuntime", state(pid))
            try? answering.writeAll(Array("go\n".utf8))
        } catch {
            failure = error
            try? answering.writeAll(Array("stop\n".utf8))
        }
    }
}
