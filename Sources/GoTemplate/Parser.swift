// SPDX-License-Identifier: Apache-2.0

/// Makes a tree of a template.
struct Parser {
    /// How deep actions and parentheses may be nested.
    private static let maximumDepth = 200

    private let source: String
    private var tokens: ArraySlice<Token>
    private var variables: [String] = ["$"]
    private var depth = 0
    private var rangeDepth = 0

    static func parse(_ source: String) throws(TemplateError) -> [Node] {
        var parser = Parser(source: source, tokens: try Lexer.tokens(source)[...])
        let (nodes, end) = try parser.nodes()
        if let end { throw parser.problem("unexpected {{\(end)}}") }
        return nodes
    }

    private init(source: String, tokens: ArraySlice<Token>) {
        self.source = source
        self.tokens = tokens
    }

    // MARK: Actions

    /// Nodes up to the end, or to `{{end}}` or `{{else …}}`, which is returned.
    private mutating func nodes() throws(TemplateError) -> ([Node], end: String?) {
        var nodes: [Node] = []
        while true {
            let token = next()
            switch token.kind {
            case .text: nodes.append(.text(token.text))
            case .end: return (nodes, nil)
            default:
                skipSpace()
                if peek.kind == .identifier, ["end", "else"].contains(peek.text) { return (nodes, next().text) }
                nodes.append(try action())
            }
        }
    }

    private mutating func action() throws(TemplateError) -> Node {
        guard peek.kind == .identifier else { return .action(try pipeline(in: "command", until: .close)) }
        switch peek.text {
        case "if": return try branch(.condition)
        case "with": return try branch(.with)
        case "range": return try branch(.range)
        case "break", "continue":
            let word = next().text
            guard rangeDepth > 0 else { throw problem("{{\(word)}} outside {{range}}") }
            try close(in: word)
            return .leave(continuing: word == "continue")
        case "define", "template", "block":
            throw problem("{{\(peek.text)}} is not supported")
        default: return .action(try pipeline(in: "command", until: .close))
        }
    }

    private mutating func branch(_ kind: Branch.Kind) throws(TemplateError) -> Node {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.maximumDepth else { throw problem("nested too deeply") }
        let word = next().text
        let scope = variables.count
        defer { variables.removeLast(variables.count - scope) }
        let pipe = try pipeline(in: word, until: .close)
        if kind == .range { rangeDepth += 1 }
        let (body, end) = try nodes()
        if kind == .range { rangeDepth -= 1 }
        var branch = Branch(kind: kind, pipeline: pipe, body: body, otherwise: [])
        switch end {
        case nil: throw problem("unexpected EOF")
        case "end": try close(in: "end")
        default: branch.otherwise = try otherwise(kind)
        }
        return .branch(branch)
    }

    /// What follows `else`: a nested `if` or `with`, or nodes up to the end.
    private mutating func otherwise(_ kind: Branch.Kind) throws(TemplateError) -> [Node] {
        skipSpace()
        if peek.kind == .identifier, peek.text == "if", kind == .condition { return [try branch(.condition)] }
        if peek.kind == .identifier, peek.text == "with", kind == .with { return [try branch(.with)] }
        try close(in: "else")
        let (nodes, end) = try nodes()
        guard let end else { throw problem("unexpected EOF") }
        guard end == "end" else { throw problem("expected end; found {{else}}") }
        try close(in: "end")
        return nodes
    }

    private mutating func close(in context: String) throws(TemplateError) {
        skipSpace()
        let token = next()
        guard token.kind == .close else { throw unexpected(token, in: context) }
    }

    // MARK: Pipelines

    private mutating func pipeline(in context: String, until closing: Token.Kind) throws(TemplateError) -> Pipeline {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.maximumDepth else { throw problem("nested too deeply") }
        skipSpace()
        let start = peek.offset
        var pipeline = Pipeline(location: location(start, start))
        try declarations(&pipeline, in: context)
        while true {
            skipSpace()
            switch peek.kind {
            case closing:
                let end = next().offset
                guard let last = pipeline.commands.last else { throw problem("missing value for \(context)") }
                if pipeline.commands.count > 1, !last.isCallable {
                    throw problem("non executable command in pipeline stage \(pipeline.commands.count)")
                }
                pipeline.location = location(start, end)
                variables += pipeline.declares ? pipeline.variables.map { "$\($0)" } : []
                return pipeline
            case .pipe where !pipeline.commands.isEmpty:
                _ = next()
                skipSpace()
                if peek.kind == closing { throw problem("missing value for \(context)") }
            default: break
            }
            pipeline.commands.append(try invocation(in: context))
        }
    }

    /// `$x :=`, `$x =`, `$i, $x :=`.
    private mutating func declarations(_ pipeline: inout Pipeline, in context: String) throws(TemplateError) {
        let saved = tokens
        var names: [String] = []
        while peek.kind == .variable {
            names.append(String(next().text.dropFirst()))
            skipSpace()
            if peek.kind == .comma, context == "range", names.count == 1 {
                _ = next()
                skipSpace()
                continue
            }
            if peek.kind == .declare || peek.kind == .assign {
                pipeline.declares = next().kind == .declare
                pipeline.variables = names
                return
            }
            break
        }
        tokens = saved
    }

