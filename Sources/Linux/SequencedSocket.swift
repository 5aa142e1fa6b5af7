// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// SOCK_SEQPACKET sockets of unix(7): whole messages, in order. Packets.swift sends and receives them.
package enum SequencedSocket {
    /// Listens at `directory/name`, for this user only; what stood there is replaced. The path may be longer than a
    /// socket address allows.
    package static func listen(directory: borrowing FileDescriptor, name: String) throws(Errno) -> FileDescriptor {
        let socket = try create()
        if unlinkat(directory.rawValue, name, 0) != 0, wharf_errno() != ENOENT { throw .last("unlink", name) }
        let address = try address(directory, name)
        guard address.withPointer({ Glibc.bind(socket.rawValue, $0, $1) }) == 0 else { throw .last("bind", name) }
        if fchmodat(directory.rawValue, name, 0o600, 0) != 0 { throw .last("chmod", name) }
        if Glibc.listen(socket.rawValue, 16) != 0 { throw .last("listen", name) }
        return socket
    }

    /// Connects to `directory/name`. The socket is non-blocking.
    package static func connect(directory: borrowing FileDescriptor, name: String) throws(Errno) -> FileDescriptor {
        let socket = try create()
        let address = try address(directory, name)
        guard address.withPointer({ Glibc.connect(socket.rawValue, $0, $1) }) == 0 else { throw .last("connect", name) }
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

    private static func create() throws(Errno) -> FileDescriptor {
        let type = Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let number = socket(AF_UNIX, type, 0)
        guard number >= 0 else { throw .last("socket") }
        return FileDescriptor(owning: number)
    }

    /// Addresses go through /proc/self/fd, as they hold 107 bytes and a run directory may be deeper.
    private static func address(
        _ directory: borrowing FileDescriptor, _ name: String
    ) throws(Errno) -> SocketAddress {
        try SocketAddress(unix: "/proc/self/fd/\(directory.rawValue)/\(name)")
    }
}
