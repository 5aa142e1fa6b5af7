// SPDX-License-Identifier: Apache-2.0

package import JSON

/// A parsed template: Go's text/template, as far as `--format` uses it.
package struct Template: Sendable {
    private let nodes: [Node]

    /// Reads a template. Throws what Go would say of it.
    package init(_ source: String) throws(TemplateError) {
        nodes = try Parser.parse(source)
    }

    /// Applies it. A member that an object does not have is an error when `strict`, else it is nothing.
    package func apply(_ value: TemplateValue, strict: Bool = true) throws(TemplateError) -> String {
        var evaluator = Evaluator(root: value, isStrict: strict)
        try evaluator.run(nodes)
        return evaluator.output
    }

    package func apply(_ value: JSONValue, strict: Bool = true) throws(TemplateError) -> String {
        try apply(.json(value), strict: strict)
    }
}
