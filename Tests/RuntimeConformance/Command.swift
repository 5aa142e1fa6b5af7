// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux

/// What a program did.
struct Outcome {
    /// As a shell says it; nil: it did not end in time and was killed.
    var status: Int32?
    var output: String
    var errors: String

    var succeeded: Bool { status == 0 }
    /// For a message: how it ended, and the last it said.
    var summary: String {
        let said = (errors.isEmpty ? output : errors).split(separator: "\n").last.map { ": \($0)" } ?? ""
        return (status.map { "exit status \($0)" } ?? "no end in time") + said
    }
}

/// Runs programs with files for their streams, as what a runtime starts holds them open for longer than the runtime
/// runs.
enum Command {
    static let timeoutMilliseconds: Int32 = 20_000

    static func run(_ arguments: [String], directory: String, environment: [String] = []) throws -> Outcome {
        let (out, err) = ("\(directory)/stdout", "\(directory)/stderr")
        let pid = try spawn(arguments, output: out, errors: err, environment: environment)
        let status = try wait(pid)
        return Outcome(status: status, output: try File.read(out), errors: try File.read(err))
    }

    /// Runs shell text on the host; what it prints, without white space around it.
    @discardableResult
    static func shell(_ script: String, directory: String, mayFail: Bool = false) throws -> String {
        let outcome = try run(["/bin/sh", "-c", "cd '\(directory)' || exit; \(script)"], directory: directory)
        guard outcome.succeeded || mayFail else { throw Trouble("host command \(script): \(outcome.summary)") }
        return outcome.output.trimmed
    }

    private static func spawn(
        _ arguments: [String], output: String, errors: String, environment: [String]
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, flags, 0o644)
        posix_spawn_file_actions_addopen(&actions, 2, errors, flags, 0o644)
        let variables = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"] + environment
        var argv = arguments.map { strdup($0) } + [nil]
        var envp = variables.map { strdup($0) } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        var pid = pid_t()
        let result = posix_spawnp(&pid, arguments[0], &actions, nil, &argv, &envp)
        guard result == 0 else { throw Trouble("\(arguments[0]): \(String(cString: strerror(result)))") }
        return pid
    }

    /// nil: it was killed, as it took too long.
    private static func wait(_ pid: pid_t) throws -> Int32? {
        let pidfd = try FileDescriptor.process(pid)
        var entries = [PollSet.Entry(pidfd.rawValue, read: true)]
        try PollSet.wait(&entries, milliseconds: timeoutMilliseconds)
        let inTime = entries[0].isReadable
        if !inTime { try pidfd.signalProcess(SIGKILL) }
        let status = try pidfd.waitForProcess()
        return inTime ? status?.shellCode : nil
    }
}

/// Small files.
enum File {
    static func read(_ path: String) throws -> String {
        String(decoding: try FileDescriptor.open(path, O_RDONLY).readAll(limit: 4 << 20), as: UTF8.self)
    }

    static func readIfThere(_ path: String) -> String? {
        guard let text = try? read(path) else { return nil }
        return text.trimmed
    }

    static func write(_ bytes: [UInt8], to path: String, mode: UInt32 = 0o644) throws {
        let file = try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC, mode: mode)
        try file.writeAll(bytes)
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}

extension String {
    var trimmed: String {
        var text = self[...]
        while let last = text.last, last.isWhitespace { text.removeLast() }
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        return String(text)
    }

    var lines: [String] { split(separator: "\n").map(String.init) }
    var words: [String] { split(whereSeparator: \.isWhitespace).map(String.init) }
}

/// Polls for up to five seconds.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
    for _ in 0..<500 {
        if try condition() { return true }
        usleep(10_000)
    }
    return false
}
