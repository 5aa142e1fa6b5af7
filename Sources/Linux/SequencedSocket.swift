// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// SOCK_SEQPACKET sockets of unix(7): whole messages, in order, each with at most one descriptor.
package enum SequencedSocket {
    /// Listens at `directory/name`, for this user only; what stood there is replaced. The path may be longer than a socket
    /// address allows.
    package static func listen(directory: borrowing FileDescriptor, name: String) throws(Errno) -> FileDescriptor {
        let socket = try create()
        if unlinkat(directory.rawValue, name, 0) != 0, wharf_errno() != ENOENT { throw .last("unlink", name) }
        try withAddress(directory, name) { address, length in
            Glibc.bind(socket.rawValue, address, length) == 0 ? nil : .last("bind", name)
        }
        if fchmodat(directory.rawValue, name, 0o600, 0) != 0 { throw .last("chmod", name) }
        if Glibc.listen(socket.rawValue, 16) != 0 { throw .last("listen", name) }
        return socket
    }

    /// Connects to `directory/name`. The socket is non-blocking.
    package static func connect(directory: borrowing FileDescriptor, name: String) throws(Errno) -> FileDescriptor {
        let socket = try create()
        try withAddress(directory, name) { address, length in
            Glibc.connect(socket.rawValue, address, length) == 0 ? nil : .last("connect", name)
        }
        return socket
    }

    /// Accepts a connection; nil when none is waiting, or it is gone again. The socket is non-blocking.
    package static func accept(_ listener: borrowing FileDescriptor) throws(Errno) -> FileDescriptor? {
        let number = wharf_accept(listener.rawValue, Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue))
        if number >= 0 { return FileDescriptor(owning: number) }
        switch wharf_errno() {
        case EAGAIN, EINTR, ECONNABORTED: return nil
        default: throw .last("accept")
        }
    }

    /// The effective user id of the process at the other end, when it connected (SO_PEERCRED).
    package static func peerUserID(_ socket: borrowing FileDescriptor) throws(Errno) -> UInt32 {
        var credentials = ucred()
        var length = socklen_t(MemoryLayout<ucred>.size)
        if getsockopt(socket.rawValue, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0 {
            throw .last("getsockopt", "SO_PEERCRED")
        }
        return credentials.uid
    }

    /// Makes room for one packet of `bytes`: tries to go beyond net.core.wmem_max, and takes what it gets.
    package static func growSendBuffer(_ socket: borrowing FileDescriptor, bytes: Int) {
        var size = Int32(clamping: bytes)
        let length = socklen_t(MemoryLayout<Int32>.size)
        if setsockopt(socket.rawValue, SOL_SOCKET, SO_SNDBUFFORCE, &size, length) != 0 {
            _ = setsockopt(socket.rawValue, SOL_SOCKET, SO_SNDBUF, &size, length)
        }
    }

    /// Sends one packet. Throws EAGAIN when the other end does not keep up, EMSGSIZE when the buffer can never hold it.
    package static func send(
        _ socket: borrowing FileDescriptor, _ packet: [UInt8], passing descriptor: SharedDescriptor? = nil
    ) throws(Errno) {
        while true {
            let sent = packet.withUnsafeBytes {
                wharf_send_packet(socket.rawValue, $0.baseAddress, $0.count, descriptor?.rawValue ?? -1)
            }
            if sent >= 0 { return }
            if wharf_errno() != EINTR { throw .last("sendmsg") }
        }
    }

    /// A packet as it came.
    package struct Packet: ~Copyable {
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

    /// Receives one packet into `buffer`. Throws EAGAIN when none is waiting, EMSGSIZE when it is larger than the buffer
    /// (it is lost then).
    package static func receive(
        _ socket: borrowing FileDescriptor, into buffer: UnsafeMutableRawBufferPointer
    )
        throws(Errno) -> Packet
    {
        var passed: Int32 = -1
        var count = wharf_receive_packet(socket.rawValue, buffer.baseAddress, buffer.count, &passed)
        while count < 0, wharf_errno() == EINTR {
            count = wharf_receive_packet(socket.rawValue, buffer.baseAddress, buffer.count, &passed)
        }
        if count < 0 { throw .last("recvmsg") }
        let descriptor = passed >= 0 ? FileDescriptor(owning: passed) : nil
        guard count <= buffer.count else { throw Errno(.init(rawValue: EMSGSIZE), "recvmsg") }
        return Packet(count: count, descriptor: descriptor)
    }

    private static func create() throws(Errno) -> FileDescriptor {
        let type = Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let number = socket(AF_UNIX, type, 0)
        guard number >= 0 else { throw .last("socket") }
        return FileDescriptor(owning: number)
    }

    /// Addresses go through /proc/self/fd, as sun_path holds 107 bytes and a run directory may be deeper.
    private static func withAddress(
        _ directory: borrowing FileDescriptor, _ name: String,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Errno?
    ) throws(Errno) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let path = Array("/proc/self/fd/\(directory.rawValue)/\(name)".utf8)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { buffer -> Bool in
            guard path.count < buffer.count else { return false }
            buffer.copyBytes(from: path)
            return true
        }
        guard fits else { throw Errno(.nameTooLong, "bind", name) }
        let failure = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        if let failure { throw failure }
    }
}
