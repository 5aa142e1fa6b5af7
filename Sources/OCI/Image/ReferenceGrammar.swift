// SPDX-License-Identifier: Apache-2.0

/// The character rules of image names. Each function takes the whole text, and says whether it is one.
enum ReferenceGrammar {
    private static let dot = UInt8(ascii: ".")
    private static let hyphen = UInt8(ascii: "-")
    private static let underscore = UInt8(ascii: "_")

    /// Host name labels with dots between, or an IPv6 address in brackets; then, perhaps, a port.
    static func isDomain(_ text: String) -> Bool {
        var host = Array(text.utf8)[...]
        if host.first == UInt8(ascii: "[") {
            guard let end = host.firstIndex(of: UInt8(ascii: "]")) else { return false }
            let address = host[(host.startIndex + 1)..<end]
            guard !address.isEmpty, address.allSatisfy({ $0.isHexDigit || $0 == UInt8(ascii: ":") }) else {
                return false
            }
            let rest = host[(end + 1)...]
            return rest.isEmpty || (rest.first == UInt8(ascii: ":") && isPort(rest.dropFirst()))
        }
        if let colon = host.firstIndex(of: UInt8(ascii: ":")) {
            guard isPort(host[(colon + 1)...]) else { return false }
            host = host[..<colon]
        }
        return host.split(separator: dot, omittingEmptySubsequences: false).allSatisfy { label in
            guard let first = label.first, let last = label.last, first != hyphen, last != hyphen else { return false }
            return label.allSatisfy { $0.isLetter || $0.isDigit || $0 == hyphen }
        }
    }

    private static func isPort(_ text: ArraySlice<UInt8>) -> Bool { !text.isEmpty && text.allSatisfy(\.isDigit) }

    /// Components of lower-case letters and digits, separated inside by `.`, `_`, `__` or any number of `-`.
    static func isPath(_ text: Substring) -> Bool {
        text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).allSatisfy(isComponent)
    }

    private static func isComponent(_ text: Substring.UTF8View.SubSequence) -> Bool {
        guard let first = text.first, let last = text.last, isPlain(first), isPlain(last) else { return false }
        var separator: [UInt8] = []
        for byte in text {
            if isPlain(byte) {
                guard isSeparator(separator) else { return false }
                separator.removeAll(keepingCapacity: true)
            } else {
                separator.append(byte)
            }
        }
        return true
    }

    private static func isPlain(_ byte: UInt8) -> Bool { byte.isLower || byte.isDigit }

    private static func isSeparator(_ bytes: [UInt8]) -> Bool {
        bytes.isEmpty || bytes == [dot] || bytes == [underscore] || bytes == [underscore, underscore]
            || bytes.allSatisfy { $0 == hyphen }
    }

    /// `algorithm:hex` in shape: at least 32 digits. Whether the algorithm is known is asked later.
    static func isDigest(_ text: String) -> Bool {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return false }
        let algorithm = text.utf8[..<colon]
        let hex = text.utf8[text.utf8.index(after: colon)...]
        guard let first = algorithm.first, first.isLetter, hex.count >= 32, hex.allSatisfy(\.isHexDigit) else {
            return false
        }
        var afterSeparator = false
        for byte in algorithm {
            let isSeparator = byte == hyphen || byte == underscore || byte == dot || byte == UInt8(ascii: "+")
            guard afterSeparator ? byte.isLetter : byte.isLetter || byte.isDigit || isSeparator else { return false }
            afterSeparator = isSeparator
        }
        return !afterSeparator
    }
}
