// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Images
internal import JSON
internal import Linux
internal import Logging
internal import MetadataStore
internal import Networking
internal import Shim
internal import Volumes

/// What every container needs of the engine around it.
final class Services: Sendable {
    let configuration: EngineConfiguration
    let host: HostFacts
    let cgroupSupport: CgroupSupport
    let securitySupport = SecuritySupport.probe()
    let images: ImageStore
    let volumes: VolumeStore
    let networks: Networks
    let launcher: ShimLauncher
    let table = ContainerTable()
    let writer: RecordWriter
    let events: EventHub
    let execs = ExecIndex()
    let alarms = Alarms()
    let logger: Logger

    init(
        configuration: EngineConfiguration, host: HostFacts, images: ImageStore, volumes: VolumeStore,
        networks: Networks, launcher: ShimLauncher, writer: RecordWriter, events: EventHub, logger: Logger
    ) {
        self.configuration = configuration
        self.host = host
        cgroupSupport = .probe(unified: host.isUnifiedCgroup)
        self.images = images
        self.volumes = volumes
        self.networks = networks
        self.launcher = launcher
        self.writer = writer
        self.events = events
        self.logger = logger
    }

    /// Tells of something that happened to a container: its labels, image and name go with it.
    func tell(_ action: String, _ record: ContainerRecord, _ attributes: [String: String] = [:]) {
        var all = record.config.labels ?? [:]
        all["image"] = record.config.image
        all["name"] = record.name
        for (key, value) in attributes { all[key] = value }
        events.publish(.make("container", action, id: record.id, all, from: record.config.image))
    }

    /// Tells of something that happened to a container's network.
    func tellNetwork(_ action: String, _ record: ContainerRecord, _ endpoints: [String: EndpointSettings]) {
        for (name, endpoint) in endpoints where !endpoint.networkID.isEmpty {
            let type = name == "none" ? "null" : ["bridge", "host"].contains(name) ? name : "bridge"
            events.publish(
                .make(
                    "network", action, id: endpoint.networkID,
                    ["container": record.id, "name": name, "type": type]))
        }
    }
}

extension Services {
    /// Tells that a volume is mounted or let go.
    func tellVolume(_ action: String, _ point: MountPoint, _ record: ContainerRecord) {
        guard let name = point.name else { return }
        var attributes = ["container": record.id, "driver": point.driver ?? "local"]
        if action == "mount" {
            attributes["destination"] = point.destination
            attributes["propagation"] = point.propagation
            attributes["read/write"] = String(point.rw)
        }
        events.publish(.make("volume", action, id: name, attributes))
    }
}

extension EventMessage {
    /// An event of now; `from` only where Docker's older members (`status`, `id`, `from`) are sent.
    static func make(
        _ type: String, _ action: String, id: String, _ attributes: [String: String], from: String? = nil
    ) -> EventMessage {
        let now = Timestamp.now
        var event = EventMessage()
        if type == "container" || type == "image" {
            event.status = action
            event.id = id
            event.from = from
        }
        event.type = type
        event.action = action
        event.actor = EventActor(id: id, attributes: attributes)
        event.scope = "local"
        event.time = now.nanoseconds / 1_000_000_000
        event.timeNano = now.nanoseconds
        return event
    }
}
