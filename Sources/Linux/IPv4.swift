// SPDX-License-Identifier: Apache-2.0

/// An IPv4 address, in host byte order so that it counts and compares as people write it.
package struct IPv4Address: Hashable, Comparable, Sendable {
    package var rawValue: UInt32

    package init(_ rawValue: UInt32) { self.rawValue = rawValue }

    package init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) {
        rawValue = UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d)
    }

    package static let any = IPv4Address(0)
    package static let loopback = IPv4Address(127, 0, 0, 1)

    /// Parses dotted decimal: four numbers without leading zeros (which other readers take for octal).
    package init?(_ text: some StringProtocol) {
        var value: UInt32 = 0
        var parts = 0
        for part in text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0") else { return nil }
            var number: UInt32 = 0
            for digit in part {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
                number = number * 10 + UInt32(digit - UInt8(ascii: "0"))
            }
            guard number <= 255 else { return nil }
            value = value << 8 | number
            parts += 1
        }
        guard parts == 4 else { return nil }
        rawValue = value
    }

    package var isLoopback: Bool { rawValue >> 24 == 127 }

    /// In network byte order.
    package var bytes: [UInt8] {
        [UInt8(rawValue >> 24), UInt8(rawValue >> 16 & 255), UInt8(rawValue >> 8 & 255), UInt8(rawValue & 255)]
    }

    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 4 else { return nil }
        rawValue = bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

extension IPv4Address: CustomStringConvertible {
    package var description: String {
        "\(rawValue >> 24).\(rawValue >> 16 & 255).\(rawValue >> 8 & 255).\(rawValue & 255)"
    }
}

/// An IPv4 prefix with an address in it: `172.17.0.1/16` (an interface's) or `172.17.0.0/16` (a network's).
package struct IPv4Prefix: Hashable, Sendable {
    package var address: IPv4Address
    /// 0 … 32
    package var length: Int

    package init?(_ address: IPv4Address, length: Int) {
        guard (0...32).contains(length) else { return nil }
        self.address = address
        self.length = length
    }

    /// Parses `a.b.c.d/n`.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPv4Address(parts[0]), (1...2).contains(parts[1].utf8.count),
            parts[1].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let length = Int(parts[1])
        else { return nil }
        self.init(address, length: length)
    }

    var mask: UInt32 { length == 0 ? 0 : ~0 << UInt32(32 - length) }

    /// The first address, with no host bits.
    package var network: IPv4Address { IPv4Address(address.rawValue & mask) }
    /// The last address: for prefixes up to /30 the broadcast address.
    package var last: IPv4Address { IPv4Address(address.rawValue | ~mask) }
    /// The same prefix with no host bits in its address.
    package var masked: IPv4Prefix {
        var copy = self
        copy.address = network
        return copy
    }

    package func contains(_ other: IPv4Address) -> Bool { other.rawValue & mask == network.rawValue }

    package func overlaps(_ other: IPv4Prefix) -> Bool {
        contains(other.network) || other.contains(network)
    }
}

extension IPv4Prefix: CustomStringConvertible {
    package var description: String { "\(address)/\(length)" }
}
