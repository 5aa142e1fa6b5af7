// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// Two connected sockets that keep message boundaries: between a process and the child it is about to fork.
package struct MessagePair: ~Copyable {
    package var ours: FileDescriptor
    package var theirs: FileDescriptor

    package init() throws(Errno) {
        var ends: (Int32, Int32) = (-1, -1)
        let result = withUnsafeMutableBytes(of: &ends) { wharf_socket_pair($0.bindMemory(to: Int32.self).baseAddress) }
        guard result == 0 else { throw .last("socketpair") }
        ours = FileDescriptor(owning: ends.0)
        theirs = FileDescriptor(owning: ends.1)
    }

    /// Hands the ends to two owners: ours, theirs. (Other modules can't take a value apart.)
    package consuming func split(_ body: (consuming FileDescriptor, consuming FileDescriptor) -> Void) {
        body(ours, theirs)
    }
}
