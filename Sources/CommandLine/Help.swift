// SPDX-License-Identifier: Apache-2.0

/// Help, laid out as users of `docker` know it.
package enum Help {
    private static let common = [
        "run", "exec", "ps", "build", "pull", "push", "images", "login", "logout", "search", "version", "info",
    ]

    package static func overview(program: String) -> String {
        var text = """
            Usage:  \(program) [OPTIONS] COMMAND

            Builds, ships and runs containers


            """
        text += section("Common Commands", common.compactMap { name in row(name) })
        let nouns = CommandTable.nouns.filter { !$0.name.contains(" ") }
        text += section("Management Commands", nouns.filter { !$0.isSwarm }.map { ($0.name, $0.summary) })
        text += section("Swarm Commands", nouns.filter(\.isSwarm).map { ($0.name, $0.summary) })
        let others = CommandTable.all.flatMap(\.names).filter { !$0.contains(" ") && !common.contains($0) }.sorted()
        text += section("Commands", others.compactMap { name in row(name) })
        text += "Global Options:\n" + options(CommandTable.globalFlags())
        return text + "\nRun '\(program) COMMAND --help' for more information on a command.\n"
    }

    package static func noun(_ name: String, program: String) -> String {
        guard let noun = CommandTable.noun(name) else { return "" }
        var rows: [(String, String)] = []
        for command in noun.commands {
            guard let shown = command.names.first(where: { $0.dropLastWord() == name }) else { continue }
            rows.append((String(shown.dropFirst(name.count + 1)), marked(command)))
        }
        if name == "builder" { rows += CommandTable.command("build").map { [("build", marked($0))] } ?? [] }
        for inner in CommandTable.nouns where inner.name.dropLastWord() == name {
            rows.append((String(inner.name.dropFirst(name.count + 1)), inner.summary))
        }
        rows.sort { $0.0 < $1.0 }
        return """
            Usage:  \(program) \(name) COMMAND

            \(noun.summary)

            \(section("Commands", rows))Run '\(program) \(name) COMMAND --help' for more information on a command.

            """
    }

    package static func command(_ command: Command, shownName: String, program: String) -> String {
        let usage = command.synopsis.isEmpty ? shownName : "\(shownName) \(command.synopsis)"
        var text = "Usage:  \(program) \(usage)\n\n\(command.summary)\n"
        if command.names.count > 1 {
            text += "\nAliases:\n  " + command.names.map { "\(program) \($0)" }.joined(separator: ", ") + "\n"
        }
        let flags = command.flags().filter { $0.meaning == nil }.sorted { $0.name < $1.name }
        if !flags.isEmpty { text += "\nOptions:\n" + options(flags) }
        if case .later(let missing) = command.status {
            text += missing.isEmpty ? "\nNot supported yet\n" : "\nNot supported yet: \(missing)\n"
        }
        return text
    }

    private static func row(_ name: String) -> (String, String)? {
        CommandTable.command(name).map { (name, marked($0)) }
    }

    /// The summary; what is not there yet says so.
    private static func marked(_ command: Command) -> String {
        command.status == .implemented ? command.summary : command.summary + " (not yet)"
    }

    private static func section(_ title: String, _ rows: [(String, String)]) -> String {
        let width = max(11, (rows.map(\.0.count).max() ?? 0))
        return "\(title):\n" + rows.map { "  \($0.0.padded(to: width)) \($0.1)\n" }.joined() + "\n"
    }

    static func options(_ flags: [Flag]) -> String {
        let rows = flags.map { flag in
            let short = flag.shorthand.map { "-\($0), " } ?? "    "
            let kind = flag.kind.name.isEmpty ? "" : " \(flag.kind.name)"
            var text = flag.summary
            if let value = flag.defaultValue {
                text += flag.kind == .string ? " (default \(GoSyntax.quoted(value)))" : " (default \(value))"
            }
            if !flag.isSupported { text += " (not yet)" }
            return ("  \(short)--\(flag.name)\(kind)", text)
        }
        let width = (rows.map(\.0.count).max() ?? 0) + 3
        return rows.map { "\($0.0.padded(to: width))\($0.1)\n" }.joined()
    }
}
