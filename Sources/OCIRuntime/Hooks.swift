// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import JSON
internal import Linux
internal import OCI

/// Runs hooks: programs that read the container's state on standard input (config.md#posix-platform-hooks).
enum Hooks {
    /// One after the other; the first that fails stops.
    static func run(_ hooks: [RuntimeSpec.Hook], _ kind: String, _ state: RuntimeState) throws(RuntimeError) {
        guard !hooks.isEmpty else { return }
        let json: [UInt8]
        do throws(JSONError) { json = try JSON.encode(state) } catch {
            throw RuntimeError(.system, "\(kind) hook: \(error)")
        }
        for hook in hooks { try run(hook, kind, json) }
    }

    private static func run(_ hook: RuntimeSpec.Hook, _ kind: String, _ state: [UInt8]) throws(RuntimeError) {
        let name = "\(kind) hook \(hook.path)"
        let status = try step(name) { () throws(Linux.Errno) -> ExitStatus? in
            let pipe = try Pipe()
            switch try forkChild() {
            case .child:
                become(hook, pipe.readEnd)
                return nil
            case .parent(_, let pidfd):
                // The state is far smaller than a pipe holds.
                let pipe = consume pipe
                try? pipe.writeEnd.writeAll(state)
                try closeBoth(pipe)
                guard let seconds = hook.timeout else { return try pidfd.waitForProcess() }
                for _ in 0..<max(1, seconds * 100) {
                    if let status = try pidfd.waitForProcess(block: false) { return status }
                    usleep(10_000)
                }
                try pidfd.signalProcess(SIGKILL)
                _ = try pidfd.waitForProcess()
                return nil
            }
        }
        guard let status else { throw RuntimeError(.system, "\(name) did not end in \(hook.timeout ?? 0) seconds") }
        guard status == .exited(0) else {
            throw RuntimeError(.system, "\(name) failed: exit status \(status.shellCode)")
        }
    }

    private static func closeBoth(_ pipe: consuming Pipe) throws(Linux.Errno) {}

    /// In the child; does not come back. (Not `Never`: the compiler then warns of the clean-up it put after the call.)
    private static func become(_ hook: RuntimeSpec.Hook, _ input: borrowing FileDescriptor) {
        do throws(Linux.Errno) {
            CurrentProcess.resetSignals()
            try input.place(at: 0)
            try closeRangeOnExec(from: 3)
            _ = execute(hook.path, CStringArray(hook.args ?? [hook.path]), CStringArray(hook.env ?? []))
        } catch {}
        exitNow(127)
    }
}
