// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import JSON
internal import Linux
internal import OCIRuntime
internal import Shim

/// Another OCI runtime, called by its command line as runc has it.
struct ExternalRuntime {
    /// How long a command may take before it is killed.
    private static let timeoutMilliseconds: Int32 = 120_000

    /// A path, or a name that PATH has.
    let program: String
    /// Before every command.
    let arguments: [String]
    /// The container's own, below its run directory: what the runtime remembers is gone with it.
    let directory: String

    private var log: String { "\(directory)/log.json" }

    /// Runs a command to its end. `streams` are its own and so, for `create` and `exec`, the container's; nil:
    /// /dev/null.
    ///
    /// - Throws: `ShimFailure` with what the runtime's log says.
    func call(_ command: [String], streams: ProcessStreams? = nil) throws {
        _ = unlink(log)
        let words =
            [program] + arguments + ["--root", "\(directory)/state", "--log", log, "--log-format", "json"] + command
        switch try forkChild() {
        case .child:
            ExternalRuntime.become(words, streams)
        case .parent(_, let pidfd):
            let status = try wait(pidfd)
            guard status == .exited(0) else { throw failure(command.first ?? "", status) }
        }
    }

    private func wait(_ pidfd: borrowing FileDescriptor) throws -> ExitStatus? {
        var entries = [PollSet.Entry(pidfd.rawValue, read: true)]
        try PollSet.wait(&entries, milliseconds: Self.timeoutMilliseconds)
        let isInTime = entries[0].isReadable
        if !isInTime { try? pidfd.signalProcess(SIGKILL) }
        let status = try pidfd.waitForProcess()
        return isInTime ? status : nil
    }

    /// In the child; does not come back. (Not `Never`: the compiler then warns of the clean-up it put after the call.)
    private static func become(_ words: [String], _ streams: ProcessStreams?) {
        do throws(Linux.Errno) {
            CurrentProcess.resetSignals()
            let null = try FileDescriptor.open("/dev/null", O_RDWR)
            for number in Int32(0)...2 { try null.place(at: number) }
            if case .files(let input, let output, let error) = streams {
                try input.descriptor.place(at: 0)
                try output.descriptor.place(at: 1)
                try error.descriptor.place(at: 2)
            }
            try closeRangeOnExec(from: 3)
            _ = executeFromPath(CStringArray(words))
        } catch {}
        exitNow(127)
    }

    // MARK: Failures

    private struct LogLine: Decodable {
        var level: String?
        var msg: String?
    }

    /// The last error of the log, with the code that Docker's clients know it by.
    private func failure(_ command: String, _ status: ExitStatus?) -> ShimFailure {
        guard let status else {
            return ShimFailure(.system, "runtime \(program) \(command) did not end in time")
        }
        let bytes = (try? FileDescriptor.open(log, O_RDONLY).readAll(limit: 1 << 20)) ?? []
        let lines = bytes.split(separator: 0x0a).compactMap { try? JSON.decode(LogLine.self, from: Array($0)) }
        guard let message = lines.last(where: { $0.level != "warning" && $0.level != "debug" })?.msg else {
            return ShimFailure(
                .system,
                status == .exited(127)
                    ? "runtime \(program) can't be executed"
                    : "runtime \(program) \(command) ended with status \(status.shellCode)")
        }
        return ExternalRuntime.failure(message)
    }

    /// runc's own words for what comes before the cause; the daemon adds them anew.
    private static let prefixes = [
        "runc create failed: ", "runc exec failed: ", "exec failed: ", "unable to start container process: ",
        "error during container init: ",
    ]

    static func failure(_ message: String) -> ShimFailure {
        var text = message[...]
        for prefix in prefixes where text.hasPrefix(prefix) { text = text.dropFirst(prefix.count) }
        let isProgram = text.contains("exec: ") || text.contains("executable file")
        let code: ShimFailure.Code =
            if isProgram, text.contains("not found in $PATH") || text.contains("no such file") {
                .notFound
            } else if isProgram, text.contains("ermission denied") || text.contains("is a directory") {
                .notExecutable
            } else {
                .system
            }
        if code == .notFound, text.contains("executable file `") {
            // crun's words; Docker's clients look for runc's.
            let name = text.split(separator: "`", omittingEmptySubsequences: false)[1]
            return ShimFailure(code, "exec: \"\(name)\": executable file not found in $PATH")
        }
        return ShimFailure(code, String(text))
    }
}
