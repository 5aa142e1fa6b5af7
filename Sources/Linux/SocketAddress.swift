// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// A sockaddr_in, sockaddr_in6 or sockaddr_un, as bytes.
package struct SocketAddress: Hashable, Sendable {
    private var bytes: [UInt8]
    private var length: Int

    package init() {
        bytes = [UInt8](repeating: 0, count: MemoryLayout<sockaddr_storage>.size)
        length = bytes.count
    }

    package init(_ address: HostAddress, port: UInt16) {
        self.init()
        let family = address.isV6 ? AF_INET6 : AF_INET
        withUnsafeBytes(of: sa_family_t(family)) { bytes.replaceSubrange(0..<2, with: $0) }
        bytes[2] = UInt8(port >> 8)
        bytes[3] = UInt8(port & 255)
        switch address {
        case .v4(let address):
            bytes.replaceSubrange(4..<8, with: address.bytes)
            length = MemoryLayout<sockaddr_in>.size
        case .v6(let address):
            bytes.replaceSubrange(8..<24, with: address)
            length = MemoryLayout<sockaddr_in6>.size
        }
    }

    /// A socket's file; or, with a NUL in front, an abstract name. Throws ENAMETOOLONG where it is longer than an
    /// address is.
    package init(unix path: String) throws(Errno) {
        self.init()
        let name = Array(path.utf8)
        guard !name.isEmpty, Self.pathOffset + name.count < MemoryLayout<sockaddr_un>.size else {
            throw Errno(.nameTooLong, "bind", path)
        }
        withUnsafeBytes(of: sa_family_t(AF_UNIX)) { bytes.replaceSubrange(0..<2, with: $0) }
        bytes.replaceSubrange(Self.pathOffset..<(Self.pathOffset + name.count), with: name)
        // A path ends with a NUL, an abstract name with the address.
        length = Self.pathOffset + name.count + (name[0] == 0 ? 0 : 1)
    }

    private static let pathOffset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2

    /// Where a Unix socket is bound; nil for a socket of another family, or without a file.
    package static func unixPath(of socket: borrowing FileDescriptor) -> String? {
        var address = SocketAddress()
        guard address.withMutablePointer({ getsockname(socket.rawValue, $0, $1) }) == 0 else { return nil }
        let isUnix = address.bytes.withUnsafeBytes { $0.load(as: sa_family_t.self) == sa_family_t(AF_UNIX) }
        let path = address.bytes[..<address.length].dropFirst(pathOffset).prefix { $0 != 0 }
        return isUnix && !path.isEmpty ? String(decoding: path, as: UTF8.self) : nil
    }

    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>?, socklen_t) -> Result) -> Result {
        bytes.withUnsafeBytes { body($0.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(length)) }
    }

    mutating func withMutablePointer<Result>(
        _ body: (UnsafeMutablePointer<sockaddr>?, UnsafeMutablePointer<socklen_t>) -> Result
    ) -> Result {
        var size = socklen_t(bytes.count)
        let result = bytes.withUnsafeMutableBytes {
            body($0.baseAddress?.assumingMemoryBound(to: sockaddr.self), &size)
        }
        length = min(Int(size), bytes.count)
        return result
    }
}

/// Datagrams to a Unix socket.
package enum DatagramSocket {
    /// Sends one; whether it arrives nobody is told.
    package static func send(_ text: String, to address: SocketAddress) {
        let number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard number >= 0 else { return }
        let socket = FileDescriptor(owning: number)
        _ = address.withPointer {
            sendto(socket.rawValue, text, text.utf8.count, Int32(truncatingIfNeeded: MSG_NOSIGNAL), $0, $1)
        }
    }
}
