// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import EngineCore
internal import Glibc
internal import JSON
internal import Linux

/// What the command line asks for.
package enum Invocation: Sendable, Equatable {
    case run(Configuration)
    case validate(Configuration)
    case help
    case version
}

/// Reads flags and `daemon.json` into one `Configuration`. A setting given in both is refused, as Docker does.
package enum ConfigurationReader {
    /// `arguments` without the program's name. Throws `ConfigurationError` with a line for the user.
    package static func read(_ arguments: [String]) throws(ConfigurationError) -> Invocation {
        var configuration = Configuration()
        var given: Set<String> = []
        var validate = false
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--help", "-h": return .help
            case "--version", "-v": return .version
            case "--validate": validate = true
            default:
                let (setting, value) = try flag(argument, &rest)
                given.insert(setting.flag)
                try setting.set(&configuration, value)
            }
        }
        if let text = try file(configuration.configFile, mustExist: given.contains("config-file")) {
            try merge(text, into: &configuration, given: given)
        }
        do { _ = try LogDriver(configuration.log) } catch {
            throw ConfigurationError("log-driver \(configuration.log.type): \(error)")
        }
        do { _ = try configuration.runtimes.program("") } catch {
            throw ConfigurationError("default-runtime: \(error)")
        }
        return validate ? .validate(configuration) : .run(configuration)
    }

    private static func flag(
        _ argument: String, _ rest: inout ArraySlice<String>
    ) throws(ConfigurationError) -> (Setting, String) {
        guard argument.hasPrefix("-"), argument.count > 1 else {
            throw ConfigurationError("\"wharfd\" accepts no arguments: \"\(argument)\"")
        }
        let isLong = argument.hasPrefix("--")
        let body = argument.drop { $0 == "-" }
        let name = isLong ? body.prefix { $0 != "=" } : body.prefix(1)
        let setting = Setting.all.first { isLong ? $0.flag == name : $0.short.map(String.init) == String(name) }
        guard let setting else {
            throw ConfigurationError(
                isLong ? "unknown flag: --\(name)" : "unknown shorthand flag: '\(name)' in \(argument)")
        }
        var inline: String? = body.count > name.count ? String(body.dropFirst(name.count)) : nil
        if let value = inline, value.hasPrefix("=") { inline = String(value.dropFirst()) }
        if setting.value == .flag {
            let value = inline ?? "true"
            guard ["true", "false", "1", "0"].contains(value) else {
                throw ConfigurationError(
                    "invalid argument \"\(value)\" for \"--\(setting.flag)\" flag: must be true or false")
            }
            return (setting, value == "1" ? "true" : value)
        }
        guard let value = inline ?? rest.popFirst() else {
            throw ConfigurationError("flag needs an argument: \(isLong ? "--\(name)" : argument)")
        }
        return (setting, value)
    }

    private static func file(_ path: String, mustExist: Bool) throws(ConfigurationError) -> [UInt8]? {
        do throws(Errno) {
            return try FileDescriptor.open(path, O_RDONLY).readAll(limit: 1 << 20)
        } catch {
            if error.code == .noEntry, !mustExist { return nil }
            throw ConfigurationError("unable to configure the daemon with file \(path): \(error)")
        }
    }

    private static func merge(
        _ text: [UInt8], into configuration: inout Configuration, given: Set<String>
    ) throws(ConfigurationError) {
        let path = configuration.configFile
        let document: JSONValue
        do throws(JSONError) { document = try JSON.parse(text) } catch {
            throw ConfigurationError("unable to configure the daemon with file \(path): \(error)")
        }
        guard case .object(let object) = document else {
            throw ConfigurationError("unable to configure the daemon with file \(path): it must be a JSON object")
        }
        for (key, value) in object.members {
            guard let setting = Setting.all.first(where: { $0.key == key }) else {
                throw ConfigurationError("unable to configure the daemon with file \(path): \(unknown(key))")
            }
            guard !given.contains(setting.flag) else {
                throw ConfigurationError(
                    "unable to configure the daemon with file \(path): the following directives are specified both as a "
                        + "flag and in the configuration file: \(key)")
            }
            for value in try values(of: value, for: setting, key, path) { try setting.set(&configuration, value) }
        }
    }

    /// As `--add-runtime` has it. Docker's `runtimeType` and `options` are for containerd's shims, which there are none
    /// of here.
    private static func runtime(
        _ name: String, _ value: JSONValue, _ path: String
    ) throws(ConfigurationError) -> String {
        let arguments = value["runtimeArgs"].map { $0.array?.compactMap(\.string) ?? [] } ?? []
        let known = value.object.map { $0.members.allSatisfy { ["path", "runtimeArgs"].contains($0.key) } } ?? false
        guard let program = value["path"]?.string, known, arguments.count == value["runtimeArgs"]?.array?.count ?? 0
        else {
            throw ConfigurationError(
                "unable to configure the daemon with file \(path): runtime \"\(name)\" must be an object with a path and, "
                    + "if need be, an array of runtimeArgs")
        }
        return "\(name)=" + ([program] + arguments).joined(separator: "\0")
    }

    private static func unknown(_ key: String) -> String {
        DockerDaemonKeys.all.contains(key)
            ? "\"\(key)\" is not supported yet"
            : "the following directives don't match any configuration option: \(key)"
    }

    private static func values(
        of value: JSONValue, for setting: Setting, _ key: String, _ path: String
    ) throws(ConfigurationError) -> [String] {
        switch (setting.value, value) {
        case (.text, .string(let text)): return [text]
        case (.flag, .bool(let flag)): return [flag ? "true" : "false"]
        case (.list, .array(let elements)) where elements.allSatisfy { $0.string != nil }:
            return elements.compactMap(\.string)
        case (.options, .object(let object)) where object.members.allSatisfy { $0.value.string != nil }:
            return object.members.map { "\($0.key)=\($0.value.string ?? "")" }
        case (.runtimes, .object(let object)):
            return try object.members.map { (name, value) throws(ConfigurationError) in
                try runtime(name, value, path)
            }
        default:
            let expected =
                switch setting.value {
                case .text: "a string"
                case .flag: "true or false"
                case .list: "an array of strings"
                case .options: "an object of strings"
                case .runtimes: "an object of objects"
                }
            throw ConfigurationError("unable to configure the daemon with file \(path): \"\(key)\" must be \(expected)")
        }
    }
}

