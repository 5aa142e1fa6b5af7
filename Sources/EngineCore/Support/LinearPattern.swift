// SPDX-License-Identifier: Apache-2.0

/// A regular expression that takes time in proportion to pattern times text, whatever both are: filters come from clients, and
/// the standard library's engine goes back and forth for ever on `(a+)+$`.
///
/// The syntax is that of Go's regexp as far as names are searched with it: literals, `.`, classes, `\d \w \s \b`, groups,
/// alternatives, repetitions (greedy or not is the same for a search), `^`, `$`, `(?i)`. Thompson's construction.
struct LinearPattern: Sendable {
    /// Steps of a compiled pattern; nested counts multiply.
    static let maximumSteps = 4000
    private static let maximumDepth = 100
    private static let maximumRepeat = 1000

    struct Unsupported: Error {}

    /// Which scalars a step takes.
    private struct Matcher: Sendable {
        var ranges: [ClosedRange<UInt32>]
        var isNegated = false

        func takes(_ scalar: UInt32) -> Bool { ranges.contains { $0.contains(scalar) } != isNegated }
    }

    private enum Anchor: Sendable { case start, end, wordEdge, noWordEdge }

    private enum Step: Sendable {
        case take(Matcher, next: Int)
        case fork(Int, Int)
        case check(Anchor, next: Int)
        case matched
    }

    private indirect enum Node {
        case empty
        case take(Matcher)
        case check(Anchor)
        case sequence([Node])
        case choice([Node])
        case repeated(Node, Int, Int?)
    }

    private var steps: [Step] = []
    private var entry = 0

    /// Throws `Unsupported` for what is malformed, too large, or not of this syntax (as back references are).
    init(_ pattern: String) throws(Unsupported) {
        var parser = Parser(pattern)
        let node = try parser.pattern()
        steps = [.matched]
        entry = try add(node, next: 0)
    }

    /// Builds backwards: returns where the node begins, given where it goes on.
    private mutating func add(_ node: Node, next: Int) throws(Unsupported) -> Int {
        switch node {
        case .empty: return next
        case .take(let matcher): return try push(.take(matcher, next: next))
        case .check(let anchor): return try push(.check(anchor, next: next))
        case .sequence(let nodes):
            var next = next
            for node in nodes.reversed() { next = try add(node, next: next) }
            return next
        case .choice(let nodes):
            var entry = try add(nodes[nodes.count - 1], next: next)
            for node in nodes.dropLast().reversed() {
                let other = try add(node, next: next)
                entry = try push(.fork(other, entry))
            }
            return entry
        case .repeated(let node, let least, let most): return try addRepeated(node, least, most, next: next)
        }
    }

    private mutating func addRepeated(
        _ node: Node, _ least: Int, _ most: Int?, next: Int
    ) throws(Unsupported) -> Int {
        var entry = next
        if let most {
            for _ in least..<max(least, most) { entry = try push(.fork(try add(node, next: entry), next)) }
        } else {
            let loop = try push(.fork(next, next))
            let body = try add(node, next: loop)
            steps[loop] = .fork(body, next)
            entry = loop
        }
        for _ in 0..<least {
            let before = steps.count
            entry = try add(node, next: entry)
            // What takes no step takes none a thousand times.
            if steps.count == before { break }
        }
        return entry
    }

    private mutating func push(_ step: Step) throws(Unsupported) -> Int {
        guard steps.count < Self.maximumSteps else { throw Unsupported() }
        steps.append(step)
        return steps.count - 1
    }

    /// Whether some part of the text matches.
    func isContained(in text: String) -> Bool {
        let scalars = text.unicodeScalars.map(\.value)
        var current = StepSet(count: steps.count)
        var next = StepSet(count: steps.count)
        for position in 0...scalars.count {
            follow(entry, scalars, position, &current)
            if current.contains(0) { return true }
            guard position < scalars.count else { break }
            next.removeAll()
            for index in current.members {
                guard case .take(let matcher, let following) = steps[index], matcher.takes(scalars[position]) else {
                    continue
                }
                follow(following, scalars, position + 1, &next)
            }
            swap(&current, &next)
        }
        return false
    }

    /// Adds a step and all that can be reached from it without taking anything.
    private func follow(_ start: Int, _ scalars: [UInt32], _ position: Int, _ set: inout StepSet) {
        var open = [start]
        while let index = open.popLast() {
            guard set.insert(index) else { continue }
            switch steps[index] {
            case .take, .matched: break
            case .fork(let first, let second): open += [second, first]
            case .check(let anchor, let following):
                if Self.holds(anchor, scalars, position) { open.append(following) }
            }
        }
    }

    private static func holds(_ anchor: Anchor, _ scalars: [UInt32], _ position: Int) -> Bool {
        func isWord(_ index: Int) -> Bool {
            scalars.indices.contains(index) && Parser.word.contains { $0.contains(scalars[index]) }
        }
        switch anchor {
        case .start: return position == 0
        case .end: return position == scalars.count
        case .wordEdge: return isWord(position - 1) != isWord(position)
        case .noWordEdge: return isWord(position - 1) == isWord(position)
        }
    }

    /// The steps that a search is at.
    private struct StepSet {
        private(set) var members: [Int] = []
        private var isMember: [Bool]

        init(count: Int) { isMember = Array(repeating: false, count: count) }

        func contains(_ step: Int) -> Bool { isMember[step] }

        mutating func insert(_ step: Int) -> Bool {
            if isMember[step] { return false }
            isMember[step] = true
            members.append(step)
            return true
        }

        mutating func removeAll() {
            for member in members { isMember[member] = false }
            members.removeAll(keepingCapacity: true)
        }
    }
}

extension LinearPattern {
    private struct Parser {
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
