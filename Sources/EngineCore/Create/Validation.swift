// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import JSON
internal import Linux

/// The checks of a create request, with Docker's texts. Pure: the number of processors is given.
enum Validation {
    static func check(
        _ config: ContainerConfig, _ host: HostConfig, processors: Int, runtimes: OCIRuntimes = OCIRuntimes()
    ) throws {
        try check(config)
        try checkSupport(config, host)
        try checkResources(host, processors: processors)
        _ = try CapabilityNames.normalized(host.capAdd, field: "CapAdd")
        _ = try CapabilityNames.normalized(host.capDrop, field: "CapDrop")
        try checkRestart(host.restartPolicy, autoRemove: host.autoRemove)
        _ = try LogDriver(host.logConfig)
        _ = try runtimes.program(host.runtime ?? "")
        _ = try SecurityOptions(parsing: host.securityOpt ?? [])
        try refuseNUL(in: host.maskedPaths, "MaskedPaths")
        try refuseNUL(in: host.readonlyPaths, "ReadonlyPaths")
        try refuseNUL(in: host.tmpfs.map { Array($0.keys) + Array($0.values) }, "Tmpfs")
        for ulimit in host.ulimits ?? [] { _ = try ResourceLimits.limit(ulimit) }
        guard ["", "host", "private"].contains(host.cgroupnsMode) else {
            throw EngineError(.invalidParameter, "invalid cgroup namespace mode: \(host.cgroupnsMode)")
        }
        guard host.shmSize >= 0 else { throw EngineError(.invalidParameter, "SHM size can not be less than 0") }
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

    /// `isUpdate`: what is not given is what the container has.
    static func checkResources(_ host: HostConfig, processors: Int, isUpdate: Bool = false) throws(EngineError) {
        func invalid(_ text: String) -> EngineError { EngineError(.invalidParameter, text) }
        if host.memory > 0, host.memory < SecurityDefaults.minimumMemory {
            throw invalid("Minimum memory limit allowed is 6MB")
        }
        guard host.memory >= 0 else { throw invalid("Minimum memory limit allowed is 6MB") }
        if host.memory > 0, host.memorySwap != -1, host.memorySwap != 0, host.memorySwap < host.memory {
            throw invalid("Minimum memoryswap limit should be larger than memory limit, see usage")
        }
        if host.memory == 0, host.memorySwap > 0, !isUpdate {
            throw invalid("You should always set the Memory limit when using Memoryswap limit, see usage")
        }
        if host.memoryReservation > 0, host.memoryReservation < SecurityDefaults.minimumMemory {
            throw invalid("Minimum memory reservation allowed is 6MB")
        }
        if host.memory > 0, host.memoryReservation > 0, host.memory < host.memoryReservation {
            throw invalid("Minimum memory limit can not be less than memory reservation limit, see usage")
        }
        if host.nanoCpus != 0 {
            if host.cpuPeriod > 0 { throw invalid("Conflicting options: Nano CPUs and CPU Period cannot both be set") }
            if host.cpuQuota > 0 { throw invalid("Conflicting options: Nano CPUs and CPU Quota cannot both be set") }
            guard host.nanoCpus >= 10_000_000, host.nanoCpus <= Int64(processors) * 1_000_000_000 else {
                throw invalid(
                    "range of CPUs is from 0.01 to \(processors).00, as there are only \(processors) CPUs available")
            }
        }
        if host.cpuShares < 0 {
            throw invalid("invalid CPU shares (\(host.cpuShares)): value must be a positive integer")
        }
        if host.cpuPeriod != 0, !(1000...1_000_000).contains(host.cpuPeriod) {
            throw invalid("CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)")
        }
        if host.cpuQuota > 0, host.cpuQuota < 1000 {
            throw invalid("CPU cfs quota can not be less than 1ms (i.e. 1000)")
        }
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
