// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux

/// PID 1 for `--init`: runs one program, passes it every signal it gets itself, and reaps orphans until it ends.
package enum InitProgram {
    /// Where Docker's has its, which is what `ps` in a container shows.
    package static let path = "/sbin/docker-init"

    /// Runs the program after `--`; returns the exit code, 128 + signal for one that was killed.
    package static func run(_ arguments: [String]) -> Int32 {
        var program = arguments[...]
        if program.first == "--" { program = program.dropFirst() }
        guard !program.isEmpty else { return fail("\(path): nothing to run", 1) }
        // BEFORE the fork, so that no signal is lost between it and the first wait.
        var all = sigset_t()
        sigfillset(&all)
        sigprocmask(SIG_SETMASK, &all, nil)
        let arguments = CStringArray(Array(program))
        let child = fork_()
        if child == 0 { return become(arguments, name: program.first ?? "") }
        guard child > 0 else { return fail("\(path): fork: \(Linux.Errno.last("fork").code)", 1) }
        return supervise(child, &all)
    }

    private static func supervise(_ child: pid_t, _ signals: inout sigset_t) -> Int32 {
        while true {
            var signal: Int32 = 0
            guard sigwait(&signals, &signal) == 0 else { continue }
            guard signal == SIGCHLD else {
                _ = kill(child, signal)
                continue
            }
            var status: Int32 = 0
            while true {
                let pid = waitpid(-1, &status, WNOHANG)
                if pid <= 0 { break }
                guard pid == child else { continue }
                let killer = status & 0x7f
                return killer == 0 ? (status >> 8) & 0xff : 128 + killer
            }
        }
    }

    /// In the child; comes back only with the exit code of a failure: a process group of its own, in the foreground of
    /// the terminal if there is one.
    private static func become(_ arguments: borrowing CStringArray, name: String) -> Int32 {
        setpgid(0, 0)
        if isatty(0) == 1 { tcsetpgrp(0, getpid()) }
        CurrentProcess.resetSignals()
        let failure = executeFromPath(arguments).code
        return fail("\(path): exec \(name) failed: \(failure)", failure == .noEntry ? 127 : 126)
    }

    private static func fork_() -> pid_t {
        do throws(Linux.Errno) {
            switch try forkChild() {
            case .child: return 0
            case .parent(let pid, _): return pid
            }
        } catch {
            return -1
        }
    }

    private static func fail(_ message: String, _ code: Int32) -> Int32 {
        var line = message + "\n"
        line.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
        return code
    }
}
