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

/// One message of a `MessagePair`, or of any Unix socket.
package struct Packet: ~Copyable {
    package let bytes: [UInt8]
    package var descriptor: FileDescriptor?
}

extension FileDescriptor {
    /// Sends one message; EPIPE when the peer is gone.
    package func sendPacket(_ bytes: [UInt8]) throws(Errno) { try send(bytes, -1) }

    /// Sends one message and a descriptor.
    package func sendPacket(_ bytes: [UInt8], descriptor: borrowing FileDescriptor) throws(Errno) {
        try send(bytes, descriptor.rawValue)
    }

    private func send(_ bytes: [UInt8], _ descriptor: Int32) throws(Errno) {
        while bytes.withUnsafeBytes({ wharf_send_packet(rawValue, $0.baseAddress, $0.count, descriptor) }) < 0 {
            if wharf_errno() != EINTR { throw .last("sendmsg") }
        }
    }

    /// Receives one message of at most `limit` bytes; nil when the peer is gone.
    package func receivePacket(limit: Int = 4096) throws(Errno) -> Packet? {
        var buffer = [UInt8](repeating: 0, count: limit)
        var number: Int32 = -1
        while true {
            let count = buffer.withUnsafeMutableBytes {
                wharf_receive_packet(rawValue, $0.baseAddress, $0.count, &number)
            }
            if count > 0 {
                let descriptor: FileDescriptor? = number >= 0 ? FileDescriptor(owning: number) : nil
                return Packet(bytes: Array(buffer[..<min(count, limit)]), descriptor: descriptor)
            }
            if count == 0 { return nil }
            // ECONNRESET: a peer that closed before it read everything. The kernel says so once, ahead of what that peer
            // had sent (unix(7); unix_release_sock), which must not be lost.
            let code = wharf_errno()
            if code != EINTR, code != ECONNRESET { throw .last("recvmsg") }
        }
    }
}
