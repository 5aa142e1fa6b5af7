// SPDX-License-Identifier: Apache-2.0

internal import OCIRuntime

/// Command-line flags as runc takes them: `--flag value`, `--flag=value`, `-f value`, before the arguments.
struct Options {
    /// What a command knows, by long name.
    struct Flag: Sendable {
        let name: String
        var short: Character?
        var takesValue = true
        /// Known, and refused by name: why.
        var refused: String?
        var about = ""
    }

    /// By long name, in their order.
    private var values: [(name: String, value: String)] = []
    private(set) var arguments: [String] = []
    /// `--help` was among the flags.
    private(set) var wantsHelp = false

    /// Parses `arguments` up to the first that is no flag; what follows is `self.arguments`.
    init(_ arguments: some Collection<String>, _ flags: [Flag], command: String) throws(RuntimeError) {
        var rest = Array(arguments)[...]
        while let argument = rest.first, argument.hasPrefix("-"), argument != "-" {
            rest = rest.dropFirst()
            if argument == "--" { break }
            if argument == "--help" || argument == "-h" {
                wantsHelp = true
                continue
            }
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0].drop { $0 == "-" })
            guard let flag = flags.first(where: { $0.name == name || $0.short.map(String.init) == name }) else {
                throw RuntimeError(.unsupported, "\(command): flag \(parts[0]) is not supported")
            }
            var value = parts.count == 2 ? String(parts[1]) : "true"
            if flag.takesValue, parts.count == 1 {
                guard let next = rest.first else {
                    throw RuntimeError(.invalid, "\(command): flag needs an argument: \(argument)")
                }
                value = next
                rest = rest.dropFirst()
            }
            if let reason = flag.refused, value != "false", value != "0" {
                throw RuntimeError(.unsupported, "\(command): flag \(parts[0]) is not supported: \(reason)")
            }
            values.append((flag.name, value))
        }
        self.arguments = Array(rest)
    }

    subscript(_ name: String) -> String? { values.last { $0.name == name }?.value }
    func all(_ name: String) -> [String] { values.filter { $0.name == name }.map(\.value) }
    func isOn(_ name: String) -> Bool { self[name].map { $0 != "false" } ?? false }

    /// The one argument of most commands.
    func containerID(_ command: String) throws(RuntimeError) -> String {
        guard arguments.count == 1 else {
            throw RuntimeError(.invalid, "\(command): exactly one argument, the container's id, is needed")
        }
        return arguments[0]
    }

    func number<N: FixedWidthInteger>(_ name: String, _ type: N.Type = N.self) throws(RuntimeError) -> N? {
        guard let text = self[name] else { return nil }
        guard let value = N(text) else { throw RuntimeError(.invalid, "invalid value for \(name): \"\(text)\"") }
        return value
    }
}

extension [Options.Flag] {
    /// What `create` and `run` share.
    static let creation: [Options.Flag] = [
        .init(name: "bundle", short: "b", about: "the bundle's directory; the current one unless given"),
        .init(name: "console-socket", about: "a Unix socket that gets the terminal's master"),
        .init(name: "pid-file", about: "a file to write the process id to"),
        .init(name: "preserve-fds", about: "how many descriptors after standard error the process gets"),
        .init(name: "no-new-keyring", takesValue: false, about: "leave the caller's session keyring to the container"),
        .init(
            name: "no-pivot", takesValue: false,
            about: "move the root file system on top of the old one, as a ramdisk needs it, and do not pivot to it"),
        .init(name: "pidfd-socket", about: "a Unix socket that gets a descriptor of the first process"),
    ]
}
