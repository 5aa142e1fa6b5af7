// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// One message of a Unix socket that keeps their boundaries.
package struct Packet: ~Copyable {
    package let bytes: [UInt8]
    package var descriptor: FileDescriptor?
}

/// A packet whose bytes are in the receiver's buffer.
package struct ReceivedPacket: ~Copyable {
    /// Bytes of the buffer that are filled; 0: the other end has closed.
    package let count: Int
    private var descriptor: FileDescriptor?

    fileprivate init(count: Int, descriptor: consuming FileDescriptor?) {
        self.count = count
        self.descriptor = descriptor
    }

    /// The descriptor that came with it; once.
    package mutating func takeDescriptor() -> FileDescriptor? { descriptor.take() }
}

/// Messages, each with at most one descriptor.
extension FileDescriptor {
    /// Sends one message. Throws EPIPE when the peer is gone, EAGAIN when a non-blocking socket has no room, EMSGSIZE
    /// when the buffer can never hold it.
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

    /// Receives one message of at most `limit` bytes; nil when the peer is gone. Throws as `receivePacket(into:)`.
    package func receivePacket(limit: Int = 4096) throws(Errno) -> Packet? {
        var buffer = [UInt8](repeating: 0, count: limit)
        while true {
            var result: Result<Int, Errno> = .success(0)
            var descriptor: FileDescriptor?
            buffer.withUnsafeMutableBytes { bytes in
                do throws(Errno) {
                    var packet = try receivePacket(into: bytes)
                    descriptor = packet.takeDescriptor()
                    result = .success(packet.count)
                } catch { result = .failure(error) }
            }
            switch result {
            case .success(0): return nil
            case .success(let count): return Packet(bytes: Array(buffer[..<count]), descriptor: descriptor.take())
            case .failure(let error):
                // A peer that closed before it read everything. The kernel says so once, ahead of what that peer had
                // sent (unix(7); unix_release_sock), which must not be lost.
                guard error.code == .connectionReset else { throw error }
            }
        }
    }

    /// Receives one message into `buffer`. Throws EAGAIN when a non-blocking socket has none, EMSGSIZE when it is
    /// larger than the buffer (it is lost then).
    package func receivePacket(into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> ReceivedPacket {
        var passed: Int32 = -1
        var count = wharf_receive_packet(rawValue, buffer.baseAddress, buffer.count, &passed)
        while count < 0, wharf_errno() == EINTR {
            count = wharf_receive_packet(rawValue, buffer.baseAddress, buffer.count, &passed)
        }
        if count < 0 { throw .last("recvmsg") }
        let descriptor = passed >= 0 ? FileDescriptor(owning: passed) : nil
        guard count <= buffer.count else { throw Errno(.init(rawValue: EMSGSIZE), "recvmsg") }
        return ReceivedPacket(count: count, descriptor: descriptor)
    }
}
