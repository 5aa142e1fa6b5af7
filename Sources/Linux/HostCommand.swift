// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// Runs a program of the host's to its end. Blocking; for the few things that are not worth a reimplementation (`ps`).
package enum HostCommand {
    package struct Output: Sendable {
        /// The exit code, or 128 + signal.
        package var status: Int32
        package var text: String
        package var errors: String
    }

    /// `limit`: bytes of standard output; more is EFBIG.
    package static func run(_ path: String, _ arguments: [String], limit: Int) throws(Errno) -> Output {
        let output = try Pipe()
        // A file, so that the program never waits for someone to read both.
        let errors = try FileDescriptor.memoryFile("stderr")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output.writeEnd.rawValue, 1)
        posix_spawn_file_actions_adddup2(&actions, errors.rawValue, 2)
        let words = CStringArray([path] + arguments)
        let environment = CStringArray(["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8"])
        var pid = pid_t()
        let failure = words.withPointer { words in
            environment.withPointer { posix_spawn(&pid, path, &actions, nil, words, $0) }
        }
        guard failure == 0 else { throw Errno(.init(rawValue: failure), "posix_spawn", path) }
        let (status, text) = try collect(pid, output.takeReadEnd(), limit)
        try errors.seek(to: 0)
        let said = try errors.readAll(limit: 1 << 20)
        return Output(
            status: status.shellCode, text: String(decoding: text, as: UTF8.self),
            errors: String(decoding: said, as: UTF8.self))
    }

    /// Reads what the program writes, and ends one that writes too much.
    private static func collect(
        _ pid: pid_t, _ output: consuming FileDescriptor, _ limit: Int
    ) throws(Errno) -> (ExitStatus, [UInt8]) {
        var text: [UInt8] = []
        var failure: Errno?
        do throws(Errno) { text = try output.readAll(limit: limit) } catch {
            failure = error
            _ = kill(pid, SIGKILL)
        }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, wharf_errno() == EINTR {}
        if let failure { throw failure }
        return (ExitStatus(waitStatus: status), text)
    }
}
