// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Images
internal import JSON
internal import Linux
internal import Logging
internal import Networking
internal import OCI
internal import Volumes

/// Makes a container: validates, resolves the image, prepares the writable layer, and commits one record.
struct CreateContainer {
    let services: Services
    let request: ContainerCreateRequest
    let name: String?
    let platform: String?

    func run() async throws -> ContainerCreateResponse {
        var config = request.config
        var host = request.hostConfig
        host.logConfig.fillIn(services.configuration.log)
        let warnings = try Validation.check(
            config, &host, on: services.cgroupSupport, processors: services.host.processors,
            runtimes: services.configuration.runtimes)
        try SecurityOptions(parsing: host.securityOpt ?? []).check(on: services.securitySupport)
        try NamespaceModes.resolve(&host, in: services.table)
        host.fillIn(unifiedCgroup: services.host.isUnifiedCgroup, runtimes: services.configuration.runtimes)
        let image = try services.images.resolve(config.image)
        try checkPlatform(image)
        try config.merge(image: ContainerConfig(image.configuration.config))
        let id = Identifier.random()
        if config.hostname.isEmpty {
            let isHosts = host.networkMode == "host" || host.utsMode == "host"
            config.hostname = isHosts ? services.host.hostname : Identifier.short(id)
        }
        // Sources are looked at, which may be on a file system that hangs.
        let mounts = try await BlockingPool.shared.run(key: id) { [config, host, services] in
            try Self.mounts(config, host, services)
        }

        // Anonymous ones are nobody else's.
        let volumes = mounts.filter { $0.isVolume && !$0.anonymous }.compactMap(\.point.name)
        services.volumes.pin(volumes)
        defer { services.volumes.unpin(volumes) }
        var undo = UndoStack(observer: services.configuration.stepObserver)
        do {
            let reserved = try services.table.reserve(name.flatMap { Self.plainName($0) }, id: id)
            try undo.push("name") { [services] in services.table.release(name: reserved, id: id) }
            var record = record(id, reserved, image, config, host, mounts)
            let request = SandboxRequest(record)
            try services.networks.validate(request)
            record.networks = services.networks.restingEndpoints(request)
            try await prepare(record, image, &undo)
            try undo.passed("prepared")
            try await commit(record)
            undo.commit()
            let container = Container(record, phase: .created, services: services)
            services.table.insert(container, record)
            services.tell("create", record)
            return ContainerCreateResponse(id: id, warnings: warnings + platformWarnings(image))
        } catch {
            for failure in await undo.unwind() {
                services.logger.error(
                    "a failed create left something behind",
                    metadata: ["container": "\(id)", "step": "\(failure.step)", "error": "\(failure.error)"])
            }
            throw error
        }
    }

    private static func mounts(
        _ config: ContainerConfig, _ host: HostConfig, _ services: Services
    ) throws(EngineError) -> [MountRecord] {
        let (table, images) = (services.table, services.images)
        return try MountPlan.plan(
            config, host, volumes: services.volumes,
            find: { ref throws(EngineError) in try table.find(ref).record },
            image: { ref throws(EngineError) in try images.resolve(ref).id.description })
    }

    private static func plainName(_ name: String) -> String? {
        let plain = name.hasPrefix("/") ? String(name.dropFirst()) : name
        return plain.isEmpty ? nil : plain
    }

    private func checkPlatform(_ image: Image) throws(EngineError) {
        guard let platform, !platform.isEmpty else { return }
        guard let wanted = Platform(platform), image.configuration.platform.runs(on: wanted) else {
            throw EngineError(
                .notFound,
                "image with reference \(request.config.image) was found but does not provide the specified platform (\(platform))"
            )
        }
    }

    private func record(
        _ id: String, _ name: String, _ image: Image, _ config: ContainerConfig, _ host: HostConfig,
        _ mounts: [MountRecord]
    ) -> ContainerRecord {
        let command = config.commandLine
        var endpoints: [String: EndpointSettings] = [:]
        for (network, settings) in request.networkingConfig.endpointsConfig ?? [:] {
            endpoints[network == "default" ? host.networkMode : network] = settings
        }
        return ContainerRecord(
            id: id, name: name, created: .now, image: image.id.description,
            imageManifest: ImageDescriptor(image.manifest, image), platform: image.configuration.os,
            path: command.first ?? "", args: Array(command.dropFirst()), config: config, hostConfig: host,
            requestedNetworks: endpoints, networks: [:], mounts: mounts, state: ContainerState(status: "created"))
    }

