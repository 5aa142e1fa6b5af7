// SPDX-License-Identifier: Apache-2.0

/// A regular expression that takes time in proportion to pattern times text, whatever both are: filters come from
/// clients, and the standard library's engine goes back and forth for ever on `(a+)+$`.
///
/// The syntax is that of Go's regexp as far as names are searched with it: literals, `.`, classes, `\d \w \s \b`,
/// groups, alternatives, repetitions (greedy or not is the same for a search), `^`, `$`, `(?i)`. Thompson's
/// construction.
struct LinearPattern: Sendable {
    /// Steps of a compiled pattern; nested counts multiply.
    static let maximumSteps = 4000
    static let maximumDepth = 100
    static let maximumRepeat = 1000

    struct Unsupported: Error {}

    /// Which scalars a step takes.
    struct Matcher: Sendable {
        var ranges: [ClosedRange<UInt32>]
        var isNegated = false

        func takes(_ scalar: UInt32) -> Bool { ranges.contains { $0.contains(scalar) } != isNegated }
    }

    enum Anchor: Sendable { case start, end, wordEdge, noWordEdge }

    private enum Step: Sendable {
        case take(Matcher, next: Int)
        case fork(Int, Int)
        case check(Anchor, next: Int)
        case matched
    }

    indirect enum Node {
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
