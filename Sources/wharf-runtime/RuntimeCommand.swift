// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import JSON
internal import Linux
internal import OCIRuntime

/// The OCI runtime's command line: runc's commands and flags, as engines call them.
enum RuntimeCommand {
    private static let globalFlags: [Options.Flag] = [
        .init(name: "root"), .init(name: "log"), .init(name: "log-format"), .init(name: "debug", takesValue: false),
        .init(name: "systemd-cgroup", takesValue: false, refused: true), .init(name: "rootless"),
        .init(name: "version", short: "v", takesValue: false), .init(name: "help", short: "h", takesValue: false),
    ]

    /// Every command of runc's that there is, and those that are not here.
    private static let commands: [String: @Sendable (Context) throws(RuntimeError) -> Int32] = [
        "create": Create.run, "start": Start.run, "state": State.run, "kill": Kill.run, "delete": Delete.run,
        "exec": Exec.run, "run": Run.run, "features": Features.run, "pause": Pause.pause, "resume": Pause.resume,
    ]
    private static let absent = ["list", "ps", "update", "events", "checkpoint", "restore", "spec"]

    /// What every command gets.
    struct Context {
        let store: StateStore
        let arguments: [String]
        /// Where compiled system call filters are kept.
        var filterCache: String { "\(store.root)/.seccomp" }
    }

    /// Runs the program's command line; returns the exit code.
    static func main(_ arguments: [String]) -> Int32 {
        var log: String?
        do throws(RuntimeError) {
            let options = try Options(arguments, globalFlags, command: "wharf-runtime")
            log = options["log"]
            if options.isOn("version") { return print("wharf-runtime version 0.1.0\nspec: 1.2.0\n") }
            guard let name = options.arguments.first, !options.isOn("help") else { return print(usage) }
            guard let command = commands[name] else {
                throw RuntimeError(
                    .unsupported,
                    absent.contains(name) ? "command \"\(name)\" is not supported" : "unknown command \"\(name)\"")
            }
            let store = StateStore(root: options["root"] ?? "/run/wharf-runtime")
            return try command(Context(store: store, arguments: Array(options.arguments.dropFirst())))
        } catch {
            tell(error, log: log)
            return exitCode(error, arguments)
        }
    }

    private static let usage = """
        usage: wharf-runtime [--root DIR] [--log FILE] [--log-format json|text] COMMAND [FLAGS] [ARGS]
        commands: create start state kill delete exec run pause resume features

        """

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

    /// To standard error for people, to the log for the engine.
    private static func tell(_ error: RuntimeError, log: String?) {
        var line = "wharf-runtime: \(error.message)\n"
        line.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
        guard let log, let file = try? FileDescriptor.open(log, O_WRONLY | O_CREAT | O_APPEND, mode: 0o644) else {
            return
        }
        let entry = LogEntry(level: "error", msg: error.message, time: Timestamp.now.rfc3339)
        try? file.writeAll(((try? JSON.encode(entry)) ?? []) + [0x0a])
    }

    private struct LogEntry: Encodable {
        var level: String
        var msg: String
        var time: String
    }

    static func print(_ text: String) -> Int32 {
        var text = text
        text.withUTF8 { _ = write(1, $0.baseAddress, $0.count) }
        return 0
    }
}
