// SPDX-License-Identifier: Apache-2.0

/// What a command line asks for.
package enum Invocation: Sendable {
    case run(ParsedCommand)
    /// Text to print, to standard error if it was not asked for, and leave with status 0.
    case print(String, toStandardError: Bool)
    case version
    /// A script or page made from the table: `completion bash`, `documentation`.
    case generate([String])

    /// Reads a command line (without the program's name). Nothing is built but what the command needs.
    package static func parse(_ arguments: [String], program: String) throws(UsageProblem) -> Invocation {
        let top = ProblemWording(program: program, path: "", synopsis: "[OPTIONS] COMMAND [ARG...]")
        var globals = FlagParser(
            arguments[...], flags: CommandTable.globalFlags(), wording: top, isInterspersed: false)
        try globals.parse()
        if globals.values.bool("version") { return .version }
        let words = globals.positional
        if globals.wantsHelp || words.isEmpty {
            let note = globals.usedOldHelp ? oldHelpNote : ""
            return .print(note + Help.overview(program: program), toStandardError: !globals.wantsHelp)
        }
        if words[0] == "help" { return try help(about: Array(words.dropFirst()), program: program) }
        if words[0] == "completion" || words[0] == "documentation" { return .generate(words) }
        let (command, path, rest) = try find(words, program: program)
        guard let command else {
            return .print(Help.noun(path, program: program), toStandardError: rest.isEmpty)
        }
        return try parse(command, calledAs: path, rest, globals: globals.values, program: program)
    }

    private static let oldHelpNote = "Flag shorthand -h has been deprecated, use --help\n"

    private typealias Found = (command: Command?, path: String, rest: ArraySlice<String>)

    /// The command that the words name; nil for a noun alone.
    private static func find(_ words: [String], program: String) throws(UsageProblem) -> Found {
        var path = ""
        var rest = words[...]
        while let word = rest.first {
            let wording = ProblemWording(program: program, path: path, synopsis: "")
            if word.hasPrefix("-"), !path.isEmpty {
                try checkFlags(rest, noun: path, program: program)
                return (nil, path, rest)
            }
            let next = path.isEmpty ? word : "\(path) \(word)"
            rest = rest.dropFirst()
            if CommandTable.noun(next) != nil {
                path = next
            } else if let command = CommandTable.command(next) {
                return (command, next, rest)
            } else if path.isEmpty, let flag = rest.first(where: { $0.hasPrefix("-") && $0 != "-" }) {
                let top = ProblemWording(program: program, path: "", synopsis: "[OPTIONS] COMMAND [ARG...]")
                var parser = FlagParser([flag], flags: [], wording: top, isInterspersed: true)
                try parser.parse()
                throw wording.unknownCommand(word)
            } else {
                throw wording.unknownCommand(word)
            }
        }
        return (nil, path, rest)
    }

    /// A noun followed by a flag: only help is one.
    private static func checkFlags(
        _ rest: ArraySlice<String>, noun: String, program: String
    ) throws(UsageProblem) {
        let wording = ProblemWording(program: program, path: noun, synopsis: "")
        var parser = FlagParser(rest, flags: [], wording: wording, isInterspersed: true)
        try parser.parse()
    }

    private static func parse(
        _ command: Command, calledAs path: String, _ rest: ArraySlice<String>, globals: FlagValues, program: String
    ) throws(UsageProblem) -> Invocation {
        let shown = command.shownName(calledAs: path)
        let wording = ProblemWording(program: program, path: shown, synopsis: command.synopsis)
        var parser = FlagParser(rest, flags: command.flags(), wording: wording, isInterspersed: command.isInterspersed)
        try parser.parse()
        if parser.wantsHelp {
            let note = parser.usedOldHelp ? oldHelpNote : ""
            return .print(note + Help.command(command, shownName: shown, program: program), toStandardError: false)
        }
        guard command.arity.accepts(parser.positional.count) else { throw wording.wrongNumber(of: command.arity) }
        if case .later(let missing) = command.status {
            let what = missing.isEmpty ? "" : " (\(missing))"
            throw UsageProblem(text: "\(program): '\(wording.fullName)' is not supported yet\(what)\n", status: 1)
        }
        if let flag = parser.unsupported.first {
            throw wording.flag("flag not supported yet: --\(flag.name)")
        }
        return .run(
            ParsedCommand(
                command: command, program: program, shownName: shown, arguments: parser.positional, globals: globals,
                flags: parser.values))
    }

    private static func help(about words: [String], program: String) throws(UsageProblem) -> Invocation {
        let wording = ProblemWording(program: program, path: "help", synopsis: "[command]")
        var parser = FlagParser(words[...], flags: [], wording: wording, isInterspersed: true)
        try parser.parse()
        let topic = parser.positional.joined(separator: " ")
        if topic.isEmpty { return .print(Help.overview(program: program), toStandardError: false) }
        if CommandTable.noun(topic) != nil {
            return .print(Help.noun(topic, program: program), toStandardError: false)
        }
        guard let command = CommandTable.command(topic) else {
            throw UsageProblem(text: "unknown help topic: \(topic)\n", status: 1)
        }
        let shown = command.shownName(calledAs: topic)
        return .print(Help.command(command, shownName: shown, program: program), toStandardError: false)
    }
}

extension Command.Arity {
    func accepts(_ count: Int) -> Bool {
        switch self {
        case .any: true
        case .none: count == 0
        case .exactly(let wanted): count == wanted
        case .atLeast(let least): count >= least
        case .atMost(let most): count <= most
        case .between(let least, let most): (least...most).contains(count)
        }
    }
}
