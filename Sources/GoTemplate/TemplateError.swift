// SPDX-License-Identifier: Apache-2.0

/// What is wrong with a template, or with applying it, in Go's words: `template: :1:2: executing "" at <.X>: …`.
package struct TemplateError: Error, Equatable, CustomStringConvertible {
    package let description: String
    /// Whether it could not even be read.
    package let isSyntax: Bool

    init(syntax message: String, line: Int) {
        description = "template: :\(line): \(message)"
        isSyntax = true
    }

    init(at location: SourceLocation, _ message: String) {
        description =
            "template: :\(location.line):\(location.column): executing \"\" at <\(location.text)>: \(message)"
        isSyntax = false
    }
}

/// Where a node stands, and its own text.
struct SourceLocation: Sendable {
    var line: Int
    var column: Int
    var text: String
}
