// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// Where a stream socket listens: a Unix socket's path, or a numeric Internet address and a port.
package enum StreamAddress: Sendable, Equatable {
    case unix(String)
    /// An IPv4 or IPv6 address in numbers (or `localhost`), and a port.
    case internet(String, UInt16)
}

extension StreamAddress: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unix(let path): path
        case .internet(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }
}

/// Stream sockets: connect, listen, and the little that is special about them.
package enum StreamSocket {
    /// Connects and blocks until it is done. `host` names other than `localhost` are EADDRNOTAVAIL.
    package static func connect(_ address: StreamAddress) throws(Errno) -> FileDescriptor {
        let socket = try open(address, SOCK_STREAM)
        try with(address, "connect") { pointer, length in
            while Glibc.connect(socket.rawValue, pointer, length) != 0 {
                if wharf_errno() != EINTR { return false }
            }
            return true
        }
        return socket
    }

    /// Binds; the caller sets a socket file's owner and mode, and listens.
    package static func bind(_ address: StreamAddress) throws(Errno) -> FileDescriptor {
        let socket = try open(address, SOCK_STREAM)
        if case .internet = address {
            var on: Int32 = 1
            setsockopt(socket.rawValue, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        }
        try with(address, "bind") { pointer, length in Glibc.bind(socket.rawValue, pointer, length) == 0 }
        return socket
    }

    package static func listen(_ socket: borrowing FileDescriptor, backlog: Int32) throws(Errno) {
        guard Glibc.listen(socket.rawValue, backlog) == 0 else { throw .last("listen") }
    }

    /// Says that nothing more will be sent.
    package static func shutdownWrite(_ socket: Int32) throws(Errno) {
        guard Glibc.shutdown(socket, Int32(SHUT_WR)) == 0 else { throw .last("shutdown") }
    }

    /// Waits until the socket can be read (or has ended), or written if `writing`; which of both.
    package static func wait(
        _ socket: Int32, reading: Bool, writing: Bool, milliseconds: Int32 = -1
    ) throws(Errno) -> (readable: Bool, writable: Bool) {
        var entry = pollfd(fd: socket, events: 0, revents: 0)
        if reading { entry.events |= Int16(POLLIN) }
        if writing { entry.events |= Int16(POLLOUT) }
        while poll(&entry, 1, milliseconds) < 0 {
            if wharf_errno() != EINTR { throw .last("poll") }
        }
        let ended = entry.revents & Int16(POLLERR | POLLHUP) != 0
        return (
            reading && (ended || entry.revents & Int16(POLLIN) != 0),
            writing && (ended || entry.revents & Int16(POLLOUT) != 0)
        )
    }

    /// Sends without raising SIGPIPE and without waiting: EAGAIN is 0.
    package static func send(_ socket: Int32, _ bytes: UnsafeRawBufferPointer) throws(Errno) -> Int {
        while true {
            let count = Glibc.send(
                socket, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
            if count >= 0 { return count }
            if wharf_errno() == EAGAIN { return 0 }
            if wharf_errno() != EINTR { throw .last("send") }
        }
    }

    private static func open(_ address: StreamAddress, _ type: __socket_type) throws(Errno) -> FileDescriptor {
        let family: Int32
        switch address {
        case .unix: family = AF_UNIX
        case .internet(let host, _): family = host.contains(":") ? AF_INET6 : AF_INET
        }
        let number = socket(family, Int32(type.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { throw .last("socket") }
        return FileDescriptor(owning: number)
    }

    private static func with(
        _ address: StreamAddress, _ call: String, _ body: (UnsafePointer<sockaddr>?, socklen_t) -> Bool
    ) throws(Errno) {
        guard try socketAddress(address, call).withPointer(body) else { throw .last(call, address.description) }
    }

    private static func socketAddress(_ address: StreamAddress, _ call: String) throws(Errno) -> SocketAddress {
        switch address {
        case .unix(let path): return try SocketAddress(unix: path)
        case .internet(let host, let port):
            guard let address = HostAddress(host == "localhost" ? "127.0.0.1" : host) else {
                throw Errno(.addressNotAvailable, call, host)
            }
            return SocketAddress(address, port: port)
        }
    }
}
