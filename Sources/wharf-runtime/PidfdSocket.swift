// SPDX-License-Identifier: Apache-2.0

internal import Linux
internal import OCIRuntime

/// `--pidfd-socket`: a listening Unix socket that gets a descriptor of the process (pidfd_open(2)), with a word as runc
/// has it.
enum PidfdSocket {
    enum Word: String {
        /// A container's first process.
        case standard
        /// One that `exec` added.
        case setns
    }

    static func send(_ process: borrowing StartedProcess, _ word: Word, to path: String?) throws(RuntimeError) {
        guard let path else { return }
        do throws(Linux.Errno) {
            let socket = try StreamSocket.connect(.unix(path))
            try socket.sendPacket(Array(word.rawValue.utf8), descriptor: process.pidfd)
        } catch {
            throw RuntimeError(.system, "pidfd-socket \(path): \(error)")
        }
    }
}
