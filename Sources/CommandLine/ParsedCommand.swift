// SPDX-License-Identifier: Apache-2.0

/// A command with the flags and arguments it was called with, all of them checked.
package struct ParsedCommand: Sendable {
    package let command: Command
    /// The program's name as called: `wharf` or `docker`.
    package let program: String
    /// The path as messages show it.
    package let shownName: String
    package let arguments: [String]
    package let globals: FlagValues
    package let flags: FlagValues

    package var usage: String { wording.usage }
    package var fullName: String { wording.fullName }

    private var wording: ProblemWording {
        ProblemWording(program: program, path: shownName, synopsis: command.synopsis)
    }
}

/// The values of flags, in the order they were given.
package struct FlagValues: Sendable {
    private var given: [(name: String, value: String)] = []
    private let defaults: @Sendable (String) -> String?

    init(defaults: @escaping @Sendable (String) -> String? = { _ in nil }) {
        self.defaults = defaults
    }

    mutating func add(_ name: String, _ value: String) {
        given.append((name, value))
    }

    package func isGiven(_ name: String) -> Bool {
        given.contains { $0.name == name }
    }

    package var names: [String] { given.map(\.name) }

    /// The last value given, or the default.
    package func string(_ name: String) -> String? {
        given.last { $0.name == name }?.value ?? defaults(name)
    }

    package func text(_ name: String) -> String { string(name) ?? "" }

    package func bool(_ name: String) -> Bool {
        string(name).flatMap(GoSyntax.bool) ?? false
    }

    package func int(_ name: String) -> Int? {
        string(name).flatMap { try? GoSyntax.int($0) }
    }

    /// Every value given, in order.
    package func list(_ name: String) -> [String] {
        given.filter { $0.name == name }.map(\.value)
    }
}
