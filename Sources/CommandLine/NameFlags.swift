// SPDX-License-Identifier: Apache-2.0

/// The value of `--add-host`: `name:address`, `name=address`, with `host-gateway` or an address in brackets.
package struct ExtraHostFlag: Sendable, Equatable {
    /// As the engine takes it: `name:address`.
    package let text: String

    package init(_ value: String) throws(GoSyntax.Problem) {
        // An IPv6 address has colons, too: the first one counts, and `=` before all.
        let separator = value.firstIndex(of: "=") ?? value.firstIndex(of: ":")
        let name = separator.map { value[..<$0] } ?? ""
        guard let separator, !name.isEmpty, !name.contains(":") else {
            throw GoSyntax.Problem("bad format for add-host: \(GoSyntax.quoted(value))")
        }
        var address = value[value.index(after: separator)...]
        if address != "host-gateway" {
            if address.count > 2, address.hasPrefix("["), address.hasSuffix("]") {
                address = address.dropFirst().dropLast()
            }
            guard AddressSyntax.isAddress(String(address)) else {
                throw GoSyntax.Problem("invalid IP address in add-host: \(GoSyntax.quoted(String(address)))")
            }
        }
        text = "\(name):\(address)"
    }
}

/// The value of `--dns-search`: a domain, or `.` for none.
enum DomainFlag {
    static func check(_ value: String) throws(GoSyntax.Problem) {
        var text = value.drop { $0 == " " }
        while text.last?.isWhitespace == true { text.removeLast() }
        guard text != "." else { return }
        var labels = text.split(separator: ".", omittingEmptySubsequences: false)
        // The root's dot.
        if labels.count > 1, labels.last?.isEmpty == true { labels.removeLast() }
        let isName = { (label: Substring) in
            let isPlain = { (character: Character) in
                character.isASCII && (character.isLetter || character.isNumber)
            }
            guard let first = label.first, let last = label.last else { return false }
            return isPlain(first) && isPlain(last) && label.allSatisfy { isPlain($0) || $0 == "-" }
        }
        guard text.contains(where: { $0.isASCII && $0.isLetter }), text.utf8.count < 255, labels.allSatisfy(isName)
        else { throw GoSyntax.Problem("\(value) is not a valid domain") }
    }
}

/// Internet addresses as text.
enum AddressSyntax {
    static func isAddress(_ text: String) -> Bool { isV4(text[...]) || isV6(text) }

    private static func isV4(_ text: Substring) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                (1...3).contains(part.utf8.count) && part.utf8.allSatisfy { (48...57).contains($0) }
                    && (part.count == 1 || !part.hasPrefix("0")) && UInt8(part) != nil
            }
    }

    /// Eight groups, of which one run of zeros may be `::` and the last two an IPv4 address.
    private static func isV6(_ text: String) -> Bool {
        var halves: [Substring] = []
        var rest = text[...]
        while let gap = firstGap(in: rest) {
            halves.append(rest[..<gap])
            rest = rest[rest.index(gap, offsetBy: 2)...]
        }
        halves.append(rest)
        guard halves.count <= 2 else { return false }
        var count = 0
        for (index, half) in halves.enumerated() where !half.isEmpty {
            var groups = half.split(separator: ":", omittingEmptySubsequences: false)
            if index == halves.count - 1, let last = groups.last, last.contains(".") {
                guard isV4(last) else { return false }
                groups.removeLast()
                count += 2
            }
            guard groups.allSatisfy({ (1...4).contains($0.utf8.count) && $0.allSatisfy(\.isHexDigit) }) else {
                return false
            }
            count += groups.count
        }
        return halves.count == 2 ? count < 8 : count == 8
    }

    private static func firstGap(in text: Substring) -> Substring.Index? {
        text.indices.first { index in
            let next = text.index(after: index)
            return text[index] == ":" && next < text.endIndex && text[next] == ":"
        }
    }
}