/// Keys that Docker's daemon.json has and Wharf has not yet, so that they are told from typing errors.
enum DockerDaemonKeys {
    static let all: Set<String> = [
        "allow-direct-routing", "allow-nondistributable-artifacts", "api-cors-header", "authorization-plugins", "bip6",
        "bridge-accept-fwmark", "builder", "cdi-spec-dirs", "containerd", "containerd-namespace",
        "containerd-plugin-namespace", "default-address-pools", "default-cgroupns-mode", "default-gateway",
        "default-gateway-v6", "default-ipc-mode", "default-network-opts", "default-shm-size",
        "default-ulimits", "dns", "dns-opts", "dns-search", "exec-opts", "experimental", "features", "firewall-backend",
        "fixed-cidr", "fixed-cidr-v6", "host-gateway-ip", "host-gateway-ips", "http-proxy", "https-proxy", "icc",
        "init", "init-path", "insecure-registries", "ip", "ip-forward", "ip-forward-no-drop", "ip-masq", "ip6tables",
        "iptables", "ipv6", "labels", "live-restore", "log-format", "max-concurrent-downloads",
        "max-concurrent-uploads", "max-download-attempts", "metrics-addr", "min-api-version", "mtu",
        "network-control-plane-mtu", "no-new-privileges", "no-proxy", "node-generic-resources", "oom-score-adjust",
        "proxies", "raw-logs", "registry-mirrors", "rootless", "seccomp-profile", "selinux-enabled",
        "shutdown-timeout", "storage-driver", "storage-opts", "swarm-default-advertise-addr", "tls", "tlscacert",
        "tlscert", "tlskey", "tlsverify", "userland-proxy", "userland-proxy-path", "userns-remap",
    ]
}
