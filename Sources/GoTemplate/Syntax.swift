// SPDX-License-Identifier: Apache-2.0

/// A template's parts, as text/template has them.
indirect enum Node: Sendable {
    case text(String)
    case action(Pipeline)
    case branch(Branch)
    case leave(continuing: Bool)
}

struct Branch: Sendable {
    enum Kind: Sendable { case condition, with, range }

    var kind: Kind
    var pipeline: Pipeline
    var body: [Node]
    var otherwise: [Node]
}

struct Pipeline: Sendable {
    /// Variables it sets, without the dollar sign; two in `range $key, $value := …`.
    var variables: [String] = []
    var declares = true
    var commands: [Invocation] = []
    var location: SourceLocation
}

/// One command of a pipeline: a function or value, and arguments.
struct Invocation: Sendable {
    var operands: [Operand]
    var location: SourceLocation
}

indirect enum Term: Sendable {
    case dot
    case null
    case bool(Bool)
    case integer(Int64)
    case double(Double)
    case string(String)
    case field([String])
    case variable(String, [String])
    case function(String)
    case pipeline(Pipeline)
    case chain(Operand, [String])
}

struct Operand: Sendable {
    var term: Term
    var location: SourceLocation
}
