// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux
internal import OCIRuntime

/// Waits for a process in the foreground: passes it the signals this program gets, and with a terminal carries bytes
/// between it and our own.
final class Foreground {
    private let signals: SignalDescriptor
    private var saved: termios?

    private static let forwarded =
        (1...31).filter { ![SIGKILL, SIGSTOP, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGURG].contains($0) }
        + [34, 64]

    init() throws(RuntimeError) {
        do throws(Linux.Errno) { signals = try SignalDescriptor(Foreground.forwarded) } catch {
            throw RuntimeError(.system, "\(error)")
        }
    }

    /// Returns the exit code, as a shell would say.
    func wait(_ process: borrowing StartedProcess) throws(RuntimeError) -> Int32 {
        do throws(Linux.Errno) {
            guard let terminal = try process.terminal?.duplicate() else { return try wait(process.pidfd, nil) }
            makeRaw()
            defer { restore() }
            copySize(to: terminal)
            return try wait(process.pidfd, SharedDescriptor(terminal))
        } catch {
            throw RuntimeError(.system, "waiting for the process: \(error)")
        }
    }

    private func wait(_ pidfd: borrowing FileDescriptor, _ terminal: SharedDescriptor?) throws(Linux.Errno) -> Int32 {
        var stdin = terminal == nil ? Int32(-1) : 0
        while true {
            // A tuple: an array of them would have Swift's runtime make its type.
            var polls = (
                signal: pollfd(fd: signals.descriptor.rawValue, events: Int16(POLLIN), revents: 0),
                exit: pollfd(fd: pidfd.rawValue, events: Int16(POLLIN), revents: 0),
                output: pollfd(fd: terminal?.rawValue ?? -1, events: Int16(POLLIN), revents: 0),
                input: pollfd(fd: stdin, events: Int16(POLLIN), revents: 0)
            )
            let count = withUnsafeMutableBytes(of: &polls) {
                poll($0.baseAddress?.assumingMemoryBound(to: pollfd.self), 4, -1)
            }
            if count < 0 { continue }
            if polls.signal.revents != 0 { try pass(pidfd, terminal) }
            if let terminal, polls.output.revents != 0 { _ = copy(from: terminal.rawValue, to: 1) }
            if let terminal, polls.input.revents != 0, !copy(from: 0, to: terminal.rawValue) { stdin = -1 }
            if polls.exit.revents != 0, let status = try pidfd.waitForProcess(block: false) {
                // What it wrote last is still in the terminal.
                if let terminal { while hasOutput(terminal), copy(from: terminal.rawValue, to: 1) {} }
                return status.shellCode
            }
        }
    }

    private func pass(_ pidfd: borrowing FileDescriptor, _ terminal: SharedDescriptor?) throws(Linux.Errno) {
        guard let signal = try signals.next() else { return }
        switch signal {
        case SIGCHLD: break
        case SIGWINCH where terminal != nil: if let terminal { copySize(to: terminal.descriptor) }
        default: try? pidfd.signalProcess(signal)
        }
    }

    private func hasOutput(_ terminal: SharedDescriptor) -> Bool {
        var poll = pollfd(fd: terminal.rawValue, events: Int16(POLLIN), revents: 0)
        return Glibc.poll(&poll, 1, 0) > 0 && poll.revents & Int16(POLLIN) != 0
    }

    /// False at the end of the input.
    private func copy(from source: Int32, to target: Int32) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 16384)
        let count = read(source, &buffer, buffer.count)
        guard count > 0 else { return false }
        var written = 0
        while written < count {
            let result = buffer[written..<count].withUnsafeBytes { write(target, $0.baseAddress, $0.count) }
            if result <= 0 { return errno == EINTR }
            written += result
        }
        return true
    }

    private func copySize(to terminal: borrowing FileDescriptor) {
        var size = winsize()
        guard ioctl(0, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0 else { return }
        try? terminal.setWindowSize(rows: size.ws_row, columns: size.ws_col)
    }

    private func makeRaw() {
        var settings = termios()
        guard tcgetattr(0, &settings) == 0 else { return }
        saved = settings
        cfmakeraw(&settings)
        tcsetattr(0, TCSANOW, &settings)
    }

    private func restore() {
        guard var saved else { return }
        tcsetattr(0, TCSANOW, &saved)
    }
}
