// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import OCI

/// Everything that a container's OCI configuration is made of, gathered before: `build` looks at nothing else.
struct SpecInput: Sendable {
    var record: ContainerRecord
    var user: ResolvedUser
    /// `/wharf/<id>`
    var cgroupPath: String
    /// As uname(2) says.
    var machine: String
    var namespaces: NetworkNamespace
    /// Host paths of the container's own files, by where they are mounted: `/etc/hosts` and so on.
    var files: [(destination: String, source: String)]
    /// What the configuration names of the host's devices.
    var devices = HostDevices()
    /// As uname(2) says: seccomp profiles ask for it.
    var kernel = "0.0"
    var bindsReadOnlyRecursively = true

    /// `inherited`: made for the container; `joined`: another's.
    enum NetworkNamespace: Sendable { case host, own, inherited, joined }
}

/// Makes the OCI configuration of a container, as Docker's defaults and the container's own settings have it.
enum SpecBuilder {
    static func build(_ input: SpecInput) throws(EngineError) -> RuntimeSpec {
        let record = input.record
        let host = record.hostConfig
        var spec = RuntimeSpec(ociVersion: "1.2.0")
        spec.root = .init(path: "rootfs", readonly: host.readonlyRootfs)
        if host.utsMode != "host" {
            spec.hostname = record.config.hostname
            if !record.config.domainname.isEmpty { spec.domainname = record.config.domainname }
        }
        spec.process = try process(input)
        spec.mounts = try SpecMounts.mounts(input)
        if let annotations = host.annotations, !annotations.isEmpty { spec.annotations = annotations }
        spec.linux = try linux(input, capabilities: spec.process?.capabilities?.bounding ?? [])
        return spec
    }

    private static func process(_ input: SpecInput) throws(EngineError) -> RuntimeSpec.Process {
        let config = input.record.config
        let host = input.record.hostConfig
        var process = RuntimeSpec.Process(
            args: config.commandLine, cwd: config.workingDir.isEmpty ? "/" : PathText.clean(config.workingDir))
        process.terminal = config.tty
        if config.tty { process.consoleSize = .init(host.consoleSize) }
        process.user = user(input.user)
        process.env = Environment.make(config: config, home: input.user.home)
        process.capabilities = capabilities(try names(host))
        let security = try SecurityOptions(parsing: host.securityOpt ?? [])
        process.noNewPrivileges = security.noNewPrivileges
        process.apparmorProfile = security.appArmorProfile
        process.oomScoreAdj = host.oomScoreAdj
        var limits: [RuntimeSpec.ResourceLimit] = []
        for ulimit in host.ulimits ?? [] { limits.append(try ResourceLimits.limit(ulimit)) }
        if !limits.isEmpty { process.rlimits = limits }
        return process
    }

    static func user(_ user: ResolvedUser) -> RuntimeSpec.User {
        .init(uid: user.uid, gid: user.gid, additionalGids: user.additionalGids)
    }

    static func names(_ host: HostConfig) throws(EngineError) -> [String] {
        CapabilityNames.effective(
            add: try CapabilityNames.normalized(host.capAdd, field: "CapAdd"),
            drop: try CapabilityNames.normalized(host.capDrop, field: "CapDrop"), privileged: host.privileged)
    }

    /// Inheritable and ambient stay empty (rule R13).
    static func capabilities(_ names: [String]) -> RuntimeSpec.Capabilities {
        .init(bounding: names, effective: names, permitted: names)
    }

