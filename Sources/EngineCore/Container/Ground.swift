// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Glibc
internal import Images
internal import JSON
internal import Linux
internal import Networking
internal import OCI
internal import Shim

/// What a start needs of the disk: the mounted root, who the process is, and the sources of its mounts.
struct Ground: Sendable {
    var rootfs: SharedDescriptor
    var user: ResolvedUser
    var devices: HostDevices
    /// Detached mounts that the supervisor is handed, by their places in the container.
    var mounts: [String: SharedDescriptor] = [:]

    /// Blocking.
    static func prepare(_ record: ContainerRecord, _ services: Services) throws -> Ground {
        let rootfs = SharedDescriptor(try services.images.mount(record.id, readOnly: false))
        let user = try lookUp(record.config.user, record.hostConfig.groupAdd ?? [], in: rootfs.descriptor)
        for mount in record.mounts { try prepare(mount, services) }
        var ground = Ground(rootfs: rootfs, user: user, devices: try HostDevices.resolve(record.hostConfig))
        for mount in record.mounts {
            guard let handed = try HandedMount.open(mount, services) else { continue }
            ground.mounts[mount.point.destination] = SharedDescriptor(handed)
        }
        return ground
    }

    /// Reads the accounts of a root file system through a descriptor of it (rules R1, R2).
    static func lookUp(
        _ specification: String, _ groups: [String], in root: borrowing FileDescriptor
    ) throws(EngineError) -> ResolvedUser {
        let database = UserDatabase(passwd: read("/etc/passwd", root), group: read("/etc/group", root))
        return try database.resolve(specification, extraGroups: groups)
    }

    /// A file that is missing, too large or no regular file is an empty one.
    private static func read(_ path: String, _ root: borrowing FileDescriptor) -> [UInt8] {
        guard let file = try? root.openInRoot(path, O_RDONLY | O_NONBLOCK), (try? file.status().isRegular) == true
        else { return [] }
        return (try? file.readAll(limit: UserDatabase.maximumFile)) ?? []
    }

    private static func prepare(_ mount: MountRecord, _ services: Services) throws {
        let source = mount.point.source
        switch mount.point.type {
        case "volume":
            // Gone only if somebody removed it by hand.
            try HostPath.makeDirectories(source)
        case "bind":
            if HostPath.exists(source) { return }
            guard mount.createsSource else {
                throw EngineError(
                    .invalidParameter,
                    "invalid mount config for type \"bind\": bind source path does not exist: \(source)")
            }
            try HostPath.makeDirectories(source)
        default: break
        }
    }
}

/// The run directory of one start: what the shim reads, and the container's own files.
enum RunDirectory {
    /// Returns the mounts in the order in which the supervisor is to get them. Blocking.
    static func write(
        _ record: ContainerRecord, _ ground: Ground, _ sandbox: Sandbox, _ mounts: [String: SharedDescriptor],
        _ services: Services
    ) throws -> [SharedDescriptor] {
        let configuration = services.configuration
        let run = configuration.runDirectory(record.id)
        // What a killed start left would be taken for this one's.
        try HostPath.removeTree(record.id, in: configuration.execRoot + "/containers")
        try HostPath.makeDirectories(run, mode: 0o700)
        try ContainerFiles.write(record, sandbox, services)
        if record.hostConfig.logConfig.type == LogDriver.Kind.local.rawValue {
            try HostPath.makeDirectories(configuration.localLogDirectory(record.id), mode: 0o700)
        }
        var input = SpecInput(
            record: record, user: ground.user, cgroupPath: configuration.cgroupPath(of: record),
            machine: services.host.machine, namespaces: namespace(record, sandbox),
            files: ContainerFiles.mounts(record, configuration), devices: ground.devices)
        input.kernel = services.host.kernelVersion
        // Others may be older than recursive read-only mounts.
        input.bindsReadOnlyRecursively = try configuration.runtimes.program(record.hostConfig.runtime ?? "") == nil
        let spec = try SpecBuilder.build(input)
        try HostPath.write(JSON.encode(spec), to: "\(run)/\(ShimConfiguration.FileName.specification)", mode: 0o600)
        var shim = try shimConfiguration(record, configuration, services.host.hostname)
        let places = mounts.keys.sorted()
        guard places.count <= ShimConfiguration.Inherited.maximumMounts else {
            throw EngineError(.invalidParameter, "too many mounts of images and of parts of volumes: \(places.count)")
        }
        if !places.isEmpty {
            let numbers = places.indices.map { ShimConfiguration.Inherited.firstMount + Int32($0) }
            shim.mounts = Dictionary(uniqueKeysWithValues: zip(places, numbers))
        }
        try HostPath.write(
            JSON.encode(shim), to: "\(run)/\(ShimConfiguration.FileName.configuration)", mode: 0o600)
        return places.compactMap { mounts[$0] }
    }