    /// The writable layer, the volumes, and what must be in them before the first start.
    private func prepare(_ record: ContainerRecord, _ image: Image, _ undo: inout UndoStack) async throws {
        let services = services
        let id = record.id
        try undo.push("directory") {
            try await BlockingPool.shared.run(key: id) {
                try services.images.removeContainer(id)
                try HostPath.removeTree(id, in: services.configuration.dataRoot + "/containers")
            }
        }
        try await BlockingPool.shared.run(key: id) {
            try HostPath.makeDirectories(services.configuration.directory(id), mode: 0o710)
            try services.images.prepareContainer(id, image: image)
        }
        try undo.passed("writable layer")
        for mount in record.mounts where mount.isVolume { try await makeVolume(mount, &undo) }
        let needsRoot =
            PathText.clean(record.config.workingDir).utf8.count > 1 || record.mounts.contains(where: \.isVolume)
        guard needsRoot else { return }
        try await BlockingPool.shared.run(key: id) { try FirstContent.prepare(record, services) }
    }

    private func makeVolume(_ mount: MountRecord, _ undo: inout UndoStack) async throws {
        guard let name = mount.point.name else { return }
        let services = services
        let mark = mount.anonymous ? [VolumeRecord.anonymousLabel: ""] : nil
        let labels = mount.labels.map { $0.merging(mark ?? [:]) { own, _ in own } } ?? mark
        let request = VolumeCreateRequest(labels: labels, name: name)
        let isProvisional = mount.anonymous
        let isNew = try await BlockingPool.shared.run {
            try services.volumes.prepare(request, provisional: isProvisional).isNew
        }
        guard isNew else { return }
        services.events.publish(.make("volume", "create", id: name, ["driver": "local"]))
        // A named one stays, as with Docker: it may already be somebody else's too.
        guard mount.anonymous else { return }
        try undo.push("anonymous volume") {
            try await BlockingPool.shared.run { try services.volumes.remove(name, force: true) }
        }
    }

    private func commit(_ record: ContainerRecord) async throws {
        let names = record.mounts.filter(\.isVolume).compactMap(\.point.name)
        if !names.isEmpty { return try await services.writer.commit(record, retaining: names, of: services.volumes) }
        // A `--rm` container that a power loss takes would be removed anyway.
        if record.autoRemove { services.writer.save(record) } else { try await services.writer.commit(record) }
    }

    private func platformWarnings(_ image: Image) -> [String] {
        let own = image.configuration.platform
        guard platform ?? "" == "", !own.runs(on: Platform.host) else { return [] }
        return [
            "The requested image's platform (\(own)) does not match the detected host platform "
                + "(\(HostPlatform.description)) and no specific platform was requested"
        ]
    }
}

extension MountRecord {
    var isVolume: Bool { point.type == "volume" }
}

/// What a container's file system gets before its first start: the working directory, and in volumes that are empty
/// what the image has in their place.
enum FirstContent {
    /// Blocking.
    static func prepare(_ record: ContainerRecord, _ services: Services) throws {
        let root = try services.images.mount(record.id, readOnly: false)
        let directory = record.config.workingDir
        if !directory.isEmpty {
            do throws(Errno) { _ = try root.makeDirectoryInRoot(PathText.clean(directory)) } catch {
                guard error.code == .notDirectory || error.code == .exists else {
                    throw EngineError(.system, "Cannot mkdir: \(error)", cause: error)
                }
                throw EngineError(.system, "Cannot mkdir: \(directory) is not a directory", cause: error)
            }
        }
        for mount in record.mounts where mount.isVolume && !mount.noCopy {
            guard let name = mount.point.name else { continue }
            try services.volumes.copyUp(from: root, mount.point.destination, into: name)
        }
    }
}

extension ContainerConfig {
    /// An image's defaults in the wire's type.
    init(_ image: ImageConfiguration.Defaults?) {
        self.init()
        guard let image else { return }
        user = image.user ?? ""
        for text in (image.exposedPorts ?? [:]).keys {
            if let port = PortSpec(text) {
                exposedPorts = (exposedPorts ?? [:]).merging([port: EmptyObject()]) { a, _ in a }
            }
        }
        env = image.env
        cmd = image.cmd
        entrypoint = image.entrypoint
        if let check = image.healthcheck { healthcheck = try? JSON.decode(HealthConfig.self, from: check) }
        for path in (image.volumes ?? [:]).keys {
            volumes = (volumes ?? [:]).merging([path: EmptyObject()]) { a, _ in a }
        }
        workingDir = image.workingDir ?? ""
        labels = image.labels
        stopSignal = image.stopSignal
        shell = image.shell
    }
}

extension ImageDescriptor {
    /// The manifest of the image a container was made of, with its platform.
    init(_ manifest: Descriptor, _ image: Image) {
        self.init(mediaType: manifest.mediaType, digest: manifest.digest.description, size: manifest.size)
        annotations = manifest.annotations
        let own = image.configuration.platform
        platform = ImagePlatform(architecture: own.architecture, os: own.os, variant: own.variant)
    }
}
