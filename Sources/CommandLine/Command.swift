// SPDX-License-Identifier: Apache-2.0

/// One command: its names, what it takes, and whether it works yet.
package struct Command: Sendable {
    /// Every path it can be called by, in the order help lists them: `["container ls", "container list", "ps"]`.
    package let names: [String]
    /// What follows the name in the usage line.
    package let synopsis: String
    package let arity: Arity
    package let summary: String
    /// Whether flags may stand after the first positional argument.
    package let isInterspersed: Bool
    package let status: Status
    /// Made only when asked for: a program start must not pay for the flags of 188 commands.
    package let flags: @Sendable () -> [Flag]

    package enum Status: Sendable, Equatable {
        case implemented
        /// Refused, with what is missing.
        case later(String)
    }

    package enum Arity: Sendable, Equatable {
        case any, none
        case exactly(Int), atLeast(Int), atMost(Int)
        case between(Int, Int)
    }

    package init(
        _ names: String, _ synopsis: String, _ arity: Arity, _ summary: String, interspersed: Bool = true,
        status: Status = .implemented, flags: @escaping @Sendable () -> [Flag] = { [] }
    ) {
        self.names = names.splitting(", ")
        self.synopsis = synopsis
        self.arity = arity
        self.summary = summary
        self.isInterspersed = interspersed
        self.status = status
        self.flags = flags
    }

    /// What identifies the command: its first name.
    package var path: String { names[0] }

    /// The name that messages use for the command called as `path`: an alias beside its noun is shown as the noun's own
    /// name for it (`container list` is `container ls`), one at the top as itself (`ps`).
    package func shownName(calledAs path: String) -> String {
        let noun = path.dropLastWord()
        return names.first { $0.dropLastWord() == noun } ?? path
    }

    /// The names that stand for themselves, one for each noun it is under.
    package var shownNames: [String] {
        names.filter { shownName(calledAs: $0) == $0 }
    }
}

extension String {
    func splitting(_ separator: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        parts.append(String(rest))
        return parts
    }

    func dropLastWord() -> Substring {
        guard let space = lastIndex(of: " ") else { return "" }
        return self[..<space]
    }

    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}

extension Substring {
    fileprivate func firstRange(of other: String) -> Range<Substring.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(other) {
                return start..<index(start, offsetBy: other.count)
            }
            start = index(after: start)
        }
        return nil
    }
}