    private static func namespace(_ record: ContainerRecord, _ sandbox: Sandbox) -> SpecInput.NetworkNamespace {
        if sandbox.networkNamespace != nil { return .inherited }
        if NamespaceModes.target(record.hostConfig.networkMode) != nil { return .joined }
        return record.hostConfig.networkMode == "host" ? .host : .own
    }

    private static func shimConfiguration(
        _ record: ContainerRecord, _ configuration: EngineConfiguration, _ hostname: String
    ) throws(EngineError) -> ShimConfiguration {
        var shim = ShimConfiguration(id: record.id, seccompCache: configuration.seccompCache)
        shim.terminal = record.config.tty
        shim.openStdin = record.config.openStdin
        shim.stdinOnce = record.config.stdinOnce
        // Another's, or the host's, has an init already.
        shim.initProcess = record.hostConfig.initProcess == true && record.hostConfig.pidMode.isEmpty
        let runtime = try configuration.runtimes.program(record.hostConfig.runtime ?? "")
        shim.externalRuntime = runtime?.path
        shim.externalRuntimeArguments = runtime?.arguments
        if let path = configuration.logPath(record) {
            let driver = try LogDriver(record.hostConfig.logConfig)
            shim.logPath = path
            shim.logMaximumSize = driver.maximumSize
            shim.logMaximumFiles = driver.maximumFiles
            shim.logCompresses = driver.compresses
            shim.logAttributes = try driver.attributes(of: record, host: hostname)
        }
        return shim
    }
}

/// A container's /etc/hostname, /etc/hosts and /etc/resolv.conf: written at every start, mounted over the image's.
enum ContainerFiles {
    static let names = ["resolv.conf", "hostname", "hosts"]

    static func mounts(
        _ record: ContainerRecord, _ configuration: EngineConfiguration
    ) -> [(
        destination: String, source: String
    )] {
        let directory = configuration.filesDirectory(record)
        return names.map { ("/etc/\($0)", "\(directory)/\($0)") }
    }

    static func write(_ record: ContainerRecord, _ sandbox: Sandbox, _ services: Services) throws {
        let directory = services.configuration.directory(record.id)
        try HostPath.makeDirectories(directory, mode: 0o710)
        // They are those of whose network it is.
        if NamespaceModes.target(record.hostConfig.networkMode) != nil { return }
        try HostPath.write(HostnameFile.content(hostname: record.config.hostname), to: directory + "/hostname")
        try HostPath.write(try hosts(record, sandbox, services), to: directory + "/hosts")
        try HostPath.write(try resolver(record), to: directory + "/resolv.conf")
    }

    private static func hosts(_ record: ContainerRecord, _ sandbox: Sandbox, _ services: Services) throws -> [UInt8] {
        let extra = record.hostConfig.extraHosts ?? []
        if record.hostConfig.networkMode == "host", extra.isEmpty { return (try? HostPath.read("/etc/hosts")) ?? [] }
        let text = try HostsFile.content(
            hostname: record.config.hostname, domainname: record.config.domainname, address: sandbox.address,
            extra: extra, gateway: services.networks.hostGateway)
        return Array(text.utf8)
    }

    private static func resolver(_ record: ContainerRecord) throws -> [UInt8] {
        let config = record.hostConfig
        let dns = config.dns ?? [], search = config.dnsSearch ?? [], options = config.dnsOptions ?? []
        let read = { (path: String) in
            (try? HostPath.read(path, limit: 65536)).map { String(decoding: $0, as: UTF8.self) }
        }
        let isHost = config.networkMode == "host"
        let host =
            isHost ? (path: ResolvConf.path, content: read(ResolvConf.path) ?? "") : ResolvConf.ofHost(read: read)
        if isHost, dns.isEmpty, search.isEmpty, options.isEmpty { return Array(host.content.utf8) }
        let text = try ResolvConf.content(
            host: host.content, hostPath: host.path, dns: dns, search: search, options: options,
            sharesHostNetwork: isHost)
        return Array(text.utf8)
    }
}
