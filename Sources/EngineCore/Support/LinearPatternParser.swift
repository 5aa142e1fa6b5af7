// SPDX-License-Identifier: Apache-2.0

extension LinearPattern {
    /// Reads a pattern.
    struct Parser {
        static let digits: [ClosedRange<UInt32>] = [48...57]
        static let word: [ClosedRange<UInt32>] = [48...57, 65...90, 95...95, 97...122]
        static let space: [ClosedRange<UInt32>] = [9...10, 12...13, 32...32]

        private let scalars: [Unicode.Scalar]
        private var position = 0
        private var depth = 0
        private var ignoresCase = false

        init(_ pattern: String) { scalars = Array(pattern.unicodeScalars) }

        private var peek: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

        private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
            guard peek == scalar else { return false }
            position += 1
            return true
        }

        private mutating func next() throws(Unsupported) -> Unicode.Scalar {
            guard let scalar = peek else { throw Unsupported() }
            position += 1
            return scalar
        }

        mutating func pattern() throws(Unsupported) -> Node {
            let node = try choice()
            guard peek == nil else { throw Unsupported() }
            return node
        }

        private mutating func choice() throws(Unsupported) -> Node {
            depth += 1
            defer { depth -= 1 }
            guard depth <= LinearPattern.maximumDepth else { throw Unsupported() }
            var nodes = [try sequence()]
            while take("|") { nodes.append(try sequence()) }
            return nodes.count == 1 ? nodes[0] : .choice(nodes)
        }

        private mutating func sequence() throws(Unsupported) -> Node {
            var nodes: [Node] = []
            while let scalar = peek, scalar != "|", scalar != ")" { nodes.append(try repetition()) }
            return nodes.isEmpty ? .empty : .sequence(nodes)
        }

        private mutating func repetition() throws(Unsupported) -> Node {
            let node = try atom()
            let result: Node
            if take("*") {
                result = .repeated(node, 0, nil)
            } else if take("+") {
                result = .repeated(node, 1, nil)
            } else if take("?") {
                result = .repeated(node, 0, 1)
            } else if let (least, most) = try counts() {
                result = .repeated(node, least, most)
            } else {
                return node
            }
            _ = take("?")
            // Go refuses a repetition of a repetition.
            if let scalar = peek, "*+?".unicodeScalars.contains(scalar) { throw Unsupported() }
            return result
        }

        /// `{2}`, `{2,}`, `{2,5}`; a brace that is none of them stands for itself.
        private mutating func counts() throws(Unsupported) -> (Int, Int?)? {
            let start = position
            guard take("{") else { return nil }
            guard let least = number() else {
                position = start
                return nil
            }
            var most: Int? = least
            if take(",") { most = number() }
            guard take("}") else {
                position = start
                return nil
            }
            guard least <= LinearPattern.maximumRepeat, most ?? 0 <= LinearPattern.maximumRepeat, most ?? least >= least
            else { throw Unsupported() }
            return (least, most)
        }

        private mutating func number() -> Int? {
            var text = ""
            while let scalar = peek, ("0"..."9").contains(scalar), text.utf8.count < 6 {
                text.unicodeScalars.append(scalar)
                position += 1
            }
            return Int(text)
        }

        private mutating func atom() throws(Unsupported) -> Node {
            let scalar = try next()
            switch scalar {
            case ".": return .take(Matcher(ranges: [10...10], isNegated: true))
            case "^": return .check(.start)
            case "$": return .check(.end)
            case "[": return .take(try characterClass())
            case "(": return try group()
            case "\\": return try escape()
            case "*", "+", "?", ")": throw Unsupported()
            default: return literal(scalar)
            }
        }

        private func literal(_ scalar: Unicode.Scalar) -> Node { .take(folded(Matcher(ranges: [Self.one(scalar)]))) }

        private mutating func group() throws(Unsupported) -> Node {
            let outer = ignoresCase
            if take("?") {
                if take("P") || peek == "<" {
                    guard take("<") else { throw Unsupported() }
                    while try next() != ">" {}
                } else {
                    while !take(":") {
                        if take(")") { return .empty }
                        guard take("i") else { throw Unsupported() }
                        ignoresCase = true
                    }
                }
            }
            let node = try choice()
            guard take(")") else { throw Unsupported() }
            ignoresCase = outer
            return node
        }

        private mutating func escape() throws(Unsupported) -> Node {
            let scalar = try next()
            if let ranges = Self.named(scalar) {
                return .take(Matcher(ranges: ranges, isNegated: ("A"..."Z").contains(scalar)))
            }
            switch scalar {
            case "b": return .check(.wordEdge)
            case "B": return .check(.noWordEdge)
            case "A": return .check(.start)
            case "z": return .check(.end)
            default: return literal(try escaped(scalar))
            }
        }

        private static func named(_ scalar: Unicode.Scalar) -> [ClosedRange<UInt32>]? {
            switch scalar {
            case "d", "D": digits
            case "w", "W": word
            case "s", "S": space
            default: nil
            }
        }

        private func escaped(_ scalar: Unicode.Scalar) throws(Unsupported) -> Unicode.Scalar {
            switch scalar {
            case "n": return "\n"
            case "t": return "\t"
            case "r": return "\r"
            default:
                // Only punctuation stands for itself; a digit would be a back reference.
                guard scalar.isASCII, !Self.word.contains(where: { $0.contains(scalar.value) }) || scalar == "_" else {
                    throw Unsupported()
                }
                return scalar
            }
        }

        private mutating func characterClass() throws(Unsupported) -> Matcher {
            var matcher = Matcher(ranges: [])
            matcher.isNegated = take("^")
            var isFirst = true
            while isFirst || peek != "]" {
                isFirst = false
                let first = try next()
                if first == "[", peek == ":" { throw Unsupported() }
                if first == "\\", let scalar = peek, let ranges = Self.named(scalar) {
                    guard ("a"..."z").contains(scalar) else { throw Unsupported() }
                    position += 1
                    matcher.ranges += ranges
                    continue
                }
                let low = first == "\\" ? try escaped(try next()) : first
                guard peek == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else {
                    matcher.ranges.append(Self.one(low))
                    continue
                }
                position += 1
                let last = try next()
                let high = last == "\\" ? try escaped(try next()) : last
                guard low <= high else { throw Unsupported() }
                matcher.ranges.append(low.value...high.value)
            }
            position += 1
            return folded(matcher)
        }

        private static func one(_ scalar: Unicode.Scalar) -> ClosedRange<UInt32> { scalar.value...scalar.value }

        /// With the other case of its ASCII letters, where case does not matter.
        private func folded(_ matcher: Matcher) -> Matcher {
            guard ignoresCase else { return matcher }
            var matcher = matcher
            for range in matcher.ranges {
                for (letters, distance) in [(UInt32(65)...90, 32), (97...122, -32)] where range.overlaps(letters) {
                    let both = range.clamped(to: letters)
                    let low = UInt32(Int(both.lowerBound) + distance)
                    matcher.ranges.append(low...low + (both.upperBound - both.lowerBound))
                }
            }
            return matcher
        }
    }
}
