// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// How a child ended.
package enum ExitStatus: Sendable, Equatable {
    case exited(Int32)
    case signaled(Int32)

    /// Reads what waitpid(2) says of a process that has ended.
    init(waitStatus status: Int32) {
        let signal = status & 0x7F
        self = signal == 0 ? .exited((status >> 8) & 0xFF) : .signaled(signal)
    }

    /// As a shell would say: the exit code, or 128 + signal.
    package var shellCode: Int32 {
        switch self {
        case .exited(let code): code
        case .signaled(let signal): 128 + signal
        }
    }
}

/// A child made by `forkChild`, told apart from its parent.
package enum ForkResult: ~Copyable {
    /// We are the child.
    case child
    case parent(pid: Int32, pidfd: FileDescriptor)
}

/// Forks with new namespaces (clone3(2)); `cgroup` is a cgroup v2 directory the child starts in. `asSibling`: its
/// parent is the caller's.
///
/// Only for single-threaded programs: the child may then run any Swift code.
package func forkChild(
    namespaces: Namespaces = [], cgroup: SharedDescriptor? = nil, asSibling: Bool = false
) throws(Errno) -> ForkResult {
    var pidfd: Int32 = -1
    let cgroupNumber = cgroup?.rawValue ?? -1
    // CLONE_PIDFD, CLONE_INTO_CGROUP, CLONE_PARENT (whose signal is the caller's own)
    let flags =
        namespaces.rawValue | 0x1000 | (cgroupNumber >= 0 ? 0x2_0000_0000 : 0) | (asSibling ? 0x8000 : 0)
    var pid = wharf_clone3(flags, &pidfd, asSibling ? 0 : SIGCHLD, cgroupNumber >= 0 ? cgroupNumber : 0)
    if pid < 0, wharf_errno() == ENOSYS, flags == 0x1000 {
        // Inside a container, whose system call filter can't see clone3's flags and so refuses it.
        pid = wharf_clone(&pidfd, SIGCHLD)
    }
    guard pid >= 0 else { throw .last("clone3") }
    if pid == 0 { return .child }
    return .parent(pid: pid, pidfd: FileDescriptor(owning: pidfd))
}

extension FileDescriptor {
    /// A descriptor of a process, which a recycled pid can't confuse.
    package static func process(_ pid: Int32) throws(Errno) -> FileDescriptor {
        let number = wharf_pidfd_open(pid, 0)
        guard number >= 0 else { throw .last("pidfd_open", "\(pid)") }
        return FileDescriptor(owning: number)
    }

    /// Signals the process this pidfd is of; ESRCH when it has been reaped. Signal 0 only asks.
    package func signalProcess(_ signal: Int32) throws(Errno) {
        guard wharf_pidfd_send_signal(rawValue, signal) == 0 else { throw .last("pidfd_send_signal") }
    }

    /// Waits for the child this pidfd is of and reaps it; nil when `block` is false and it still runs.
    package func waitForProcess(block: Bool = true) throws(Errno) -> ExitStatus? {
        var code: Int32 = 0
        var status: Int32 = 0
        while wharf_wait_pidfd(rawValue, WEXITED | (block ? 0 : WNOHANG), &code, &status) != 0 {
            if wharf_errno() != EINTR { throw .last("waitid") }
        }
        switch code {
        case 0: return nil
        case 1: return .exited(status)  // CLD_EXITED
        default: return .signaled(status)  // CLD_KILLED, CLD_DUMPED
        }
    }

    /// Makes this descriptor number `number` in this process, and one that execve(2) keeps.
    package func place(at number: Int32) throws(Errno) {
        if rawValue == number {
            guard wharf_fcntl(number, F_SETFD, 0) == 0 else { throw .last("fcntl") }
            return
        }
        guard dup2(rawValue, number) >= 0 else { throw .last("dup2") }
    }

    /// Whether execve(2) closes it.
    package func setCloseOnExec(_ on: Bool) throws(Errno) {
        guard wharf_fcntl(rawValue, F_SETFD, on ? Int(FD_CLOEXEC) : 0) == 0 else { throw .last("fcntl") }
    }

    /// Makes the terminal this is a slave of the controlling terminal of the calling session's leader.
    package func makeControllingTerminal() throws(Errno) {
        guard wharf_ioctl(rawValue, UInt(TIOCSCTTY), 0) == 0 else { throw .last("ioctl", "TIOCSCTTY") }
    }
}

/// Closes every descriptor from `first` on.
package func closeRange(from first: UInt32) throws(Errno) {
    guard wharf_close_range(first, UInt32.max, 0) == 0 else { throw .last("close_range") }
}

/// Marks every descriptor from `first` on close-on-exec (rule R12).
package func closeRangeOnExec(from first: UInt32) throws(Errno) {
    guard wharf_close_range(first, UInt32.max, 4) == 0 else { throw .last("close_range") }
}

/// Replaces this program by the file at `path`; returns only if that fails.
package func execute(
    _ path: String, _ arguments: borrowing CStringArray, _ environment: borrowing CStringArray
) -> Errno {
    _ = path.withCString { path in
        arguments.withPointer { arguments in environment.withPointer { execve(path, arguments, $0) } }
    }
    return .last("execve", path)
}

extension FileDescriptor {
    /// Replaces this program by the file this descriptor is of (execveat(2)); returns only if that fails.
    package func execute(
        _ arguments: borrowing CStringArray, _ environment: borrowing CStringArray
    ) -> Errno {
        let number = rawValue
        _ = arguments.withPointer { arguments in
            environment.withPointer { wharf_execveat(number, "", arguments, $0, AT_EMPTY_PATH) }
        }
        return .last("execveat")
    }
}

/// Replaces this program by the one that the caller's PATH has; returns only if that fails.
package func executeFromPath(_ arguments: borrowing CStringArray) -> Errno {
    arguments.withPointer { arguments in
        guard let name = arguments[0] else { return }
        _ = execvp(name, arguments)
    }
    return .last("execvp")
}

/// Ends the process at once, without C's exit handlers: what a forked child must do.
package func exitNow(_ code: Int32) -> Never { _exit(code) }

extension FileDescriptor {
    /// An eventfd(2) at zero, close-on-exec and non-blocking.
    package static func eventCounter() throws(Errno) -> FileDescriptor {
        let number = wharf_eventfd()
        guard number >= 0 else { throw .last("eventfd") }
        return FileDescriptor(owning: number)
    }
}
