// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import JSON
internal import Linux
internal import Networking

/// The checks of a create request, with Docker's texts. Pure: what the host can do is given.
enum Validation {
    /// Returns warnings; what this host can't do, and Docker goes on without, is taken out of `host`.
    static func check(
        _ config: ContainerConfig, _ host: inout HostConfig, on support: CgroupSupport, processors: Int,
        runtimes: OCIRuntimes = OCIRuntimes()
    ) throws -> [String] {
        try check(config)
        try ResourceCheck.realtime(host, support)
        try checkSupport(config, host)
        let warnings = try ResourceCheck.run(&host, on: support, processors: processors)
        _ = try CapabilityNames.normalized(host.capAdd, field: "CapAdd")
        _ = try CapabilityNames.normalized(host.capDrop, field: "CapDrop")
        try checkRestart(host.restartPolicy, autoRemove: host.autoRemove)
        _ = try LogDriver(host.logConfig)
        _ = try runtimes.program(host.runtime ?? "")
        if case .profile(let text) = try SecurityOptions(parsing: host.securityOpt ?? []).seccomp {
            _ = try SeccompFile(parsing: text)
        }
        try refuseNUL(in: host.maskedPaths, "MaskedPaths")
        try refuseNUL(in: host.readonlyPaths, "ReadonlyPaths")
        try refuseNUL(in: host.tmpfs.map { Array($0.keys) + Array($0.values) }, "Tmpfs")
        for ulimit in host.ulimits ?? [] { _ = try ResourceLimits.limit(ulimit) }
        try NamespaceModes.check(config, host)
        guard host.shmSize >= 0 else { throw EngineError(.invalidParameter, "SHM size can not be less than 0") }
        guard (-1000...1000).contains(host.oomScoreAdj) else {
            throw EngineError(
                .invalidParameter,
                "Invalid value \(host.oomScoreAdj), range for oom score adj is [-1000, 1000]")
        }
        for text in host.deviceCgroupRules ?? [] { _ = try DeviceRuleText.parse(text) }
        try checkNames(host)
        return warnings
    }

    /// Of things that go to the runtime as they are.
    private static func checkNames(_ host: HostConfig) throws(EngineError) {
        guard host.annotations?[""] == nil else {
            throw EngineError(
                .invalidParameter,
                "invalid Annotations: the empty string is not permitted as an annotation key")
        }
        try refuseNUL(in: host.sysctls.map { Array($0.keys) + Array($0.values) }, "Sysctls")
        try refuseNUL(in: host.devices.map { $0.flatMap { [$0.pathOnHost, $0.pathInContainer] } }, "Devices")
        try refuseNUL(in: [host.cgroupParent], "CgroupParent")
        try refuseNUL(in: host.volumesFrom, "VolumesFrom")
        try refuseNUL(in: host.securityOpt, "SecurityOpt")
        for server in host.dns ?? [] where HostAddress(server) == nil {
            throw EngineError(.invalidParameter, "IP address is not correctly formatted: \(server)")
        }
        for (texts, field) in [(host.dnsSearch, "DnsSearch"), (host.dnsOptions, "DnsOptions")] {
            // A line of resolv.conf each, and no more.
            for text in texts ?? [] where text.isEmpty || text.contains(where: \.isNewline) || text.utf8.contains(0) {
                throw EngineError(.invalidParameter, "invalid \(field): \"\(text)\"")
            }
        }
        _ = try HostsFile.content(hostname: "", address: nil, extra: host.extraHosts ?? [], gateway: .init("127.0.0.1"))
        if let request = host.deviceRequests?.first {
            let capabilities = (request.capabilities ?? []).map { "[\($0.joined(separator: " "))]" }
            throw EngineError(
                .invalidParameter,
                "could not select device driver \"\(request.driver)\" with capabilities: "
                    + "[\(capabilities.joined(separator: " "))]: no CDI specification is known to this engine")
        }
    }

