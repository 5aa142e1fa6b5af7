// SPDX-License-Identifier: Apache-2.0

/// JSON string content, with what Go's encoder escapes escaped. What is not UTF-8 becomes U+FFFD, as Docker's does.
///
/// Written for the branch predictor: eight plain bytes go at once; all else byte by byte through a table, without
/// asking what it is.
enum LogEscapes {
    /// Bytes after the last one that may be overwritten, as whole words are stored.
    static let slack = 8

    /// Returns the end of what was written: at most six bytes for each of `source`.
    static func escape(
        _ source: UnsafeRawBufferPointer, to start: UnsafeMutablePointer<UInt8>
    )
        -> UnsafeMutablePointer<UInt8>
    {
        guard let base = source.baseAddress else { return start }
        return table.withUnsafeBufferPointer { table in
            let end = source.count
            var out = UnsafeMutableRawPointer(start)
            var index = 0
            while index < end {
                if index + 8 <= end {
                    let word = base.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                    if isPlain(word) {
                        out.storeBytes(of: word, as: UInt64.self)
                        out += 8
                        index += 8
                        continue
                    }
                }
                let stop = min(index + 8, end)
                while index < stop {
                    let entry = table[Int(base.load(fromByteOffset: index, as: UInt8.self))]
                    guard entry != 0 else {
                        index += character(base + index, end - index, &out)
                        continue
                    }
                    out.storeBytes(of: entry, as: UInt64.self)
                    out += Int(entry >> 56)
                    index += 1
                }
            }
            return out.assumingMemoryBound(to: UInt8.self)
        }
    }

    /// Copies the character that begins here, or what stands for a byte that begins none; returns how many bytes it
    /// took.
    private static func character(_ bytes: UnsafeRawPointer, _ count: Int, _ out: inout UnsafeMutableRawPointer) -> Int
    {
        let length = UTF8Text.length(bytes.assumingMemoryBound(to: UInt8.self), count)
        let isSeparator =
            length == 3 && bytes.loadUnaligned(as: UInt16.self) == 0x80E2
            && bytes.load(fromByteOffset: 2, as: UInt8.self) & 0xFE == 0xA8
        if length == 0 {
            out.storeBytes(of: replacement, as: UInt64.self)
            out += 3
        } else if isSeparator {
            let last = bytes.load(fromByteOffset: 2, as: UInt8.self) == 0xA8 ? UInt8(ascii: "8") : UInt8(ascii: "9")
            out.storeBytes(of: word(Array(#"\u202"#.utf8) + [last]), as: UInt64.self)
            out += 6
        } else {
            out.copyMemory(from: bytes, byteCount: length)
            out += length
        }
        return max(1, length)
    }

    /// Eight bytes of printable ASCII that stand for themselves.
    @inline(__always)
    private static func isPlain(_ word: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        // A byte's top bit is set where the byte is below 0x20, or zero after the exclusive or. A borrow can only mark
        // too much.
        var marked = word | (word &- ones &* 0x20)
        for byte: UInt64 in [0x22, 0x26, 0x3C, 0x3E, 0x5C] { marked |= (word ^ (ones &* byte)) &- ones }
        return marked & tops == 0
    }

    /// What each byte becomes: up to six bytes, and their number in the top byte; 0 where the bytes after it matter.
    private static let table: [UInt64] = (0...255).map { (byte: UInt8) -> UInt64 in
        switch byte {
        case 0x0A: return word(Array(#"\n"#.utf8))
        case 0x0D: return word(Array(#"\r"#.utf8))
        case 0x22, 0x5C: return word([0x5C, byte])
        case 0x00..<0x20, 0x26, 0x3C, 0x3E:
            return word(Array(#"\u00"#.utf8) + [hexadecimal(byte >> 4), hexadecimal(byte & 15)])
        case 0x20..<0x80: return word([byte])
        case 0xC2...0xF4: return 0
        default: return replacement
        }
    }

    /// U+FFFD.
    private static let replacement = word([0xEF, 0xBF, 0xBD])

    private static func word(_ bytes: [UInt8]) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } | UInt64(bytes.count) << 56
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8 { digit < 10 ? 0x30 + digit : 0x57 + digit }
}
