// SPDX-License-Identifier: Apache-2.0

/// A rule of the house that the compiler doesn't know.
struct Rule: Sendable {
    let name: String
    let check: @Sendable (SourceFile) -> [(line: Int, message: String)]

    func findings(in file: SourceFile) -> [Finding] {
        check(file).map { Finding(rule: name, path: file.path, line: $0.line, message: $0.message) }
    }

    static let all = [
        length, functionLength, commentWidth, license, forcedTry, forcedCast, forcedUnwrap, fatal, unchecked, bareTask,
        skippedTest,
        foundation,
    ]
}

extension Rule {
    static let length = Rule(name: "length") { file in
        file.lineCount <= 600
            ? [] : [(600, "\(file.lineCount) lines; one file holds one idea, in 600 lines at most")]
    }

    /// Functions fit a screen.
    static let functionLength = Rule(name: "function-length") { file in
        let code = file.code
        return code.indices.compactMap { index in
            guard code[index].kind == .word, ["func", "init", "deinit", "subscript"].contains(code[index].text),
                index == 0 || code[index - 1].text != ".", let last = endOfBody(code, after: index)
            else { return nil }
            let lines = code[last].line - code[index].line + 1
            guard lines > 60 else { return nil }
            return (code[index].line, "\(lines) lines; a function fits a screen: 60 lines at most")
        }
    }

    /// The closing brace of the body of the function declared at `start`; nil where it has none.
    private static func endOfBody(_ code: [Token], after start: Int) -> Int? {
        var depth = 0
        var isBody = false
        for index in code.indices[(start + 1)...] {
            switch code[index].text {
            case "(", "[": depth += 1
            case ")", "]": depth -= 1
            case "{":
                isBody = isBody || depth == 0
                depth += 1
            case "}":
                depth -= 1
                if depth == 0, isBody { return index }
                if depth < 0 { return nil }
            case "func", "var", "let", "init", "struct", "case":
                // The next declaration of a protocol.
                if !isBody, depth == 0, code[index].startsLine { return nil }
            default: break
            }
        }
        return nil
    }

    /// swift-format looks at the width of code only.
    static let commentWidth = Rule(name: "comment-width") { file in
        file.lines.enumerated().compactMap { index, line in
            guard line.drop(while: { $0 == " " }).hasPrefix("//"), line.count > 120 else { return nil }
            return (index + 1, "\(line.count) columns; a comment has 120 at most")
        }
    }

    static let license = Rule(name: "license") { file in
        file.lines.prefix(2).contains { $0.contains("SPDX-License-Identifier: Apache-2.0") }
            ? []
            : [
                (
                    1,
                    "the first line (after a #! or tools version) names the licence: SPDX-License-Identifier: Apache-2.0"
                )
            ]
    }

    static let forcedTry = Rule(name: "forced-try") { file in
        pairs(file) { $0.kind == .word && $0.text == "try" && $1.text == "!" && !$1.spaceBefore }
            .map { ($0.line, "'try!' ends the process on any error: throw, or handle it") }
    }

    static let forcedCast = Rule(name: "forced-cast") { file in
        pairs(file) { $0.kind == .word && $0.text == "as" && $1.text == "!" && !$1.spaceBefore }
            .map { ($0.line, "'as!' ends the process on another type: use 'as?' and say what happens then") }
    }

    static let forcedUnwrap = Rule(name: "forced-unwrap") { file in
        let code = file.code
        return code.indices.dropFirst().compactMap { index in
            let mark = code[index]
            let before = code[index - 1]
            guard mark.text == "!", !mark.spaceBefore, before.text != "try", before.text != "as" else { return nil }
            // `a!=b` is a comparison
            if index + 1 < code.count, code[index + 1].text == "=", !code[index + 1].spaceBefore { return nil }
            switch before.kind {
            case .mark where ![")", "]", "}", "?", ">"].contains(before.text): return nil
            default: return (mark.line, "'!' ends the process on nil: bind it, or make nil impossible")
            }
        }
    }

    static let fatal = Rule(name: "fatal") { file in
        file.code.compactMap { token in
            guard token.kind == .word, ["fatalError", "preconditionFailure"].contains(token.text) else { return nil }
            guard !file.comment(about: token.line).lowercased().contains("invariant") else { return nil }
            return (token.line, "'\(token.text)' needs a comment that states the invariant ('// Invariant: …')")
        }
    }

    static let unchecked = Rule(name: "unchecked-sendable") { file in
        pairs(file) { $0.text == "@unchecked" && $1.text == "Sendable" }
            .filter { file.comment(on: $0.line) == nil && !proves(file.comment(about: $0.line)) }
            .map { ($0.line, "'@unchecked Sendable' needs a comment with its proof ('// Sendable: …')") }
    }

    static let bareTask = Rule(name: "bare-task") { file in
        let code = file.code
        return code.indices.dropLast().compactMap { index in
            guard code[index].kind == .word, code[index].text == "Task", index == 0 || code[index - 1].text != "."
            else {
                return nil
            }
            let next = code[index + 1]
            let detached = next.text == "." && index + 2 < code.count && code[index + 2].text == "detached"
            guard next.text == "{" || next.text == "(" || detached else { return nil }
            guard file.comment(about: code[index].line).isEmpty else { return nil }
            return (code[index].line, "a bare 'Task' needs a comment that says who ends it")
        }
    }

    static let skippedTest = Rule(name: "skipped-test") { file in
        guard file.folder == "Tests" else { return [] }
        return file.code.indices.compactMap { index in
            let token = file.code[index]
            guard token.kind == .word else { return nil }
            let member = index > 0 && file.code[index - 1].text == "."
            let names: Set = ["XCTSkip", "XCTSkipIf", "XCTSkipUnless", "withKnownIssue"]
            let traits: Set = ["disabled", "enabled"]
            let called = index + 1 < file.code.count && file.code[index + 1].text == "("
            guard names.contains(token.text) || (member && traits.contains(token.text) && called) else { return nil }
            return (token.line, "'\(token.text)': a test that doesn't run is no test; make it pass or remove it")
        }
    }

    static let foundation = Rule(name: "foundation") { file in
        guard file.folder == "Sources", file.module != "MetadataStore" else { return [] }
        return file.imports.filter { $0.module.hasPrefix("Foundation") }
            .map { ($0.line, "'\($0.module)' is for MetadataStore alone (GRDB needs it): 44 MB and a slow start") }
    }

    /// The first token of each neighbouring pair of code tokens that `match` accepts.
    private static func pairs(_ file: SourceFile, _ match: (Token, Token) -> Bool) -> [Token] {
        zip(file.code, file.code.dropFirst()).filter(match).map(\.0)
    }

    private static func proves(_ comment: String) -> Bool {
        let words = [
            "sendable", "thread", "lock", "mutex", "immutable", "never change", "atomic", "event loop", "queue",
        ]
        let lowered = comment.lowercased()
        return words.contains { lowered.contains($0) }
    }
}

extension SourceFile {
    /// The modules that the file imports.
    var imports: [(module: String, line: Int)] {
        code.indices.dropLast().compactMap { index in
            guard code[index].kind == .word, code[index].text == "import" else { return nil }
            guard
                index == 0 || code[index].startsLine || code[index - 1].startsLine
                    || code[index - 1].text.hasPrefix("@")
            else { return nil }
            var name = code[index + 1]
            let kinds: Set = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
            if kinds.contains(name.text), index + 2 < code.count { name = code[index + 2] }
            return (name.text, name.line)
        }
    }
}
