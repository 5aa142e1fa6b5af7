// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// TCP and UDP sockets, non-blocking.
package enum InternetSocket {
    package enum Transport: Sendable { case tcp, udp }

    /// Takes a port: bound, and with TCP listening. IPv6 sockets are for IPv6 only.
    package static func hold(
        _ transport: Transport, _ address: HostAddress, port: UInt16
    ) throws(Errno) -> FileDescriptor {
        let socket = try make(transport, isV6: address.isV6)
        // Without it a connection that has just ended blocks the port for a minute. It lets nobody in beside a
        // listener.
        if transport == .tcp { try set(socket, SOL_SOCKET, SO_REUSEADDR) }
        if address.isV6 { try set(socket, Int32(IPPROTO_IPV6), IPV6_V6ONLY) }
        let name = "\(address.bracketed):\(port)"
        let bound = SocketAddress(address, port: port).withPointer { Glibc.bind(socket.rawValue, $0, $1) }
        guard bound == 0 else { throw .last("bind", name) }
        if transport == .tcp, listen(socket.rawValue, 1024) != 0 { throw .last("listen", name) }
        return socket
    }

    /// Starts to connect; with TCP the socket becomes writable when that has worked or failed (see `failure`).
    package static func connect(
        _ transport: Transport, to address: HostAddress, port: UInt16
    ) throws(Errno) -> FileDescriptor {
        let socket = try make(transport, isV6: address.isV6)
        let result = SocketAddress(address, port: port).withPointer { Glibc.connect(socket.rawValue, $0, $1) }
        if result != 0, wharf_errno() != EINPROGRESS { throw .last("connect", "\(address.bracketed):\(port)") }
        return socket
    }

    /// What became of a connection attempt (SO_ERROR); nil: nothing went wrong.
    package static func failure(_ socket: borrowing FileDescriptor) -> Errno? {
        var number: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(socket.rawValue, SOL_SOCKET, SO_ERROR, &number, &length) == 0 else {
            return .last("getsockopt")
        }
        return number == 0 ? nil : Errno(Errno.Code(rawValue: number), "connect")
    }

    /// Whether `::1` can be bound: IPv6 is there and not turned off.
    package static func hasIPv6() -> Bool {
        var loopback = [UInt8](repeating: 0, count: 16)
        loopback[15] = 1
        do throws(Errno) {
            _ = try hold(.udp, .v6(loopback), port: 0)
            return true
        } catch { return false }
    }

    /// One datagram and who sent it; nil when none is waiting. One longer than the buffer is cut off.
    package static func receive(
        _ socket: borrowing FileDescriptor, into buffer: UnsafeMutableRawBufferPointer
    ) throws(Errno) -> (count: Int, from: SocketAddress)? {
        var from = SocketAddress()
        let count = from.withMutablePointer { recvfrom(socket.rawValue, buffer.baseAddress, buffer.count, 0, $0, $1) }
        if count >= 0 { return (count, from) }
        switch wharf_errno() {
        case EAGAIN, EINTR: return nil
        default: throw .last("recvfrom")
        }
    }

    /// Sends one datagram; false when there is no room for it.
    package static func send(
        _ socket: borrowing FileDescriptor, _ bytes: UnsafeRawBufferPointer, to address: SocketAddress
    ) throws(Errno) -> Bool {
        let sent = address.withPointer { sendto(socket.rawValue, bytes.baseAddress, bytes.count, 0, $0, $1) }
        if sent >= 0 { return true }
        if wharf_errno() == EAGAIN { return false }
        throw .last("sendto")
    }

    private static func make(_ transport: Transport, isV6: Bool) throws(Errno) -> FileDescriptor {
        let type = transport == .tcp ? SOCK_STREAM : SOCK_DGRAM
        let number = wharf_socket(isV6 ? AF_INET6 : AF_INET, Int32(type.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard number >= 0 else { throw .last("socket") }
        return FileDescriptor(owning: number)
    }

    private static func set(_ socket: borrowing FileDescriptor, _ level: Int32, _ option: Int32) throws(Errno) {
        var on: Int32 = 1
        if setsockopt(socket.rawValue, level, option, &on, socklen_t(MemoryLayout<Int32>.size)) != 0 {
            throw .last("setsockopt")
        }
    }
}
