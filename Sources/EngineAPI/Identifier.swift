// SPDX-License-Identifier: Apache-2.0

/// The alphabet of names that users give to containers and volumes: `[a-zA-Z0-9][a-zA-Z0-9_.-]+`, as Docker's. What has
/// it is safe as a path component (rule R10).
package enum RestrictedName {
    package static func isValid(_ name: String) -> Bool {
        let bytes = name.utf8
        guard bytes.count >= 2, let first = bytes.first, isAlphanumeric(first) else { return false }
        return bytes.allSatisfy { isAlphanumeric($0) || "_.-".utf8.contains($0) }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}

/// Identifiers of containers, execs, networks, endpoints and anonymous volumes: 64 lower-case hexadecimal digits,
/// random.
package enum Identifier {
    package static let length = 64
    package static let shortLength = 12

    package static func random() -> String {
        while true {
            var generator = SystemRandomNumberGenerator()
            var digits: [UInt8] = []
            digits.reserveCapacity(length)
            for _ in 0..<4 { appendHexadecimal(generator.next() as UInt64, to: &digits) }
            let id = String(decoding: digits, as: UTF8.self)
            // A short form of digits alone would be taken for a number by scripts and by YAML.
            if id.utf8.prefix(shortLength).contains(where: { $0 > UInt8(ascii: "9") }) { return id }
        }
    }

    package static func short(_ id: String) -> String { String(id.prefix(shortLength)) }

    /// Whether `text` is a whole identifier, and so safe as a path component (rule R10).
    package static func isValid(_ text: String) -> Bool { text.utf8.count == length && isHexadecimal(text) }

    package static func isHexadecimal(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            }
    }

    private static func appendHexadecimal(_ value: UInt64, to digits: inout [UInt8]) {
        for shift in stride(from: 60, through: 0, by: -4) {
            let nibble = UInt8((value >> UInt64(shift)) & 15)
            digits.append(nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10)
        }
    }
}
