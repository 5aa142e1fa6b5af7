// SPDX-License-Identifier: Apache-2.0

/// A piece of a template.
struct Token: Equatable {
    enum Kind: Equatable {
        case text, open, close, field, variable, identifier, number, string, character
        case dot, pipe, declare, assign, comma, leftParenthesis, rightParenthesis, space, end
    }

    var kind: Kind
    var text: String
    var offset: Int
}

/// Splits a template into tokens; inside an action, white space is a token, as it separates arguments from fields.
struct Lexer {
    private let bytes: [UInt8]
    private var position = 0
    private var tokens: [Token] = []
    private var depth = 0

    static func tokens(_ text: String) throws(TemplateError) -> [Token] {
        var lexer = Lexer(bytes: Array(text.utf8))
        try lexer.run()
        return lexer.tokens
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private mutating func run() throws(TemplateError) {
        var trimsLeft = false
        while position < bytes.count {
            let start = position
            while position < bytes.count, !starts("{{") { position += 1 }
            var piece = bytes[start..<position]
            let atAction = position < bytes.count
            let trimsRight =
                atAction && starts("{{-") && position + 3 < bytes.count && Self.isSpace(bytes[position + 3])
            if trimsLeft { piece = piece.drop(while: Self.isSpace) }
            if trimsRight { piece = piece.dropLast(piece.reversed().prefix(while: Self.isSpace).count) }
            if !piece.isEmpty { add(.text, piece, at: start) }
            guard atAction else { break }
            add(.open, bytes[position..<position + 2], at: position)
            position += trimsRight ? 3 : 2
            trimsLeft = try action()
        }
        tokens.append(Token(kind: .end, text: "", offset: bytes.count))
    }

    /// Reads up to the closing braces; whether white space after them goes.
    private mutating func action() throws(TemplateError) -> Bool {
        if let trims = try comment() { return trims }
        depth = 0
        while true {
            guard position < bytes.count else { throw problem("unclosed action") }
            if starts("}}") || startsTrimmedClose {
                guard depth == 0 else { throw problem("unclosed left paren") }
                let trims = !starts("}}")
                if trims { position += 2 }
                add(.close, bytes[position..<position + 2], at: position)
                position += 2
                return trims
            }
            try inside()
        }
    }

    private var startsTrimmedClose: Bool {
        position + 3 < bytes.count && Self.isSpace(bytes[position]) && bytes[position + 1] == UInt8(ascii: "-")
            && bytes[position + 2] == UInt8(ascii: "}") && bytes[position + 3] == UInt8(ascii: "}")
    }

    /// Skips `/* … */}}`, which makes no tokens at all.
    private mutating func comment() throws(TemplateError) -> Bool? {
        var start = position
        while start < bytes.count, Self.isSpace(bytes[start]) { start += 1 }
        guard start + 1 < bytes.count, bytes[start] == UInt8(ascii: "/"), bytes[start + 1] == UInt8(ascii: "*") else {
            return nil
        }
        position = start + 2
        while position < bytes.count, !starts("*/") { position += 1 }
        guard position < bytes.count else { throw problem("unclosed comment") }
        position += 2
        let trims = startsTrimmedClose
        if trims { position += 2 }
        guard starts("}}") else { throw problem("comment ends before closing delimiter") }
        position += 2
        tokens.removeLast()
        return trims
    }

    private mutating func inside() throws(TemplateError) {
        let start = position
        let byte = bytes[position]
        switch byte {
        case _ where Self.isSpace(byte):
            while position < bytes.count, Self.isSpace(bytes[position]), position == start || !startsTrimmedClose {
                position += 1
            }
            add(.space, bytes[start..<position], at: start)
        case UInt8(ascii: "\""), UInt8(ascii: "`"), UInt8(ascii: "'"): try quoted(byte)
        case UInt8(ascii: "|"): single(.pipe)
        case UInt8(ascii: ","): single(.comma)
        case UInt8(ascii: "="): single(.assign)
        case UInt8(ascii: "("):
            depth += 1
            single(.leftParenthesis)
        case UInt8(ascii: ")"):
            depth -= 1
            guard depth >= 0 else { throw problem("unexpected right paren") }
            single(.rightParenthesis)
        case UInt8(ascii: ":"):
            guard starts(":=") else { throw problem("expected :=") }
            position += 2
            add(.declare, bytes[start..<position], at: start)
        case UInt8(ascii: "."), UInt8(ascii: "$"): name(from: start)
        case _ where Self.isDigit(byte), UInt8(ascii: "-"), UInt8(ascii: "+"): try number()
        case _ where Self.isWord(byte):
            while position < bytes.count, Self.isWord(bytes[position]) { position += 1 }
            add(.identifier, bytes[start..<position], at: start)
        default:
            let character = String(decoding: bytes[position...].prefix(4), as: UTF8.self).first ?? "?"
            let code = String(character.unicodeScalars.first?.value ?? 0, radix: 16, uppercase: true)
            let padding = String(repeating: "0", count: max(0, 4 - code.count))
            throw problem("unexpected bad character U+\(padding)\(code) '\(character)' in action")
        }
    }

    /// `.`, `.Field`, `$`, `$variable`; `.5` is a number.
    private mutating func name(from start: Int) {
        let isField = bytes[position] == UInt8(ascii: ".")
        position += 1
        if isField, position < bytes.count, Self.isDigit(bytes[position]) {
            while position < bytes.count, Self.isWord(bytes[position]) { position += 1 }
            return add(.number, bytes[start..<position], at: start)
        }
        while position < bytes.count, Self.isWord(bytes[position]) { position += 1 }
        let isBare = position == start + 1
        add(isField ? (isBare ? .dot : .field) : .variable, bytes[start..<position], at: start)
    }

    private mutating func number() throws(TemplateError) {
        let start = position
        position += 1
        while position < bytes.count, Self.isWord(bytes[position]) || bytes[position] == UInt8(ascii: ".") {
            position += 1
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        guard Int64(text) != nil || Double(text) != nil || text.hasPrefix("0x") else {
            throw problem("bad number syntax: \"\(text)\"")
        }
        add(.number, bytes[start..<position], at: start)
    }

    private mutating func quoted(_ quote: UInt8) throws(TemplateError) {
        let start = position
        position += 1
        while position < bytes.count, bytes[position] != quote {
            if quote != UInt8(ascii: "`") {
                if bytes[position] == UInt8(ascii: "\\") { position += 1 }
                if position < bytes.count, bytes[position] == UInt8(ascii: "\n") { break }
            }
            position += 1
        }
        guard position < bytes.count, bytes[position] == quote else {
            let what =
                quote == UInt8(ascii: "'")
                ? "character constant" : quote == UInt8(ascii: "`") ? "raw quoted string" : "quoted string"
            throw problem("unterminated \(what)")
        }
        position += 1
        add(quote == UInt8(ascii: "'") ? .character : .string, bytes[start..<position], at: start)
    }

    private mutating func single(_ kind: Token.Kind) {
        add(kind, bytes[position...position], at: position)
        position += 1
    }

    private mutating func add(_ kind: Token.Kind, _ text: ArraySlice<UInt8>, at offset: Int) {
        tokens.append(Token(kind: kind, text: String(decoding: text, as: UTF8.self), offset: offset))
    }

    private func starts(_ text: StaticString) -> Bool {
        guard position + text.utf8CodeUnitCount <= bytes.count else { return false }
        for index in 0..<text.utf8CodeUnitCount where bytes[position + index] != text.utf8Start[index] { return false }
        return true
    }

    private func problem(_ message: String) -> TemplateError {
        let end = min(position, bytes.count)
        return TemplateError(syntax: message, line: 1 + bytes[..<end].count { $0 == UInt8(ascii: "\n") })
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 10 || byte == 13 }
    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }
    private static func isWord(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == 95 || (byte | 32 >= 97 && byte | 32 <= 122) || byte >= 0x80
    }
}
