// SPDX-License-Identifier: Apache-2.0

package import EngineAPI
internal import Glibc
internal import Images
internal import JSON
internal import Linux
internal import Networking
internal import OCI
internal import Volumes

// What only reads: from snapshots, never waiting for a container.

extension Engine {
    package func containers(all: Bool, limit: Int, size: Bool, filters: Filters) async throws -> [ContainerSummary] {
        let filter = try ContainerFilter(
            filters, find: { ref throws(EngineError) in try services.table.find(ref).record },
            resolve: { try? services.images.resolve($0).id.description })
        let now = Timestamp.now
        var records = services.table.records.sorted { ($0.created, $0.id) > ($1.created, $1.id) }
        let showsStopped = all || limit > 0 || filter.wantsStopped
        records = records.filter { (showsStopped || $0.state.running) && filter.matches($0) }
        if limit > 0 { records = Array(records.prefix(limit)) }
        var lines: [ContainerSummary] = []
        lines.reserveCapacity(records.count)
        for record in records {
            var line = record.summary(now: now)
            if size {
                let sizes = try await sizes(record.id)
                line.sizeRw = sizes.rw
                line.sizeRootFs = sizes.rootfs
            }
            lines.append(line)
        }
        return lines
    }

    private func sizes(_ id: String) async throws -> (rw: Int64, rootfs: Int64) {
        let images = services.images
        let sizes = try await BlockingPool.shared.run(key: id) {
            let sizes = try images.sizes(id)
            return [sizes.rw, sizes.rootfs]
        }
        return (sizes[0], sizes[1])
    }

    package func inspectContainer(_ ref: String, size: Bool) async throws -> ContainerInspect {
        let entry = try services.table.find(ref)
        var result = services.inspect(entry.record)
        let running = await entry.container.runningExecs
        result.execIDs = running.isEmpty ? nil : running
        if size {
            let sizes = try await sizes(entry.record.id)
            result.sizeRw = sizes.rw
            result.sizeRootFs = sizes.rootfs
        }
        return result
    }

    /// What the container uses; unless `oneShot`, after a second, with the processor time of that second's start. One
    /// that does not run is answered for at once.
    package func stats(_ ref: String, oneShot: Bool) async throws -> ContainerStats {
        let record = try services.table.find(ref).record
        let sampler = StatsSampler(id: record.id, services: services)
        var stats = try await sampler.next()
        if record.state.running, !oneShot { stats = try await sampler.next() }
        guard let stats else { throw ContainerTable.missing(ref) }
        return stats
    }

    /// The same each second, for as long as there is the container.
    package func statsStream(_ ref: String) throws -> AsyncThrowingStream<ContainerStats, any Error> {
        let sampler = StatsSampler(id: try services.table.find(ref).record.id, services: services)
        return AsyncThrowingStream { try await sampler.next() }
    }

    package func diskUsage() async throws -> DiskUsage {
        let images = services.images
        let total = try await BlockingPool.shared.run { images.diskUsage() }
        var volumes = try services.volumes.list(Filters())
        for index in volumes.indices {
            let name = volumes[index].name
            let path = services.volumes.hostPath(name)
            // -1, Docker's "not known": it has just been removed, or can't be read.
            let size = try? await BlockingPool.shared.run(key: "volume " + name) {
                try FileDescriptor.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW).diskUsage()
            }
            volumes[index].usageData = VolumeUsage(
                refCount: Int64(services.volumes[name]?.users.count ?? 0), size: size ?? -1)
        }
        return DiskUsage(
            layersSize: total, images: try images.list(all: false, filters: Filters(), manifests: false),
            containers: try await containers(all: true, limit: 0, size: true, filters: Filters()),
            volumes: volumes, buildCache: [])
    }
}

extension Services {
    func inspect(_ record: ContainerRecord) -> ContainerInspect {
        var result = ContainerInspect()
        let directory = configuration.filesDirectory(record)
        result.id = record.id
        result.created = record.created
        result.path = record.path
        result.args = record.args
        result.state = record.state
        result.image = record.image
        result.resolvConfPath = directory + "/resolv.conf"
        result.hostnamePath = directory + "/hostname"
        result.hostsPath = directory + "/hosts"
        // As with Docker, where `local` has its file is nobody's business.
        let isOpen = record.hostConfig.logConfig.type == "json-file"
        result.logPath = isOpen ? configuration.logPath(record) ?? "" : ""
        result.appArmorProfile =
            (try? SecurityOptions(parsing: record.hostConfig.securityOpt ?? []))?.appArmor ?? ""
        result.name = "/" + record.name
        result.restartCount = record.restartCount
        result.driver = "overlayfs"
        result.platform = record.platform
        result.hostConfig = record.hostConfig
        result.graphDriver = DriverData(data: nil, name: "overlayfs")
        result.mounts = record.mounts.map(\.point)
        result.config = record.config
        result.networkSettings = networkSettings(record)
        result.imageManifestDescriptor = record.imageManifest
        return result
    }

    private func networkSettings(_ record: ContainerRecord) -> NetworkSettings {
        var settings = NetworkSettings()
        settings.networks = record.networks
        settings.sandboxID = record.sandbox?.id ?? ""
        settings.sandboxKey = record.sandbox?.key ?? ""
        settings.ports = record.sandbox?.ports ?? [:]
        // The single addresses are those of the default bridge.
        if let bridge = record.networks["bridge"] {
            settings.endpointID = bridge.endpointID
            settings.gateway = bridge.gateway
            settings.ipAddress = bridge.ipAddress
            settings.ipPrefixLength = bridge.ipPrefixLength
            settings.ipv6Gateway = bridge.ipv6Gateway
            settings.globalIPv6Address = bridge.globalIPv6Address
            settings.globalIPv6PrefixLength = bridge.globalIPv6PrefixLength
            settings.macAddress = bridge.macAddress
        }
        return settings
    }
}

extension Container {
    var runningExecs: [String] {
        execs.values.filter { exec in
            if case .running = exec.progress { true } else { false }
        }.map(\.id).sorted()
    }
}