    private static func linux(
        _ input: SpecInput, capabilities: [String]
    ) throws(EngineError) -> RuntimeSpec.Linux {
        let host = input.record.hostConfig
        var linux = RuntimeSpec.Linux()
        linux.namespaces = namespaces(input)
        linux.cgroupsPath = input.cgroupPath
        linux.resources = SpecResources.resources(host, input.devices)
        if !input.devices.nodes.isEmpty { linux.devices = input.devices.nodes }
        linux.rootfsPropagation = SpecMounts.rootPropagation(input.record.mounts)
        linux.seccomp = try filter(input, capabilities: capabilities)
        if !host.privileged {
            linux.maskedPaths = host.maskedPaths ?? SecurityDefaults.maskedPaths
            linux.readonlyPaths = host.readonlyPaths ?? SecurityDefaults.readonlyPaths
        }
        linux.sysctl = try SpecSysctls.settings(host, ownsNetwork: [.own, .inherited].contains(input.namespaces))
        return linux
    }

    /// A profile of the user's counts for privileged containers, too.
    private static func filter(
        _ input: SpecInput, capabilities: [String]
    ) throws(EngineError) -> RuntimeSpec.Seccomp? {
        let host = input.record.hostConfig
        switch try SecurityOptions(parsing: host.securityOpt ?? []).seccomp {
        case .unconfined: return nil
        case .profile(let text):
            return try SeccompFile(parsing: text).filter(
                capabilities: capabilities, machine: input.machine, kernel: input.kernel)
        case .builtin, nil:
            if host.privileged { return nil }
            return SeccompProfile.filter(capabilities: capabilities, machine: input.machine)
        }
    }

    private static func namespaces(_ input: SpecInput) -> [RuntimeSpec.Namespace] {
        let host = input.record.hostConfig
        var result: [RuntimeSpec.Namespace] = [.init(.mount)]
        if host.utsMode != "host" { result.append(.init(.uts)) }
        let shared = { (mode: String) in NamespaceModes.target(mode) != nil }
        if host.pidMode != "host" {
            result.append(.init(.pid, path: shared(host.pidMode) ? "/proc/self/fd/7" : nil))
        }
        if host.ipcMode != "host" {
            result.append(.init(.ipc, path: shared(host.ipcMode) ? "/proc/self/fd/8" : nil))
        }
        switch input.namespaces {
        case .host: break
        case .own: result.append(.init(.network))
        case .inherited, .joined: result.append(.init(.network, path: "/proc/self/fd/6"))
        }
        if input.record.hostConfig.cgroupnsMode == "private" { result.append(.init(.cgroup)) }
        return result
    }
}

extension RuntimeSpec.ConsoleSize {
    /// nil: none was given. The kernel counts in 16 bits (struct winsize).
    init?(_ size: ConsoleSize) {
        guard size.height > 0, size.width > 0 else { return nil }
        self.init(height: UInt32(UInt16(clamping: size.height)), width: UInt32(UInt16(clamping: size.width)))
    }
}

/// A process's environment, from the defaults, the configuration and (for exec) what is added.
enum Environment {
    static func make(config: ContainerConfig, additions: [String] = [], tty: Bool? = nil, home: String) -> [String] {
        var result = [SecurityDefaults.path, "HOSTNAME=\(config.hostname)"]
        if tty ?? config.tty { result.append("TERM=xterm") }
        result = replacing(result, with: config.env ?? [])
        result = replacing(result, with: additions)
        if !result.contains(where: { $0.hasPrefix("HOME=") }) { result.append("HOME=\(home)") }
        return result
    }

    /// Sets what `entries` set, in place; an entry without `=` takes the variable away.
    static func replacing(_ base: [String], with entries: [String]) -> [String] {
        var result: [String?] = base
        // Images and clients decide how many there are: no search for each.
        var places: [Substring: Int] = [:]
        for (index, entry) in base.enumerated() where places[ContainerConfig.variableName(entry)] == nil {
            places[ContainerConfig.variableName(entry)] = index
        }
        for entry in entries {
            let name = ContainerConfig.variableName(entry)
            if !entry.contains("=") {
                if let index = places.removeValue(forKey: name) { result[index] = nil }
            } else if let index = places[name] {
                result[index] = entry
            } else {
                places[name] = result.count
                result.append(entry)
            }
        }
        return result.compactMap { $0 }
    }
}
