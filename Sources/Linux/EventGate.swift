// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// Counts signals between threads: one waits for as many as were announced. A pipe, of one byte each.
package final class EventGate: Sendable {
    private let reader: Int32
    private let writer: Int32

    package init() throws(Errno) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw .last("pipe") }
        (reader, writer) = (ends[0], ends[1])
        _ = fcntl(reader, F_SETFD, FD_CLOEXEC)
        _ = fcntl(writer, F_SETFD, FD_CLOEXEC)
    }

    deinit {
        _ = close(reader)
        _ = close(writer)
    }

    package func signal() {
        var byte: UInt8 = 1
        while write(writer, &byte, 1) < 0, wharf_errno() == EINTR {}
    }

    /// Waits for `count` signals.
    package func wait(count: Int) {
        var byte: UInt8 = 0
        for _ in 0..<count {
            while read(reader, &byte, 1) < 0, wharf_errno() == EINTR {}
        }
    }
}
