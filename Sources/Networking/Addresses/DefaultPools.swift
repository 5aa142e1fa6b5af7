// SPDX-License-Identifier: Apache-2.0

internal import Linux

/// Where networks get their subnets when nobody says: the private ranges Docker uses, in its order.
enum DefaultPools {
    /// 172.17.0.0/16 … 172.31.0.0/16, then 192.168.0.0/20 … 192.168.240.0/20.
    static let all: [IPv4Prefix] =
        (17...31).compactMap { IPv4Prefix(IPv4Address(172, UInt8($0), 0, 0), length: 16) }
        + stride(from: 0, through: 240, by: 16).compactMap {
            IPv4Prefix(IPv4Address(192, 168, UInt8($0), 0), length: 20)
        }

    /// The first that overlaps none of `taken`: the host's addresses and routes, and other networks.
    static func firstFree(taken: [IPv4Prefix]) -> IPv4Prefix? {
        // A default route overlaps everything and takes nothing.
        let taken = taken.filter { $0.length > 0 }
        return all.first { pool in !taken.contains { $0.overlaps(pool) } }
    }
}