    private static func check(_ config: ContainerConfig) throws(EngineError) {
        try refuseNUL(in: config.cmd, "Cmd")
        try refuseNUL(in: config.entrypoint, "Entrypoint")
        try refuseNUL(in: config.env, "Env")
        try refuseNUL(in: config.volumes.map { Array($0.keys) }, "Volumes")
        try refuseNUL(in: [config.hostname, config.domainname, config.user, config.workingDir], "Config")
        if !config.workingDir.isEmpty, !config.workingDir.hasPrefix("/") {
            throw EngineError(
                .invalidParameter,
                "the working directory '\(config.workingDir)' is invalid, it needs to be an absolute path")
        }
        if let signal = config.stopSignal, !signal.isEmpty, Signals.number(signal) == nil {
            throw EngineError(.invalidParameter, "invalid signal: \(signal)")
        }
        for entry in config.env ?? [] where entry.isEmpty || entry.hasPrefix("=") {
            throw EngineError(.invalidParameter, "invalid environment variable: \(entry)")
        }
        if let timeout = config.stopTimeout, timeout < -1 {
            throw EngineError(.invalidParameter, "invalid stop timeout: \(timeout)")
        }
        if let check = config.healthcheck { try checkHealth(check) }
        guard config.hostname.utf8.count <= 64 else {
            throw EngineError(.invalidParameter, "invalid hostname: \(config.hostname): longer than 64 bytes")
        }
    }

    /// The kernel's strings end at a NUL: what follows one would be dropped without a word.
    static func refuseNUL(in texts: [String]?, _ field: String) throws(EngineError) {
        for text in texts ?? [] where text.utf8.contains(0) {
            throw EngineError(.invalidParameter, "invalid \(field): a NUL character")
        }
    }

    static func detachKeys(_ text: String?) throws(EngineError) -> [UInt8] {
        do throws(DetachKeys.UnknownKey) { return try DetachKeys.parse(text) } catch {
            throw EngineError(.invalidParameter, "Invalid detach keys (\(text ?? "")) provided", cause: error)
        }
    }

    private static func checkSupport(_ config: ContainerConfig, _ host: HostConfig) throws {
        var config = config
        config.onBuild = nil
        try Refusals.check(config, by: Refusals.config, in: "Config")
        try Refusals.check(host, by: Refusals.hostConfig, in: "HostConfig")
    }

    static func checkHealth(_ check: HealthConfig) throws(EngineError) {
        func invalid(_ text: String) -> EngineError { EngineError(.invalidParameter, text) }
        let shortest: Int64 = 1_000_000
        let times = [
            ("Interval", check.interval), ("Timeout", check.timeout), ("StartPeriod", check.startPeriod),
            ("StartInterval", check.startInterval),
        ]
        for (name, time) in times where time ?? 0 != 0 && time ?? 0 < shortest {
            throw invalid("\(name) in Healthcheck cannot be less than 1ms")
        }
        if check.retries ?? 0 < 0 { throw invalid("Retries in Healthcheck cannot be negative") }
        try refuseNUL(in: check.test, "Healthcheck")
        guard let kind = check.test?.first else { return }
        guard ["NONE", "CMD", "CMD-SHELL"].contains(kind) else {
            throw invalid("Unknown healthcheck type '\(kind)': the first word of Test is NONE, CMD or CMD-SHELL")
        }
        guard kind == "NONE" || check.test?.count ?? 0 > 1 else {
            throw invalid("Missing command after \(kind) in Healthcheck")
        }
    }

    static func checkRestart(_ policy: RestartPolicy, autoRemove: Bool) throws(EngineError) {
        func invalid(_ text: String) -> EngineError { EngineError(.invalidParameter, text) }
        if autoRemove, !policy.isNone { throw invalid("can't create 'AutoRemove' container with restart policy") }
        let count = policy.maximumRetryCount
        switch policy.name {
        case "": break
        case "no", "always", "unless-stopped":
            guard count == 0 else {
                throw invalid(
                    "invalid restart policy: maximum retry count can only be used with 'on-failure'"
                        + (count < 0 ? " and cannot be negative" : ""))
            }
        case "on-failure":
            guard count >= 0 else { throw invalid("invalid restart policy: maximum retry count cannot be negative") }
        default:
            throw invalid(
                "invalid restart policy: unknown policy '\(policy.name)'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'"
            )
        }
    }
}
