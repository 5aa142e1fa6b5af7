// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// signalfd(2): signals as something to read. For single-threaded programs.
package struct SignalDescriptor: Sendable {
    package let descriptor: SharedDescriptor

    /// Blocks the signals in the calling thread and receives them here.
    package init(_ signals: [Int32]) throws(Errno) {
        let number = signals.withUnsafeBufferPointer { wharf_signalfd($0.baseAddress, $0.count) }
        guard number >= 0 else { throw .last("signalfd") }
        descriptor = SharedDescriptor(FileDescriptor(owning: number))
    }

    /// The next signal's number; nil when none waits. Several of the same signal may come as one.
    package func next() throws(Errno) -> Int32? {
        var information = signalfd_siginfo()
        var failure: Errno?
        let count = withUnsafeMutableBytes(of: &information) { buffer -> Int in
            do throws(Errno) { return try descriptor.descriptor.read(into: buffer) } catch {
                failure = error
                return 0
            }
        }
        if let failure {
            if failure.code == .again { return nil }
            throw failure
        }
        return count > 0 ? Int32(bitPattern: information.ssi_signo) : nil
    }

    /// Lets a signal have no effect in this process, as SIGPIPE for who looks at EPIPE.
    package static func ignore(_ signal: Int32) { wharf_ignore_signal(signal) }
}
