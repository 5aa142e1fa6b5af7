// SPDX-License-Identifier: Apache-2.0

internal import CommandLine
internal import EngineAPI
internal import JSON

/// Flags of `run` whose values have a form of their own.
enum HostFlags {
    /// `no`, `always`, `unless-stopped`, `on-failure:3`.
    static func restartPolicy(_ flags: FlagValues) throws -> RestartPolicy {
        let policy = try restartPolicy(flags.text("restart"))
        if flags.bool("rm"), !policy.name.isEmpty, policy.name != "no" {
            throw Failure("conflicting options: cannot specify both --restart and --rm")
        }
        return policy
    }

    static func restartPolicy(_ text: String) throws -> RestartPolicy {
        let name = String(text.prefix { $0 != ":" })
        if text.hasPrefix(":") { throw Failure("invalid restart policy format: no policy provided before colon") }
        var policy = RestartPolicy(name: name)
        let count = text.dropFirst(name.count + 1)
        if !count.isEmpty {
            guard let count = Int(count) else {
                throw Failure("invalid restart policy format: maximum retry count must be an integer")
            }
            policy.maximumRetryCount = count
        }
        return policy
    }

    /// nil: neither asked for nor switched off.
    static func healthCheck(_ flags: FlagValues) throws -> HealthConfig? {
        let names = ["interval", "timeout", "start-period", "start-interval"].map { "health-" + $0 }
        let times = Dictionary(uniqueKeysWithValues: try names.map { ($0, try duration($0, flags)) })
        let retries = flags.int("health-retries") ?? 0
        let command = flags.text("health-cmd")
        let isAsked = !command.isEmpty || retries != 0 || times.values.contains { $0 != 0 }
        if flags.bool("no-healthcheck") {
            if isAsked { throw Failure("--no-healthcheck conflicts with --health-* options") }
            return HealthConfig(test: ["NONE"])
        }
        guard isAsked else { return nil }
        for name in ["health-interval", "health-timeout"] where times[name] ?? 0 < 0 {
            throw Failure("--\(name) cannot be negative")
        }
        if retries < 0 { throw Failure("--health-retries cannot be negative") }
        for name in ["health-start-period", "health-start-interval"] where times[name] ?? 0 < 0 {
            throw Failure("--\(name) cannot be negative")
        }
        let given = { (name: String) -> Int64? in times[name].flatMap { $0 == 0 ? nil : $0 } }
        return HealthConfig(
            test: command.isEmpty ? nil : ["CMD-SHELL", command], interval: given("health-interval"),
            timeout: given("health-timeout"), startPeriod: given("health-start-period"),
            startInterval: given("health-start-interval"), retries: retries == 0 ? nil : retries)
    }

    private static func duration(_ name: String, _ flags: FlagValues) throws -> Int64 {
        guard let text = flags.string(name) else { return 0 }
        return try GoSyntax.duration(text)
    }

    static func logConfig(_ flags: FlagValues) throws -> LogConfig {
        let driver = flags.text("log-driver")
        let options = KeyValues.dictionary(flags.list("log-opt"))
        if driver == "none", !options.isEmpty { throw Failure("invalid logging opts for driver none") }
        return LogConfig(type: driver, config: options)
    }

    static func cgroupNamespace(_ flags: FlagValues) throws -> String {
        let mode = flags.text("cgroupns")
        guard ["", "host", "private"].contains(mode) else { throw Failure("--cgroupns: invalid CGROUP mode") }
        return mode
    }

    /// The namespaces to share. The ipc mode's words are the engine's to judge, as in docker.
    static func readNamespaces(_ flags: FlagValues, _ host: inout HostConfig) throws {
        host.pidMode = flags.text("pid")
        let parts = host.pidMode.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let isShared = parts.count == 2 && parts[0] == "container" && !parts[1].isEmpty
        guard isShared || ["", "host"].contains(host.pidMode) else { throw Failure("--pid: invalid PID mode") }
        host.utsMode = flags.text("uts")
        guard ["", "host"].contains(host.utsMode) else { throw Failure("--uts: invalid UTS mode") }
        host.usernsMode = flags.text("userns")
        guard ["", "host"].contains(host.usernsMode) else { throw Failure("--userns: invalid USER mode") }
        host.cgroupnsMode = try cgroupNamespace(flags)
        host.ipcMode = flags.text("ipc")
    }

    /// `nofile=100:200`, in order of names; the last of a name counts. Checked when the flag was read.
    static func ulimits(_ flags: FlagValues) -> [Ulimit] {
        var limits: [String: Ulimit] = [:]
        for (name, value) in flags.list("ulimit").flatMap({ KeyValues.dictionary([$0]) }) {
            let parts = value.split(separator: ":").compactMap { try? GoSyntax.int(String($0)) }
            guard let soft = parts.first, let hard = parts.last else { continue }
            limits[name] = Ulimit(name: name, hard: Int64(hard), soft: Int64(soft))
        }
        return limits.values.sorted { $0.name < $1.name }
    }
}

/// The values of `--security-opt`.
enum SecurityOptions {
    static let systemPathsUnconfined = "systempaths=unconfined"

    /// Seccomp profiles are read here: the engine is sent what is in the file.
    static func parse(_ options: [String]) throws -> [String] {
        try options.map { option in
            let name = option.prefix { $0 != "=" && $0 != ":" }
            guard name.count < option.count else {
                guard option == "no-new-privileges" else {
                    throw Failure("Invalid --security-opt: \(GoText.quoted(option))")
                }
                return option
            }
            let value = option.dropFirst(name.count + 1)
            guard name == "seccomp", value != "unconfined", value != "builtin" else { return option }
            let profile: String
            do { profile = try Environment.contents(String(value)) } catch {
                throw Failure("opening seccomp profile (\(value)) failed: \(Failure.text(of: error))")
            }
            do { _ = try JSON.parse(Array(profile.utf8)) } catch {
                throw Failure("compacting json for seccomp profile (\(value)) failed: \(error)")
            }
            return "seccomp=" + compact(profile)
        }
    }

    /// The same JSON without the blanks between its parts.
    private static func compact(_ text: String) -> String {
        var result: [UInt8] = []
        var (isText, isEscaped) = (false, false)
        for byte in text.utf8 {
            if isText {
                isText = isEscaped || byte != UInt8(ascii: "\"")
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
            } else {
                if [0x20, 0x09, 0x0a, 0x0d].contains(byte) { continue }
                isText = byte == UInt8(ascii: "\"")
            }
            result.append(byte)
        }
        return String(decoding: result, as: UTF8.self)
    }
}
