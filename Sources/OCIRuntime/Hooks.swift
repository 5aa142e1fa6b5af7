// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import JSON
internal import Linux
internal import OCI

extension RuntimeSpec.Hooks {
    /// Whether there is one that runs while the container is created.
    var runInCreate: Bool { [prestart, createRuntime, createContainer].contains { $0?.isEmpty == false } }
}

/// Runs hooks: programs that read the container's state on standard input (config.md#posix-platform-hooks).
enum Hooks {
    /// More than this a hook can't say: what it writes is only shown when it fails.
    private static let outputLimit = 1 << 20
    private static let shownOutput = 1024

    /// One after the other; the first that fails stops.
    static func run(_ hooks: [RuntimeSpec.Hook], _ kind: String, _ state: RuntimeState) throws(RuntimeError) {
        guard !hooks.isEmpty else { return }
        let json: [UInt8]
        do throws(JSONError) { json = try JSON.encode(state) } catch {
            throw RuntimeError(.system, "\(kind) hook: \(error)")
        }
        for hook in hooks { try execute(hook, "\(kind) hook \(hook.path)", input: json) }
    }

    /// All of them; of those that fail the runtime's own standard error tells.
    static func runAll(_ hooks: [RuntimeSpec.Hook], _ kind: String, _ state: RuntimeState) {
        for hook in hooks {
            do throws(RuntimeError) { try run([hook], kind, state) } catch {
                var line = "warning: \(error)\n"
                line.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
            }
        }
    }

    /// Runs one program to its end, which must be a success. `name` is what an error calls it.
    static func execute(_ hook: RuntimeSpec.Hook, _ name: String, input state: [UInt8]) throws(RuntimeError) {
        // Files and no pipes: neither a hook that does not read nor one that leaves a child behind holds anybody up.
        let files = try step(name) { () throws(Linux.Errno) in
            let input = try FileDescriptor.memoryFile("state")
            try input.writeAll(state)
            try input.seek(to: 0)
            return Files(input: input, output: try FileDescriptor.boundedMemoryFile("output", size: outputLimit))
        }
        let status = try step(name) { () throws(Linux.Errno) -> ExitStatus? in
            switch try forkChild() {
            case .child:
                become(hook, files)
                return nil
            case .parent(_, let pidfd):
                if try wait(pidfd, seconds: hook.timeout) { return try pidfd.waitForProcess() }
                try pidfd.signalProcess(SIGKILL)
                _ = try pidfd.waitForProcess()
                return nil
            }
        }
        guard let status else {
            throw RuntimeError(.system, "\(name) did not end in \(hook.timeout ?? 0) seconds\(files.text)")
        }
        guard status == .exited(0) else {
            throw RuntimeError(.system, "\(name) failed: exit status \(status.shellCode)\(files.text)")
        }
    }

    /// False when time is up.
    private static func wait(_ process: borrowing FileDescriptor, seconds: Int?) throws(Linux.Errno) -> Bool {
        guard let seconds else { return true }
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let end = now.tv_sec * 1000 + now.tv_nsec / 1_000_000 + min(seconds, 1 << 30) * 1000
        while true {
            clock_gettime(CLOCK_MONOTONIC, &now)
            let left = end - (now.tv_sec * 1000 + now.tv_nsec / 1_000_000)
            guard left > 0 else { return false }
            var entry = pollfd(fd: process.rawValue, events: Int16(POLLIN), revents: 0)
            if poll(&entry, 1, Int32(min(left, 60_000))) > 0 { return true }
        }
    }

    /// A hook's standard input, and its output and error.
    private final class Files {
        let input: FileDescriptor
        let output: FileDescriptor

        init(input: consuming FileDescriptor, output: consuming FileDescriptor) {
            self.input = input
            self.output = output
        }

        /// The end of what it wrote, for an error.
        var text: String {
            guard let end = try? output.position(), end > 0 else { return "" }
            var bytes = [UInt8](repeating: 0, count: min(Int(end), shownOutput))
            try? output.seek(to: end - Int64(bytes.count))
            let count = bytes.withUnsafeMutableBytes { (try? output.read(into: $0)) ?? 0 }
            bytes.removeLast(bytes.count - count)
            while let last = bytes.last, last == 0x0a || last == 0x20 { bytes.removeLast() }
            return bytes.isEmpty ? "" : ": " + String(decoding: bytes, as: UTF8.self)
        }
    }

    /// In the child; does not come back. (Not `Never`: the compiler then warns of the clean-up it put after the call.)
    private static func become(_ hook: RuntimeSpec.Hook, _ files: Files) {
        do throws(Linux.Errno) {
            CurrentProcess.resetSignals()
            try files.input.place(at: 0)
            try files.output.place(at: 1)
            try files.output.place(at: 2)
            try closeRangeOnExec(from: 3)
            _ = Linux.execute(hook.path, CStringArray(hook.args ?? [hook.path]), CStringArray(hook.env ?? []))
        } catch {}
        exitNow(127)
    }
}
