// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// The calling process's children, its own and those that became so as orphans.
package enum Children {
    /// A child that has ended and is not reaped yet; nil when there is none. It stays, and comes again until `reap`.
    package static func nextEnded() -> Int32? {
        var information = siginfo_t()
        while waitid(P_ALL, 0, &information, WEXITED | WNOHANG | WNOWAIT) != 0 {
            if wharf_errno() != EINTR { return nil }
        }
        let pid = wharf_siginfo_pid(&information)
        return pid > 0 ? pid : nil
    }

    /// Reaps a child that has ended.
    @discardableResult
    package static func reap(_ pid: Int32) -> ExitStatus? {
        var status: Int32 = 0
        while waitpid(pid, &status, WNOHANG) != pid {
            if wharf_errno() != EINTR { return nil }
        }
        return ExitStatus(waitStatus: status)
    }
}
