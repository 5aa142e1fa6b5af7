// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import EngineCore

/// The one table of settings: what a flag and a key of `daemon.json` are called, and what they do.
struct Setting: Sendable {
    /// `data-root` on the command line; the same in the file, unless `key` differs.
    var flag: String
    var short: Character?
    /// nil: only a flag.
    var key: String?
    var value: Value
    /// For `--help`: what it sets; empty: only tests use it, and `--help` does not name it.
    var help: String
    var apply: @Sendable (inout Configuration, String) throws -> Void

    /// Throws what is wrong with the value.
    func set(_ configuration: inout Configuration, _ value: String) throws(ConfigurationError) {
        do { try apply(&configuration, value) } catch {
            throw error as? ConfigurationError ?? ConfigurationError("\(flag): \(error)")
        }
    }

    enum Value: Sendable, Equatable {
        case text(String)
        case flag
        /// May be given more than once; a list in the file.
        case list(String)
        /// `name=value`; an object in the file.
        case options
        /// `name=path`; in the file an object of objects with `path` and `runtimeArgs`.
        case runtimes
    }

    static let all: [Setting] = [
        Setting(
            flag: "add-runtime", key: "runtimes", value: .runtimes,
            help: "Another OCI runtime that containers may name: NAME=PATH", apply: { try runtime(&$0, $1) }),
        Setting(
            flag: "bip", key: "bip", value: .text("CIDR"), help: "Address and prefix of the default bridge",
            apply: { $0.bridgeAddress = $1 }),
        Setting(
            flag: "bridge", short: "b", key: "bridge", value: .text("NAME"),
            help: "Interface of the default bridge, or none for no bridge network", apply: { $0.bridge = $1 }),
        Setting(
            flag: "cgroup-parent", key: "cgroup-parent", value: .text("PATH"), help: "Cgroup that holds all containers",
            apply: { $0.cgroupParent = try absolute($1, "cgroup-parent") }),
        Setting(
            flag: "config-file", value: .text("FILE"), help: "Where daemon.json is",
            apply: { $0.configFile = try absolute($1, "config-file") }),
        Setting(
            flag: "data-root", key: "data-root", value: .text("DIR"),
            help: "Images, containers, volumes and the database",
            apply: { $0.dataRoot = try absolute($1, "data-root") }),
        Setting(
            flag: "debug", short: "D", key: "debug", value: .flag, help: "The same as --log-level debug",
            apply: { if $1 == "true" { $0.logLevel = .debug } }),
        Setting(
            flag: "default-runtime", key: "default-runtime", value: .text("NAME"),
            help: "Runtime of containers that name none; the built-in one unless given",
            apply: { $0.runtimes.chosenDefault = $1 }),
        Setting(
            flag: "exec-root", key: "exec-root", value: .text("DIR"), help: "Sockets and state of what runs",
            apply: { $0.execRoot = try absolute($1, "exec-root") }),
        Setting(
            flag: "fail-steps", value: .text("FILE"), help: "",
            apply: { $0.failingSteps = try absolute($1, "fail-steps") }),
        Setting(
            flag: "group", short: "G", key: "group", value: .text("NAME"), help: "Group that may use the sockets",
            apply: { $0.socketGroup = $1 }),
        Setting(
            flag: "host", short: "H", key: "hosts", value: .list("URL"),
            help: "Socket to listen on: unix://PATH or fd://",
            apply: { $0.hosts.append(try host($1)) }),
        Setting(
            flag: "log-driver", key: "log-driver", value: .text("NAME"),
            help: "Log driver of containers that name none: json-file, local or none",
            apply: { $0.log.type = $1 }),
        Setting(
            flag: "log-file", value: .text("FILE"), help: "Where the daemon's own log goes instead of standard error",
            apply: { $0.logFile = try absolute($1, "log-file") }),
        Setting(
            flag: "log-level", short: "l", key: "log-level", value: .text("LEVEL"),
            help: "debug, info, warn, error or fatal",
            apply: { configuration, value in
                guard let level = Configuration.LogLevel(rawValue: value) else {
                    throw ConfigurationError("log-level: \"\(value)\" is none of debug, info, warn, error and fatal")
                }
                configuration.logLevel = level
            }),
        Setting(
            flag: "log-opt", key: "log-opts", value: .options,
            help: "Option of that log driver: max-size=20m, max-file=5",
            apply: { try logOption(&$0, $1) }),
        Setting(
            flag: "pidfile", short: "p", key: "pidfile", value: .text("FILE"), help: "File that gets the daemon's pid",
            apply: { $0.pidFile = try absolute($1, "pidfile") }),
        Setting(
            flag: "runtime-path", value: .text("FILE"), help: "The wharf-runtime program; beside wharfd unless given",
            apply: { $0.runtimePath = try absolute($1, "runtime-path") }),
    ]

    private static func absolute(_ path: String, _ name: String) throws(ConfigurationError) -> String {
        guard path.hasPrefix("/") else { throw ConfigurationError("\(name): \"\(path)\" is not an absolute path") }
        return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    private static func host(_ text: String) throws(ConfigurationError) -> String {
        if text.hasPrefix("unix:///") || text == "fd://" { return text }
        if text.hasPrefix("tcp://") {
            throw ConfigurationError("host: \(text): TCP sockets are not supported yet: use unix://PATH")
        }
        throw ConfigurationError("host: \"\(text)\" must be unix:// and an absolute path, or fd://")
    }

    /// `name=path`; arguments come after it, each behind a NUL, which no flag can hold.
    private static func runtime(_ configuration: inout Configuration, _ text: String) throws {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { throw ConfigurationError("add-runtime: \"\(text)\" must be NAME=PATH") }
        let words = parts[1].split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
        try configuration.runtimes.add(
            parts[0], OCIRuntimes.Program(path: words[0], arguments: Array(words.dropFirst())))
    }

    private static func logOption(_ configuration: inout Configuration, _ text: String) throws {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { throw ConfigurationError("log-opt: \"\(text)\" must be name=value") }
        configuration.log.config?[parts[0]] = parts[1]
    }
}
