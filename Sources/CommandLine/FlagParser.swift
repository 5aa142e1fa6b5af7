// SPDX-License-Identifier: Apache-2.0

/// Reads flags as pflag does: `--name value`, `--name=value`, `-n value`, `-nvalue`, `-n=value`, `-abc`, `--`.
struct FlagParser {
    let flags: [Flag]
    let wording: ProblemWording
    let isInterspersed: Bool
    private(set) var values: FlagValues
    private(set) var positional: [String] = []
    private(set) var wantsHelp = false
    /// Whether help was asked for by the `-h` that Docker has been deprecating for ever.
    private(set) var usedOldHelp = false
    /// Flags that are recognised and do not work yet, in the order given.
    private(set) var unsupported: [Flag] = []
    private var rest: ArraySlice<String>

    init(_ arguments: ArraySlice<String>, flags: [Flag], wording: ProblemWording, isInterspersed: Bool) {
        self.flags = flags
        self.wording = wording
        self.isInterspersed = isInterspersed
        self.rest = arguments
        let defaults = flags.filter { $0.defaultValue != nil }
        self.values = FlagValues { name in defaults.first { $0.name == name }?.defaultValue }
    }

    mutating func parse() throws(UsageProblem) {
        while let argument = rest.popFirst() {
            if argument == "--" {
                positional += rest
                return
            }
            if argument.hasPrefix("--") {
                try long(argument)
            } else if argument.hasPrefix("-"), argument != "-" {
                try short(argument)
            } else {
                positional.append(argument)
                if !isInterspersed {
                    positional += rest
                    return
                }
            }
        }
    }

    private mutating func long(_ argument: String) throws(UsageProblem) {
        let body = argument.dropFirst(2)
        let name = String(body.prefix { $0 != "=" })
        if name.isEmpty || name.hasPrefix("-") {
            throw wording.flag("bad flag syntax: \(argument)")
        }
        guard let flag = flags.first(where: { $0.name == name }) else {
            if name == "help" { return try help(body) }
            throw wording.flag("unknown flag: --\(name)")
        }
        if name.utf8.count < body.utf8.count {
            try set(flag, String(body.dropFirst(name.count + 1)))
        } else if resolved(flag).kind == .bool {
            try set(flag, "true")
        } else if let value = rest.popFirst() {
            try set(flag, value)
        } else {
            throw wording.flag("flag needs an argument: --\(name)")
        }
    }

    private mutating func help(_ body: Substring) throws(UsageProblem) {
        guard let equals = body.firstIndex(of: "=") else {
            wantsHelp = true
            return
        }
        let value = String(body[body.index(after: equals)...])
        guard let wanted = GoSyntax.bool(value) else {
            throw wording.flag(
                "invalid argument \(GoSyntax.quoted(value)) for \"-h, --help\" flag: strconv.ParseBool: parsing "
                    + "\(GoSyntax.quoted(value)): invalid syntax")
        }
        wantsHelp = wanted
    }

    private mutating func short(_ argument: String) throws(UsageProblem) {
        var letters = argument.dropFirst()
        while let letter = letters.popFirst() {
            guard let flag = flags.first(where: { $0.shorthand == letter }) else {
                if letter == "h" {
                    wantsHelp = true
                    usedOldHelp = true
                    return
                }
                throw wording.flag("unknown shorthand flag: '\(letter)' in -\(letter)\(letters)")
            }
            if letters.first == "=", letters.count > 1 {
                return try set(flag, String(letters.dropFirst()))
            }
            if flag.kind == .bool {
                try set(flag, "true")
                continue
            }
            if !letters.isEmpty { return try set(flag, String(letters)) }
            guard let value = rest.popFirst() else {
                throw wording.flag("flag needs an argument: '\(letter)' in -\(argument.dropFirst())")
            }
            return try set(flag, value)
        }
    }

    private func resolved(_ flag: Flag) -> Flag {
        guard let meaning = flag.meaning else { return flag }
        return flags.first { $0.name == meaning } ?? flag
    }

    private mutating func set(_ given: Flag, _ value: String) throws(UsageProblem) {
        let flag = resolved(given)
        do {
            try FlagCheck.check(flag, value)
        } catch {
            let title = given.meaning == nil ? flag.title : "--\(given.name)"
            throw wording.flag("invalid argument \(GoSyntax.quoted(value)) for \"\(title)\" flag: \(error.text)")
        }
        if !flag.isSupported { unsupported.append(flag) }
        if flag.name == "help" { wantsHelp = GoSyntax.bool(value) ?? false }
        values.add(flag.name, value)
    }
}
