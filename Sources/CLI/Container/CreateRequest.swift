// SPDX-License-Identifier: Apache-2.0

internal import CommandLine
internal import EngineAPI
internal import Linux

/// Reads the flags of `run` and `create` straight into what the engine is sent.
struct CreateRequestBuilder {
    let flags: FlagValues
    let environment: [String: String]
    private(set) var request = ContainerCreateRequest()

    /// - Parameter arguments: the image, then the command.
    static func build(
        _ flags: FlagValues, arguments: [String], environment: [String: String]
    ) throws -> ContainerCreateRequest {
        var builder = CreateRequestBuilder(flags: flags, environment: environment)
        try builder.readConfig(arguments)
        try builder.readHostConfig()
        try builder.readMounts()
        try builder.readPorts()
        try builder.readNetworks()
        return builder.request
    }

    private init(flags: FlagValues, environment: [String: String]) {
        self.flags = flags
        self.environment = environment
    }

    private mutating func readConfig(_ arguments: [String]) throws {
        var config = ContainerConfig()
        config.image = arguments[0]
        config.cmd = arguments.count > 1 ? Array(arguments.dropFirst()) : nil
        config.hostname = flags.text("hostname")
        config.domainname = flags.text("domainname")
        config.user = flags.text("user")
        config.workingDir = flags.text("workdir")
        config.tty = flags.bool("tty")
        config.openStdin = flags.bool("interactive")
        readStreams(&config)
        if flags.isGiven("entrypoint") { config.entrypoint = [flags.text("entrypoint")] }
        let env = try Environment.list(
            flags.list("env"), files: flags.list("env-file"), environment: environment)
        config.env = env.isEmpty ? nil : env
        let labels = try Environment.lines(of: flags.list("label-file"), environment: [:]) + flags.list("label")
        config.labels = KeyValues.dictionary(labels)
        config.stopSignal = flags.string("stop-signal")
        config.healthcheck = try HostFlags.healthCheck(flags)
        if flags.isGiven("stop-timeout") { config.stopTimeout = flags.int("stop-timeout") }
        config.volumes = [:]
        request.config = config
    }

    /// Which streams are connected: those of `-a`; else the output, and the input with `-i`; none with `-d`.
    private func readStreams(_ config: inout ContainerConfig) {
        let named = Set(flags.list("attach").map { $0.lowercased() })
        if named.isEmpty {
            config.attachStdout = true
            config.attachStderr = true
            config.attachStdin = config.openStdin
        } else {
            config.attachStdin = named.contains("stdin")
            config.attachStdout = named.contains("stdout")
            config.attachStderr = named.contains("stderr")
        }
        if flags.bool("detach") {
            config.attachStdin = false
            config.attachStdout = false
            config.attachStderr = false
        }
        config.stdinOnce = config.openStdin && config.attachStdin
    }

    private mutating func readHostConfig() throws {
        var host = HostConfig()
        host.containerIDFile = flags.text("cidfile")
        host.logConfig = try HostFlags.logConfig(flags)
        host.autoRemove = flags.bool("rm")
        host.restartPolicy = try HostFlags.restartPolicy(flags)
        host.privileged = flags.bool("privileged")
        host.readonlyRootfs = flags.bool("read-only")
        host.capAdd = Capabilities.list(flags.list("cap-add"), without: [])
        host.capDrop = Capabilities.list(flags.list("cap-drop"), without: host.capAdd ?? [])
        if flags.isGiven("init") { host.initProcess = flags.bool("init") }
        try HostFlags.readNamespaces(flags, &host)
        host.runtime = flags.string("runtime")
        host.groupAdd = flags.isGiven("group-add") ? flags.list("group-add") : nil
        try readSecurity(&host)
        try readLimits(&host)
        try readRareLimits(&host)
        try readDevices(&host)
        try readNames(&host)
        request.hostConfig = host
    }

    private func readSecurity(_ host: inout HostConfig) throws {
        var options = try SecurityOptions.parse(flags.list("security-opt"))
        if let index = options.firstIndex(of: SecurityOptions.systemPathsUnconfined) {
            options.remove(at: index)
            host.maskedPaths = []
            host.readonlyPaths = []
        }
        host.securityOpt = options.isEmpty ? nil : options
    }

