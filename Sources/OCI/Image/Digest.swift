// SPDX-License-Identifier: Apache-2.0

/// The content address of a blob: `sha256:` and 64 lower-case hexadecimal digits.
///
/// Of the algorithms the OCI image specification registers, sha256 and sha512 can be read; the engine's own are sha256.
package struct Digest: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// `sha256:…`
    package let description: String

    /// Takes the 32 bytes of a SHA-256.
    package init(sha256 bytes: some Collection<UInt8>) {
        var text: [UInt8] = Array("sha256:".utf8)
        text.reserveCapacity(71)
        let digits = Array("0123456789abcdef".utf8)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        description = String(decoding: text, as: UTF8.self)
    }

    /// Reads `algorithm:hex`. Throws what Docker says of a malformed one.
    package init(_ text: some StringProtocol) throws(ReferenceError) {
        let bytes = Array(text.utf8)
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), colon > 0, colon + 1 < bytes.count else {
            throw .init("invalid checksum digest format")
        }
        let hex = bytes[(colon + 1)...]
        guard hex.allSatisfy(\.isHexDigit) else { throw .init("invalid checksum digest format") }
        let length =
            switch String(decoding: bytes[..<colon], as: UTF8.self) {
            case "sha256": 64
            case "sha512": 128
            default: 0
            }
        guard length > 0 else { throw .init("unsupported digest algorithm") }
        guard hex.count == length else { throw .init("invalid checksum digest length") }
        guard hex.allSatisfy(\.isLowerHexDigit) else { throw .init("invalid checksum digest format") }
        description = String(text)
    }

    package var algorithm: String { String(description.prefix { $0 != ":" }) }

    /// What follows the colon.
    package var hex: String { String(description.drop { $0 != ":" }.dropFirst()) }

    /// The first 12 hexadecimal digits, as tables and messages show it.
    package var short: String { String(hex.prefix(12)) }

    package static func < (a: Digest, b: Digest) -> Bool { a.description < b.description }
}

extension Digest: Codable {
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        do throws(ReferenceError) { self = try Digest(text) } catch {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "\(error): \"\(text)\""))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// A digest or image reference that is malformed; its text is what Docker says.
package struct ReferenceError: Error, Equatable, CustomStringConvertible {
    package var description: String
    init(_ description: String) { self.description = description }
}

extension UInt8 {
    var isDigit: Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= self }
    var isLowerHexDigit: Bool { isDigit || UInt8(ascii: "a")...UInt8(ascii: "f") ~= self }
    var isHexDigit: Bool { isLowerHexDigit || UInt8(ascii: "A")...UInt8(ascii: "F") ~= self }
    var isLower: Bool { UInt8(ascii: "a")...UInt8(ascii: "z") ~= self }
    var isUpper: Bool { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= self }
    var isLetter: Bool { isLower || isUpper }
}
