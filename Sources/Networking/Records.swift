// SPDX-License-Identifier: Apache-2.0

package import JSON
package import Linux

/// A network, as stored.
package struct NetworkRecord: Codable, Sendable, Equatable {
    package var name: String
    /// 64 hexadecimal digits.
    package var id: String
    /// `bridge`, `host`, `null`
    package var driver: String
    package var created: Timestamp
    /// With driver `bridge`.
    package var bridge: BridgeRecord?
}

/// The interface behind a bridge network.
package struct BridgeRecord: Codable, Sendable, Equatable {
    /// `docker0`
    package var interface: String
    /// The gateway's, with the subnet's prefix length.
    package var address: IPv4Prefix
    /// Wharf made the interface, rather than found it (`--bridge`).
    package var isOurs: Bool
    /// The boot in which Wharf turned routing on for the whole host; nil: it was on.
    package var routingTurnedOnInBoot: String?
}

enum Identifiers {
    /// 64 hexadecimal digits of the kernel's randomness.
    static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(64)
        for _ in 0..<4 {
            let word = generator.next()
            for shift in stride(from: UInt64(0), to: 64, by: 4) { text.append(digits[Int(word >> shift & 15)]) }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// A new name for the host's end of a cable: 11 of an interface name's 15 bytes.
    static func hostInterface() -> String { "veth" + random().prefix(7) }
}
