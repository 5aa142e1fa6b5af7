// SPDX-License-Identifier: Apache-2.0

/// The fields of one 512-byte header block: V7, ustar, GNU and star.
struct TarHeader {
    static let blockBytes = 512

    enum Format { case v7, ustar, gnu, star }

    var format: Format
    var name: [UInt8]
    var mode: Int64
    var uid: Int64
    var gid: Int64
    var size: Int64
    var modified: Int64
    var type: UInt8
    var linkName: [UInt8]
    var userName: [UInt8]
    var groupName: [UInt8]
    var major: Int64
    var minor: Int64

    /// Reads a block that is not all zeros. Throws if its checksum is wrong or a number makes no sense.
    init(_ block: UnsafeRawBufferPointer) throws(ArchiveError) {
        let stated = try TarHeader.number(block, 148, 8)
        let sums = TarHeader.checksums(block)
        guard stated == sums.unsigned || stated == sums.signed else { throw TarHeader.invalid }
        let magic = Array(block[257..<265])
        if magic == Array("ustar  \0".utf8) {
            format = .gnu
        } else if magic.starts(with: Array("ustar\0".utf8)) {
            format = Array(block[508..<512]) == Array("tar\0".utf8) ? .star : .ustar
        } else {
            format = .v7
        }
        name = TarHeader.text(block, 0, 100)
        mode = try TarHeader.number(block, 100, 8)
        uid = try TarHeader.number(block, 108, 8)
        gid = try TarHeader.number(block, 116, 8)
        size = try TarHeader.number(block, 124, 12)
        modified = try TarHeader.number(block, 136, 12)
        type = block[156]
        linkName = TarHeader.text(block, 157, 100)
        userName = format == .v7 ? [] : TarHeader.text(block, 265, 32)
        groupName = format == .v7 ? [] : TarHeader.text(block, 297, 32)
        let isDevice = type == UInt8(ascii: "3") || type == UInt8(ascii: "4")
        major = isDevice && format != .v7 ? try TarHeader.number(block, 329, 8) : 0
        minor = isDevice && format != .v7 ? try TarHeader.number(block, 337, 8) : 0
        guard size >= 0 else { throw TarHeader.invalid }
        if format == .ustar || format == .star {
            let prefix = TarHeader.text(block, 345, format == .star ? 131 : 155)
            if !prefix.isEmpty { name = prefix + [UInt8(ascii: "/")] + name }
        }
    }

    static let invalid = ArchiveError(.corrupt, "invalid tar header")

    /// A field's bytes up to the first NUL.
    static func text(_ block: UnsafeRawBufferPointer, _ offset: Int, _ length: Int) -> [UInt8] {
        Array(block[offset..<(offset + length)].prefix { $0 != 0 })
    }

    /// A number in octal, between spaces and NULs, or in base 256 if the first bit is set (GNU, star).
    static func number(_ block: UnsafeRawBufferPointer, _ offset: Int, _ length: Int) throws(ArchiveError) -> Int64 {
        let field = block[offset..<(offset + length)]
        guard let first = field.first else { throw invalid }
        if first & 0x80 != 0 { return try binary(field, isNegative: first & 0x40 != 0) }
        var value: Int64 = 0
        var digits = field.drop { $0 == 0x20 || $0 == 0 }
        while let digit = digits.first, digit != 0x20, digit != 0 {
            guard (0x30...0x37).contains(digit), value >> 60 == 0 else { throw invalid }
            value = value << 3 | Int64(digit - 0x30)
            digits = digits.dropFirst()
        }
        return value
    }

    private static func binary(
        _ field: Slice<UnsafeRawBufferPointer>, isNegative: Bool
    ) throws(ArchiveError) -> Int64 {
        var value: Int64 = isNegative ? -1 : 0
        for (index, byte) in field.enumerated() {
            // The first byte's top bit only marks the encoding; the next one is the sign.
            let byte = index == 0 ? (isNegative ? byte : byte & 0x7f) : byte
            guard value >> 55 == (isNegative ? -1 : 0) else { throw invalid }
            value = value << 8 | Int64(byte)
        }
        return value
    }

    /// The sum of the block's bytes with the checksum's own field as spaces; old tars summed signed bytes.
    static func checksums(_ block: UnsafeRawBufferPointer) -> (unsigned: Int64, signed: Int64) {
        var sum = 0
        var high = 0
        for index in 0..<blockBytes {
            sum += Int(block[index])
            high += Int(block[index] >> 7)
        }
        for index in 148..<156 {
            sum += 0x20 - Int(block[index])
            high -= Int(block[index] >> 7)
        }
        return (Int64(sum), Int64(sum - 256 * high))
    }
}
