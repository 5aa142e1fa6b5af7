// SPDX-License-Identifier: Apache-2.0

internal import CommandLine
internal import EngineAPI

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
            do { return "seccomp=" + (try Environment.contents(String(value))) } catch {
                throw Failure("opening seccomp profile (\(value)) failed: \(Failure.text(of: error))")
            }
        }
    }
}
