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
        let errors = try Pipe()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output.writeEnd.rawValue, 1)
        posix_spawn_file_actions_adddup2(&actions, errors.writeEnd.rawValue, 2)
        let settings: [String] = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8"]
        let words = ([path] + arguments).map { (text: String) in strdup(text) }
        let environment = settings.map { (text: String) in strdup(text) }
        defer { for word in words + environment { free(word) } }
        var pid = pid_t()
        let failure = posix_spawn(&pid, path, &actions, nil, words + [nil], environment + [nil])
        guard failure == 0 else { throw Errno(.init(rawValue: failure), "posix_spawn", path) }
        return try collect(pid, output, errors, limit)
    }

    private static func collect(
        _ pid: pid_t, _ output: consuming Pipe, _ errors: consuming Pipe, _ limit: Int
    ) throws(Errno) -> Output {
        let outputEnd = output.takeReadEnd()
        let errorEnd = errors.takeReadEnd()
        var text: [UInt8] = []
        var failure: Errno?
        do throws(Errno) { text = try outputEnd.readAll(limit: limit) } catch { failure = error }
        let said = (try? errorEnd.readAll(limit: 65536)) ?? []
        if failure != nil { _ = kill(pid, SIGKILL) }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, wharf_errno() == EINTR {}
        if let failure { throw failure }
        let code = status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
        return Output(
            status: code, text: String(decoding: text, as: UTF8.self), errors: String(decoding: said, as: UTF8.self))
    }
}

extension Pipe {
    /// The read end; the write end is closed.
    consuming func takeReadEnd() -> FileDescriptor { readEnd }
}
