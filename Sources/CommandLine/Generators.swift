// SPDX-License-Identifier: Apache-2.0

/// Completion scripts and the reference page, from the table.
package enum Generators {
    package static func generate(_ words: [String], program: String) throws(UsageProblem) -> String {
        switch words {
        case ["completion", "bash"]: return bash(program: program)
        case ["completion", "fish"]: return fish(program: program)
        case ["completion", "zsh"]: return "autoload -U +X bashcompinit && bashcompinit\n" + bash(program: program)
        case ["documentation"]: return reference(program: program)
        default:
            throw UsageProblem(
                text: """
                    Usage:  \(program) completion (bash|fish|zsh)
                            \(program) documentation

                    """, status: 1)
        }
    }

    /// Paths that can be completed, nouns included, in order.
    private static var paths: [String] {
        (CommandTable.nouns.map(\.name) + CommandTable.all.flatMap(\.names)).sorted()
    }

    private static func words(after path: String) -> [String] {
        if CommandTable.noun(path) != nil || path.isEmpty {
            return paths.filter { $0.dropLastWord() == path }.map { String($0.split(separator: " ").last ?? "") }
        }
        let flags = CommandTable.command(path)?.flags() ?? []
        return flags.filter { $0.meaning == nil && $0.isSupported }.map { "--\($0.name)" }
    }

    private static func bash(program: String) -> String {
        var script = "_\(program)() {\n    local path=\"\" word\n"
        script += "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
        script += "        case \"$word\" in -*) ;; *) path=\"${path:+$path }$word\" ;; esac\n    done\n"
        script += "    case \"$path\" in\n"
        for path in [""] + paths {
            let words = words(after: path)
            if words.isEmpty { continue }
            let pattern = CommandTable.noun(path) == nil && !path.isEmpty ? "\"\(path)\"*" : "\"\(path)\""
            script += "        \(pattern)) path=\"\(words.joined(separator: " "))\" ;;\n"
        }
        script += "        *) path=\"\" ;;\n    esac\n"
        script += "    COMPREPLY=($(compgen -W \"$path\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n}\n"
        return script + "complete -o default -F _\(program) \(program)\n"
    }

    private static func fish(program: String) -> String {
        var script = "complete -c \(program) -f\n"
        for path in paths {
            let parents = path.split(separator: " ").dropLast()
            let word = path.split(separator: " ").last ?? ""
            let condition =
                parents.isEmpty
                ? "__fish_use_subcommand" : "__fish_seen_subcommand_from \(parents.joined(separator: " "))"
            let summary = CommandTable.noun(path)?.summary ?? CommandTable.command(path)?.summary ?? ""
            script += "complete -c \(program) -n '\(condition)' -a '\(word)' -d '\(escaped(summary))'\n"
        }
        for command in CommandTable.all {
            guard let word = command.path.split(separator: " ").last else { continue }
            for flag in command.flags() where flag.meaning == nil && flag.isSupported {
                let short = flag.shorthand.map { " -s \($0)" } ?? ""
                let needs = flag.kind == .bool ? "" : " -r"
                script +=
                    "complete -c \(program) -n '__fish_seen_subcommand_from \(word)'\(short) -l \(flag.name)\(needs)"
                script += " -d '\(escaped(flag.summary))'\n"
            }
        }
        return script
    }

    private static func escaped(_ text: String) -> String {
        text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "\\'")
    }

    /// Markdown: every command, its names and its flags, and what is not there yet.
    private static func reference(program: String) -> String {
        var text = "# Commands\n\nMade by `\(program) documentation`.\n"
        for command in CommandTable.all {
            text += "\n## \(program) \(command.path)\n\n```\n"
            text += Help.command(command, shownName: command.path, program: program) + "```\n"
        }
        return text
    }
}
