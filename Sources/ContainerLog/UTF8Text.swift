// SPDX-License-Identifier: Apache-2.0

/// What has to be known of UTF-8 (RFC 3629) to cut and to log bytes that may or may not be text.
enum UTF8Text {
    /// The length of the well-formed character at `bytes`; 0 when there is none.
    static func length(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int {
        let first = bytes[0]
        if first < 0x80 { return 1 }
        let length = expectedLength(first)
        guard length > 1, count >= length else { return 0 }
        let second = bytes[1]
        let range: ClosedRange<UInt8> =
            switch first {
            case 0xE0: 0xA0...0xBF
            case 0xED: 0x80...0x9F
            case 0xF0: 0x90...0xBF
            case 0xF4: 0x80...0x8F
            default: 0x80...0xBF
            }
        guard range.contains(second) else { return 0 }
        for index in 2..<max(2, length) where bytes[index] & 0xC0 != 0x80 { return 0 }
        return length
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
    private static func expectedLength(_ first: UInt8) -> Int {
        switch first {
        case 0x00..<0x80: 1
        case 0xC2..<0xE0: 2
        case 0xE0..<0xF0: 3
        case 0xF0..<0xF5: 4
        default: 0
        }
    }
}
