// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// What is asked of pipes, sockets and terminals that carry a process's output.
extension FileDescriptor {
    /// Reads and writes that would wait throw EAGAIN instead. Belongs to the open file, so every duplicate has it too.
    package func setNonBlocking(_ on: Bool = true) throws(Errno) {
        if wharf_set_nonblocking(rawValue, on ? 1 : 0) != 0 { throw .last("fcntl", "F_SETFL") }
    }

    /// The size of a terminal's window, in characters; its foreground process group gets SIGWINCH if that changes it.
    package func setWindowSize(rows: UInt16, columns: UInt16) throws(Errno) {
        if wharf_set_window_size(rawValue, rows, columns) != 0 { throw .last("ioctl", "TIOCSWINSZ") }
    }

    /// Bytes that could be read now (FIONREAD).
    package func bytesWaiting() throws(Errno) -> Int {
        var count: Int32 = 0
        if wharf_bytes_waiting(rawValue, &count) != 0 { throw .last("ioctl", "FIONREAD") }
        return Int(count)
    }

    /// Ends a stream socket's sending direction: the other end reads end of file.
    package func shutDownWriting() throws(Errno) {
        if shutdown(rawValue, Int32(SHUT_WR)) != 0 { throw .last("shutdown") }
    }
}
