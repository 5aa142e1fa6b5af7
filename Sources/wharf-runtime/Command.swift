// SPDX-License-Identifier: Apache-2.0

internal import OCIRuntime

/// One command: its name, what help says of it, its flags, and what it does.
struct Command: Sendable {
    let name: String
    /// As help shows them: `ID [SIGNAL]`.
    let arguments: String
    let about: String
    let flags: [Options.Flag]
    let run: @Sendable (RuntimeCommand.Context, Options) throws(RuntimeError) -> Int32

    init(
        _ name: String, _ arguments: String, _ about: String, flags: [Options.Flag] = [],
        run: @escaping @Sendable (RuntimeCommand.Context, Options) throws(RuntimeError) -> Int32
    ) {
        self.name = name
        self.arguments = arguments
        self.about = about
        self.flags = flags
        self.run = run
    }

    /// Every one there is.
    static let all: [Command] = [
        Create.command, Start.command, Run.command, State.command, Kill.command, Delete.command, Exec.command,
        Ps.command, List.command, Pause.command, Resume.command, Update.command, Events.command, Features.command,
        Spec.command, Checkpoint.command, Restore.command,
    ]

    var help: String {
        """
        wharf-runtime \(name): \(about)

        usage: wharf-runtime \(name) \(flags.isEmpty ? "" : "[FLAGS] ")\(arguments)
        \(Options.help(flags))
        """
    }
}

extension Options {
    /// The lines of a help text: flags and what they are for. Refused ones are left out.
    static func help(_ flags: [Flag]) -> String {
        let left = flags.filter { $0.refused == nil }.map { flag in
            let short = flag.short.map { ", -\($0)" } ?? ""
            return "  --\(flag.name)\(short)\(flag.takesValue ? " VALUE" : "")"
        }
        let width = left.map(\.utf8.count).max() ?? 0
        let about = flags.filter { $0.refused == nil }.map(\.about)
        return zip(left, about)
            .map { $0 + String(repeating: " ", count: width - $0.utf8.count + 2) + $1 + "\n" }.joined()
    }
}
