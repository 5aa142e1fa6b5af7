// SPDX-License-Identifier: Apache-2.0

/// A word, a mark, a literal or a comment of a Swift source, with what the rules ask about it.
struct Token {
    enum Kind { case word, number, mark, string, comment }

    var kind: Kind
    var text: String
    /// Counted from 1.
    var line: Int
    /// Whether white space, or the start of the file, is right before it.
    var spaceBefore: Bool
    /// Whether it is the first token of its line.
    var startsLine: Bool
}

/// Splits Swift source into tokens, exactly enough that no rule mistakes a string or a comment for code.
///
/// Code inside of a string's interpolation is part of the string. Regular expression literals are not known: write
/// `Regex`.
struct Tokenizer {
    private let source: [UInt8]
    private var position = 0
    private var line = 1
    private var tokens: [Token] = []

    static func tokens(of source: String) -> [Token] {
        var tokenizer = Tokenizer(source: Array(source.utf8))
        while tokenizer.next() {}
        return tokenizer.tokens
    }

    private init(source: [UInt8]) { self.source = source }

    private func peek(_ offset: Int = 0) -> UInt8 {
        let index = position + offset
        return index < source.count ? source[index] : 0
    }

    private func sees(_ text: StaticString) -> Bool {
        guard position + text.utf8CodeUnitCount <= source.count else { return false }
        return (0..<text.utf8CodeUnitCount).allSatisfy { source[position + $0] == text.utf8Start[$0] }
    }

    private mutating func advance(_ count: Int = 1) {
        for _ in 0..<count where position < source.count {
            if source[position] == UInt8(ascii: "\n") { line += 1 }
            position += 1
        }
    }

    private mutating func next() -> Bool {
        var space = position == 0
        while position < source.count, isSpace(peek()) {
            space = true
            advance()
        }
        guard position < source.count else { return false }
        let start = position
        let startLine = line
        let kind = scan()
        let text = String(decoding: source[start..<position], as: UTF8.self)
        let starts = tokens.last.map { $0.line + newlines(in: $0.text) < startLine } ?? true
        tokens.append(Token(kind: kind, text: text, line: startLine, spaceBefore: space, startsLine: starts))
        return true
    }

    private func newlines(in text: String) -> Int { text.utf8.reduce(0) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) } }

    private func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

    private func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"), UInt8(ascii: "$"), UInt8(ascii: "`"), 128...255:
            true
        default: false
        }
    }

    private mutating func scan() -> Token.Kind {
        if sees("//") {
            while position < source.count, peek() != UInt8(ascii: "\n") { advance() }
            return .comment
        }
        if sees("/*") {
            skipBlockComment()
            return .comment
        }
        if let hashes = stringStart() {
            skipString(hashes: hashes)
            return .string
        }
        if isWord(peek()) {
            let number = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(peek())
            while isWord(peek()) { advance() }
            return number ? .number : .word
        }
        if peek() == UInt8(ascii: "@") || peek() == UInt8(ascii: "#"), isWord(peek(1)) {
            advance()
            while isWord(peek()) { advance() }
            return .word
        }
        advance()
        return .mark
    }

    private mutating func skipBlockComment() {
        var depth = 0
        repeat {
            if sees("/*") {
                depth += 1
                advance(2)
            } else if sees("*/") {
                depth -= 1
                advance(2)
            } else {
                advance()
            }
        } while depth > 0 && position < source.count
    }

    /// The number of `#` before the quote of a string that starts here.
    private func stringStart() -> Int? {
        var hashes = 0
        while peek(hashes) == UInt8(ascii: "#") { hashes += 1 }
        return peek(hashes) == UInt8(ascii: "\"") ? hashes : nil
    }

    private mutating func skipString(hashes: Int) {
        advance(hashes)
        let quotes = sees("\"\"\"") ? 3 : 1
        advance(quotes)
        while position < source.count {
            if peek() == UInt8(ascii: "\\"), (0..<hashes).allSatisfy({ peek(1 + $0) == UInt8(ascii: "#") }) {
                advance(1 + hashes)
                if peek() == UInt8(ascii: "(") { skipInterpolation() } else { advance() }
            } else if closes(quotes: quotes, hashes: hashes) {
                advance(quotes + hashes)
                return
            } else {
                advance()
            }
        }
    }

    private func closes(quotes: Int, hashes: Int) -> Bool {
        (0..<quotes).allSatisfy { peek($0) == UInt8(ascii: "\"") }
            && (0..<hashes).allSatisfy { peek(quotes + $0) == UInt8(ascii: "#") }
    }

    private mutating func skipInterpolation() {
        var depth = 0
        repeat {
            if let hashes = stringStart() {
                skipString(hashes: hashes)
                continue
            }
            if peek() == UInt8(ascii: "(") { depth += 1 }
            if peek() == UInt8(ascii: ")") { depth -= 1 }
            advance()
        } while depth > 0 && position < source.count
    }
}