    private mutating func invocation(in context: String) throws(TemplateError) -> Invocation {
        let start = peek.offset
        var end = start
        var operands: [Operand] = []
        loop: while true {
            skipSpace()
            switch peek.kind {
            case .pipe, .close, .rightParenthesis, .end: break loop
            default:
                operands.append(try operand(in: context))
                end = tokens.first?.offset ?? end
            }
            switch peek.kind {
            case .space, .pipe, .close, .rightParenthesis: break
            default: throw unexpected(peek, in: "operand")
            }
        }
        guard !operands.isEmpty else {
            if peek.kind == .pipe { throw unexpected(peek, in: context) }
            throw problem("missing value for \(context)")
        }
        return Invocation(operands: operands, location: location(start, end))
    }

    private mutating func operand(in context: String) throws(TemplateError) -> Operand {
        let token = next()
        var operand = Operand(term: try term(token, in: context), location: location(token.offset, peek.offset))
        guard peek.kind == .field else { return operand }
        var names: [String] = []
        // Go gives a chain the place of its second part.
        let second = peek.offset
        while peek.kind == .field { names.append(String(next().text.dropFirst())) }
        var place = location(second, second)
        place.text = location(token.offset, peek.offset).text
        switch operand.term {
        case .field(let first): operand.term = .field(first + names)
        case .variable(let name, let first): operand.term = .variable(name, first + names)
        case .bool, .string, .integer, .double, .null, .dot:
            throw problem("unexpected . after term \"\(token.text)\"")
        default: operand = Operand(term: .chain(operand, names), location: place)
        }
        operand.location = place
        return operand
    }

    private mutating func term(_ token: Token, in context: String) throws(TemplateError) -> Term {
        switch token.kind {
        case .dot: return .dot
        case .field: return .field([String(token.text.dropFirst())])
        case .variable:
            guard variables.contains(token.text) else { throw problem("undefined variable \"\(token.text)\"") }
            return .variable(String(token.text.dropFirst()), [])
        case .identifier: return try word(token.text)
        case .number:
            if let number = Int64(token.text) { return .integer(number) }
            if token.text.hasPrefix("0x"), let number = Int64(token.text.dropFirst(2), radix: 16) {
                return .integer(number)
            }
            guard let number = Double(token.text.hasPrefix(".") ? "0" + token.text : token.text) else {
                throw problem("bad number syntax: \"\(token.text)\"")
            }
            return .double(number)
        case .character:
            guard let text = Unquoting.unquote(token.text), let scalar = text.unicodeScalars.first else {
                throw problem("malformed character constant: \(token.text)")
            }
            return .integer(Int64(scalar.value))
        case .string:
            guard let text = Unquoting.unquote(token.text) else { throw problem("invalid syntax") }
            return .string(text)
        case .leftParenthesis:
            let scope = variables.count
            defer { variables.removeLast(variables.count - scope) }
            return .pipeline(try pipeline(in: "parenthesized pipeline", until: .rightParenthesis))
        default: throw unexpected(token, in: context == "parenthesized pipeline" ? "operand" : context)
        }
    }

    private func word(_ text: String) throws(TemplateError) -> Term {
        switch text {
        case "true": return .bool(true)
        case "false": return .bool(false)
        case "nil": return .null
        default:
            guard Functions.names.contains(text) else { throw problem("function \"\(text)\" not defined") }
            return .function(text)
        }
    }

    // MARK: Tokens

    private var peek: Token { tokens.first ?? Token(kind: .end, text: "", offset: source.utf8.count) }

    private mutating func next() -> Token {
        let token = peek
        if token.kind != .end { tokens.removeFirst() }
        return token
    }

    private mutating func skipSpace() {
        while peek.kind == .space { tokens.removeFirst() }
    }

    private func location(_ start: Int, _ end: Int) -> SourceLocation {
        let bytes = Array(source.utf8)
        let before = bytes[..<min(start, bytes.count)]
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        var text = bytes[min(start, bytes.count)..<min(max(start, end), bytes.count)]
        while let last = text.last, last == 32 || last == 9 || last == 10 { text.removeLast() }
        return SourceLocation(
            line: 1 + before.count { $0 == UInt8(ascii: "\n") }, column: start - lineStart,
            text: String(decoding: text, as: UTF8.self))
    }

    private func problem(_ message: String) -> TemplateError {
        TemplateError(syntax: message, line: location(peek.offset, peek.offset).line)
    }

    private func unexpected(_ token: Token, in context: String) -> TemplateError {
        switch token.kind {
        case .end: problem("unexpected EOF")
        case .space: problem("unexpected <space> in \(context)")
        default: problem("unexpected \(Printing.quoted(token.text)) in \(context)")
        }
    }
}

extension Invocation {
    /// Whether a value can be piped into it.
    fileprivate var isCallable: Bool {
        switch operands.first?.term {
        case .function, .field, .variable, .chain, .pipeline: true
        default: false
        }
    }
}
