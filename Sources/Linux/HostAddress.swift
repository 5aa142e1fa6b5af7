// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// An IPv4 or IPv6 address, in its one canonical spelling.
package enum HostAddress: Hashable, Sendable {
    case v4(IPv4Address)
    /// Sixteen bytes.
    case v6([UInt8])

    package static let anyV4 = HostAddress.v4(.any)
    package static let anyV6 = HostAddress.v6([UInt8](repeating: 0, count: 16))

    /// Parses either, IPv6 with or without brackets.
    package init?(_ text: String) {
        if let address = IPv4Address(text) {
            self = .v4(address)
            return
        }
        var bare = text[...]
        if bare.hasPrefix("["), bare.hasSuffix("]") { bare = bare.dropFirst().dropLast() }
        var bytes = [UInt8](repeating: 0, count: 16)
        guard bare.contains(":"), !bare.contains("\0"), inet_pton(AF_INET6, String(bare), &bytes) == 1 else {
            return nil
        }
        self = .v6(bytes)
    }

    package var isAny: Bool { self == .anyV4 || self == .anyV6 }
    package var isV6: Bool { if case .v6 = self { true } else { false } }
}

extension HostAddress: CustomStringConvertible {
    package var description: String {
        switch self {
        case .v4(let address): return "\(address)"
        case .v6(let bytes):
            var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
            guard inet_ntop(AF_INET6, bytes, &text, socklen_t(text.count)) != nil else { return "::" }
            return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }

    /// As it stands before a port: IPv6 in brackets.
    package var bracketed: String { isV6 ? "[\(self)]" : "\(self)" }
}

extension HostAddress {
    /// 127.0.0.0/8 and ::1.
    package var isLoopback: Bool {
        switch self {
        case .v4(let address): address.isLoopback
        case .v6(let bytes): bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
        }
    }
}
