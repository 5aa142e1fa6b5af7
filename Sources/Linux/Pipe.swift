// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// A pipe, both ends close-on-exec.
package struct Pipe: ~Copyable {
    package var readEnd: FileDescriptor
    package var writeEnd: FileDescriptor

    package init() throws(Errno) {
        var ends: (Int32, Int32) = (-1, -1)
        let result = withUnsafeMutableBytes(of: &ends) { pipe2($0.bindMemory(to: Int32.self).baseAddress, O_CLOEXEC) }
        guard result == 0 else { throw .last("pipe2") }
        readEnd = FileDescriptor(owning: ends.0)
        writeEnd = FileDescriptor(owning: ends.1)
    }

    /// Hands the ends to two owners: reading, writing. (Other modules can't take a value apart.)
    package consuming func split(_ body: (consuming FileDescriptor, consuming FileDescriptor) -> Void) {
        body(readEnd, writeEnd)
    }

    /// The read end; the write end is closed.
    consuming func takeReadEnd() -> FileDescriptor { readEnd }
}
