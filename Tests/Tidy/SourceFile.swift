// SPDX-License-Identifier: Apache-2.0

/// A file of the source tree.
struct SourceFile {
    /// Relative to the project's root.
    let path: String
    let text: String
    let lines: [Substring]
    let tokens: [Token]
    /// The tokens without the comments.
    let code: [Token]
    /// The comments by the line they start in.
    private let comments: [Int: String]

    init(path: String, text: String) {
        self.path = path
        self.text = text
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        tokens = path.hasSuffix(".swift") ? Tokenizer.tokens(of: text) : []
        code = tokens.filter { $0.kind != .comment }
        comments = Dictionary(
            tokens.filter { $0.kind == .comment }.map { ($0.line, $0.text) }, uniquingKeysWith: { $0 + $1 })
    }

    /// The number of lines, as `wc -l` counts them.
    var lineCount: Int { text.hasSuffix("\n") ? lines.count - 1 : lines.count }

    /// `Sources` or `Tests`.
    var folder: Substring { path.prefix { $0 != "/" } }

    /// The module that a file below Sources or Tests belongs to.
    var module: Substring? {
        let parts = path.split(separator: "/")
        return parts.count >= 3 && (parts[0] == "Sources" || parts[0] == "Tests") ? parts[1] : nil
    }

    /// The comment that speaks about line `line`: on that line, on the unbroken run of comment lines above it (over
    /// attributes and the statement's own earlier lines, up to `reach` lines), or on the line after it, which is the
    /// first of a body.
    func comment(about line: Int, reach: Int = 3) -> String {
        var found = [comments[line], comments[line + 1]].compactMap { $0 }
        var above = line - 1
        while above > 0, comments[above] == nil, line - above < reach, !isBlank(above) { above -= 1 }
        while above > 0, let text = comments[above], isOnlyComment(above) {
            found.append(text)
            above -= 1
        }
        return found.joined(separator: "\n")
    }

    /// The comment at the end of a line.
    func comment(on line: Int) -> String? { comments[line] }

    private func isBlank(_ line: Int) -> Bool { lines[line - 1].allSatisfy(\.isWhitespace) }

    private func isOnlyComment(_ line: Int) -> Bool { lines[line - 1].drop(while: \.isWhitespace).hasPrefix("//") }
}

/// What a rule found.
struct Finding: Equatable, CustomStringConvertible {
    var rule: String
    var path: String
    var line: Int
    /// What is wrong and what to do instead.
    var message: String

    var description: String { "\(path):\(line): \(rule): \(message)" }
}
