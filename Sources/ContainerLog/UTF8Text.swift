// SPDX-License-Identifier: Apache-2.0

/// What has to be known of UTF-8 (RFC 3629) to cut and to log bytes that may or may not be text.
enum UTF8Text {
    /// The length of the well-formed character at `bytes`; 0 when there is none.
    @inline(__always)
    static func length(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int {
        let first = bytes[0]
        if first < 0x80 { return 1 }
        let length = expectedLength(first)
        guard length > 1, count >= length, isSecond(bytes[1], after: first) else { return 0 }
        if length > 2, bytes[2] & 0xC0 != 0x80 { return 0 }
        if length > 3, bytes[3] & 0xC0 != 0x80 { return 0 }
        return length
    }

    /// No overlong forms, no surrogates, nothing beyond U+10FFFF.
    @inline(__always)
    private static func isSecond(_ byte: UInt8, after first: UInt8) -> Bool {
        switch first {
        case 0xE0: byte >= 0xA0 && byte < 0xC0
        case 0xED: byte >= 0x80 && byte < 0xA0
        case 0xF0: byte >= 0x90 && byte < 0xC0
        case 0xF4: byte >= 0x80 && byte < 0x90
        default: byte & 0xC0 == 0x80
        }
    }

    /// How many bytes at the end begin a character that is not complete.
    static func incompleteSuffix(_ bytes: [UInt8]) -> Int {
        for back in 1...3 where back <= bytes.count {
            let byte = bytes[bytes.count - back]
            if byte & 0xC0 == 0x80 { continue }
            return expectedLength(byte) > back ? back : 0
        }
        return 0
    }

    /// 0 for a byte that starts no character.
    @inline(__always)
    private static func expectedLength(_ first: UInt8) -> Int {
        if first < 0x80 { return 1 }
        if first < 0xC2 || first > 0xF4 { return 0 }
        return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    }
}