    private func readLimits(_ host: inout HostConfig) throws {
        if let memory = flags.string("memory") { host.memory = try Units.bytes(memory) }
        if let cpus = flags.string("cpus") { host.nanoCpus = try Units.nanoCPUs(cpus) }
        if let size = flags.string("shm-size") { host.shmSize = try Units.bytes(size) }
        if let memory = flags.string("memory-reservation") { host.memoryReservation = try Units.bytes(memory) }
        host.cpuShares = Int64(flags.int("cpu-shares") ?? 0)
        host.cpuPeriod = Int64(flags.int("cpu-period") ?? 0)
        host.cpuQuota = Int64(flags.int("cpu-quota") ?? 0)
        host.ulimits = HostFlags.ulimits(flags)
        host.pidsLimit = Int64(flags.int("pids-limit") ?? 0)
        switch flags.string("memory-swap") {
        case nil: break
        case "-1": host.memorySwap = -1
        case .some(let swap): host.memorySwap = try Units.bytes(swap)
        }
    }

    /// Names and name servers. What Docker's client sends empty rather than null is so here.
    private func readNames(_ host: inout HostConfig) throws {
        host.dns = flags.list("dns").map { $0.filter { $0 != " " } }
        host.dnsOptions = flags.list("dns-option")
        host.dnsSearch = flags.list("dns-search").map { $0.trimmed() }
        let extra = try flags.list("add-host").map { try ExtraHostFlag($0).text }
        host.extraHosts = extra.isEmpty ? nil : extra
        host.publishAllPorts = flags.bool("publish-all")
        var storage: [String: String] = [:]
        for option in flags.list("storage-opt") {
            guard option.contains("=") else { throw Failure("invalid storage option") }
            storage.merge(KeyValues.dictionary([option])) { _, new in new }
        }
        if !storage.isEmpty { host.storageOpt = storage }
    }

    private mutating func readMounts() throws {
        var binds: [String] = []
        for spec in flags.list("volume") {
            switch try VolumeSpec.parse(spec) {
            case .anonymous(let target): request.config.volumes?[target] = EmptyObject()
            case .bind(let text): binds.append(text)
            }
        }
        request.hostConfig.binds = binds.isEmpty ? nil : binds
        request.hostConfig.volumeDriver = flags.text("volume-driver")
        let others = flags.list("volumes-from")
        request.hostConfig.volumesFrom = others.isEmpty ? nil : others
        var tmpfs: [String: String] = [:]
        for spec in flags.list("tmpfs") {
            let path = spec.prefix { $0 != ":" }
            tmpfs[String(path)] = String(spec.dropFirst(path.count + 1))
        }
        if !tmpfs.isEmpty { request.hostConfig.tmpfs = tmpfs }
        let mounts = try flags.list("mount").map(MountSpec.parse)
        if !mounts.isEmpty { request.hostConfig.mounts = mounts }
    }

    private mutating func readPorts() throws {
        let published = try PublishSpec.parse(flags.list("publish"))
        request.hostConfig.portBindings = published
        var exposed: [PortSpec: EmptyObject] = [:]
        for port in published.keys { exposed[port] = EmptyObject() }
        for text in flags.list("expose") {
            for port in try PublishSpec.exposed(text) { exposed[port] = EmptyObject() }
        }
        if !exposed.isEmpty { request.config.exposedPorts = exposed }
    }

    private mutating func readNetworks() throws {
        let given = flags.list("network")
        guard given.count <= 1 else { throw Failure("more than one --network is not supported yet") }
        let names = try given.map { text in
            if text.hasPrefix("name="), !text.contains(",") { return String(text.dropFirst(5)) }
            guard !text.contains("=") else {
                throw Failure("advanced options of --network are not supported yet: \(text)")
            }
            return text
        }
        let mode = names.first ?? "default"
        var endpoint = EndpointSettings()
        endpoint.macAddress = flags.text("mac-address").trimmed()
        guard endpoint.macAddress.isEmpty || MACAddress(endpoint.macAddress) != nil else {
            throw Failure("\(endpoint.macAddress) is not a valid mac address")
        }
        request.hostConfig.networkMode = mode
        // As Docker's client has it: a network that was asked for gets an entry only with something in it.
        let isPlain = !given.isEmpty && endpoint.macAddress.isEmpty
        request.networkingConfig.endpointsConfig = isPlain ? [:] : [mode: endpoint]
    }
}

enum Capabilities {
    /// Names in upper case and with `CAP_`, in order; nil when there are none.
    static func list(_ names: [String], without others: [String]) -> [String]? {
        var result: Set<String> = []
        for name in names.flatMap({ $0.split(separator: ",") }) {
            let upper = String(name).trimmed().uppercased()
            result.insert(upper == "ALL" || upper.hasPrefix("CAP_") ? upper : "CAP_" + upper)
        }
        if result.contains("ALL") { result = ["ALL"] }
        let kept = result.subtracting(others).sorted()
        return kept.isEmpty ? nil : kept
    }
}
