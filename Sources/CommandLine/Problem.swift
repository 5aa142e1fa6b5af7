// SPDX-License-Identifier: Apache-2.0

/// What ends a call before a command runs: text for standard error and the exit status.
package struct UsageProblem: Error, Equatable {
    package let text: String
    package let status: Int32

    package init(text: String, status: Int32) {
        self.text = text
        self.status = status
    }
}

/// Words the problems of one command, called by one path.
struct ProblemWording {
    let program: String
    /// The path as messages show it, without the program; empty for the program itself.
    let path: String
    let synopsis: String

    var fullName: String { path.isEmpty ? program : "\(program) \(path)" }
    var usage: String { synopsis.isEmpty ? "Usage:  \(fullName)" : "Usage:  \(fullName) \(synopsis)" }

    /// A flag's own problem: status 125.
    func flag(_ message: String) -> UsageProblem {
        UsageProblem(
            text: "\(message)\n\n\(usage)\n\nRun '\(fullName) --help' for more information\n", status: 125)
    }

    func wrongNumber(of arity: Command.Arity) -> UsageProblem {
        let needs: String
        var verb = "Run"
        switch arity {
        case .any, .none: needs = "accepts no arguments"
        case .exactly(let count): needs = "requires \(count) \(Self.noun(count))"
        case .atMost(let count): needs = "requires at most \(count) \(Self.noun(count))"
        case .between(let low, let high): needs = "requires at least \(low) and at most \(high) \(Self.noun(high))"
        case .atLeast(let count):
            needs = "requires at least \(count) \(Self.noun(count))"
            verb = "See"
        }
        return UsageProblem(
            text: """
                \(program): '\(fullName)' \(needs)

                \(usage)

                \(verb) '\(fullName) --help' for more information

                """, status: 1)
    }

    func unknownCommand(_ name: String) -> UsageProblem {
        let usage = path.isEmpty ? "" : "Usage:  \(fullName)\n\n"
        return UsageProblem(
            text: """
                \(program): unknown command: \(fullName) \(name)

                \(usage)Run '\(fullName) --help' for more information

                """, status: 1)
    }

    private static func noun(_ count: Int) -> String { count == 1 ? "argument" : "arguments" }
}
