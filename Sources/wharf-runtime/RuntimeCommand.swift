// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import JSON
internal import Linux
internal import OCIRuntime

/// The OCI runtime's command line: runc's commands and flags, as engines call them.
enum RuntimeCommand {
    private static let globalFlags: [Options.Flag] = [
        .init(name: "root", about: "where containers' state is kept (/run/wharf-runtime)"),
        .init(name: "log", about: "a file that errors are written to, too"),
        .init(name: "log-format", about: "of that file: text or json"),
        .init(name: "debug", takesValue: false, about: "write to the log what is done, too"),
        .init(name: "rootless", about: "whether a cgroup that can't be made may be missing: true, false or auto"),
        .init(name: "criu", about: "the program criu, for checkpoint and restore"),
        .init(
            name: "systemd-cgroup", takesValue: false,
            about: "have systemd make the cgroup; linux.cgroupsPath is slice:prefix:name"),
        .init(name: "version", short: "v", takesValue: false, about: "print the version"),
    ]

    /// What every command gets.
    struct Context {
        let store: StateStore
        /// A container that asks for no limits may go without a cgroup where none can be made.
        let isRootless: Bool
        /// systemd makes the cgroups of containers that are made.
        let isSystemdCgroup: Bool
        /// As it was given: a path, or a name.
        let criu: String
        let log: Log
        /// Where compiled system call filters are kept.
        var filterCache: String { "\(store.root)/.seccomp" }
    }

    /// Runs the program's command line; returns the exit code.
    static func main(_ arguments: [String]) -> Int32 {
        var log = Log()
        do throws(RuntimeError) {
            let options = try Options(arguments, globalFlags, command: "wharf-runtime")
            try log.configure(options)
            if options.isOn("version") { return print("wharf-runtime version 0.1.0\nspec: \(Features.version)\n") }
            if options.wantsHelp || options.arguments.first == "help" { return print(usage) }
            // Not a success: an engine must never take a command that got lost for one that was done.
            guard let name = options.arguments.first else { return max(print(usage), 1) }
            guard let command = Command.all.first(where: { $0.name == name }) else {
                throw RuntimeError(.unsupported, "unknown command \"\(name)\"")
            }
            let own = try Options(options.arguments.dropFirst(), command.flags, command: name)
            if own.wantsHelp { return print(command.help) }
            let context = try Context(
                store: StateStore(root: options["root"] ?? StateStore.defaultRoot), isRootless: isRootless(options),
                isSystemdCgroup: options.isOn("systemd-cgroup"), criu: options["criu"] ?? "criu", log: log)
            return try command.run(context, own)
        } catch {
            log.tell(error)
            return exitCode(error, arguments)
        }
    }

    private static func isRootless(_ options: Options) throws(RuntimeError) -> Bool {
        switch options["rootless"] ?? "auto" {
        case "auto": return geteuid() != 0
        case "true": return true
        case "false": return false
        default: throw RuntimeError(.invalid, "--rootless must be true, false or auto")
        }
    }

    private static var usage: String {
        let width = Command.all.map(\.name.utf8.count).max() ?? 0
        let commands = Command.all.map { command in
            "  \(command.name)\(String(repeating: " ", count: width - command.name.utf8.count + 2))\(command.about)\n"
        }
        return """
            wharf-runtime: an OCI runtime, with the commands and flags of runc

            usage: wharf-runtime [FLAGS] COMMAND [FLAGS] [ARGUMENTS]

            commands (COMMAND --help tells more):
            \(commands.joined())
            flags:
            \(Options.help(globalFlags))
            """
    }

    /// For `run` and `exec` the codes a shell knows; for others runc's.
    private static func exitCode(_ error: RuntimeError, _ arguments: [String]) -> Int32 {
        let isRun = arguments.contains("run")
        guard isRun || arguments.contains("exec") else { return 1 }
        switch error.code {
        case .notFound where error.message.contains("exec: ") || error.message.hasPrefix("chdir"): return 127
        case .notExecutable: return 126
        default: return isRun ? 125 : 255
        }
    }

    static func print(_ text: String) -> Int32 {
        guard write(text, to: 1) else { return 1 }
        return 0
    }

    /// A document as it is printed, indented unless `indent` is nil.
    static func print(_ document: some Encodable, indent: String?) throws(RuntimeError) -> Int32 {
        let bytes: [UInt8]
        do throws(JSONError) {
            bytes = try JSON.value(document).serialized(indent: indent)
        } catch {
            throw RuntimeError(.system, "\(error)")
        }
        return print(String(decoding: bytes, as: UTF8.self) + "\n")
    }

    /// Writes all of it; false when nobody reads it any more.
    static func write(_ text: String, to descriptor: Int32) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var written = 0
            while written < bytes.count {
                let count = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                written += count
            }
            return true
        }
    }
}
