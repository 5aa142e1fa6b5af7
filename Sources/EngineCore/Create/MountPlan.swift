// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Linux
internal import Volumes

/// The mounts of a new container, from other containers' (`VolumesFrom`), `Binds`, `Mounts`, and the volumes that it or
/// its image declares.
///
/// Its own win over others', explicit ones over the image's; two of its own for one place are refused.
struct MountPlan {
    let volumes: VolumeStore
    /// The driver of volumes that `Binds` name.
    private let driver: String
    /// The container of a name or id.
    private let find: (String) throws(EngineError) -> ContainerRecord
    /// The id of the image of a name.
    let image: (String) throws(EngineError) -> String
    private var mounts: [MountRecord] = []
    /// Places of the container's own mounts.
    private var own: Set<String> = []

    static func plan(
        _ config: ContainerConfig, _ host: HostConfig, volumes: VolumeStore,
        find: @escaping (String) throws(EngineError) -> ContainerRecord = { ref throws(EngineError) in
            throw ContainerTable.missing(ref)
        },
        image: @escaping (String) throws(EngineError) -> String = { $0 }
    ) throws(EngineError) -> [MountRecord] {
        var plan = MountPlan(volumes: volumes, driver: host.volumeDriver, find: find, image: image)
        for text in host.volumesFrom ?? [] { try plan.inherit(text) }
        for text in host.binds ?? [] { try plan.add(plan.bind(try BindSpecification(parsing: text))) }
        for request in host.mounts ?? [] { try plan.add(try plan.mount(request)) }
        try plan.addTmpfs(host.tmpfs ?? [:])
        try plan.addDeclared(config, besides: Set((host.tmpfs ?? [:]).keys.map(PathText.clean)))
        return plan.mounts
    }

    private init(
        volumes: VolumeStore, driver: String, find: @escaping (String) throws(EngineError) -> ContainerRecord,
        image: @escaping (String) throws(EngineError) -> String
    ) {
        self.volumes = volumes
        self.driver = driver
        self.find = find
        self.image = image
    }

    private mutating func add(_ mount: MountRecord) throws(EngineError) {
        let destination = mount.point.destination
        try Validation.refuseNUL(in: [mount.point.source, destination, mount.subpath ?? ""], "mount")
        guard own.insert(destination).inserted else {
            throw EngineError(.invalidParameter, "Duplicate mount point: \(destination)")
        }
        mounts.removeAll { $0.point.destination == destination }
        mounts.append(mount)
    }

    private mutating func addTmpfs(_ tmpfs: [String: String]) throws(EngineError) {
        for (path, options) in tmpfs.sorted(by: { $0.key < $1.key }) {
            try Self.check(destination: path, type: "tmpfs")
            let destination = PathText.clean(path)
            guard !own.contains(destination) else {
                throw EngineError(.invalidParameter, "Duplicate mount point: \(path)")
            }
            mounts.removeAll { $0.point.destination == destination }
            _ = try TmpfsOptionText.merge(options)
        }
    }

    private mutating func addDeclared(_ config: ContainerConfig, besides tmpfs: Set<String>) throws(EngineError) {
        for path in (config.volumes ?? [:]).keys.sorted() {
            let destination = PathText.clean(path)
            try Self.check(destination: destination, type: "volume")
            let isTaken = tmpfs.contains(destination) || mounts.contains { $0.point.destination == destination }
            if !isTaken { mounts.append(anonymous(destination, readOnly: false)) }
        }
    }

    // MARK: --volumes-from

    /// `container[:mode]`: its mounts, volumes and binds alike, at the same places.
    private mutating func inherit(_ text: String) throws(EngineError) {
        func invalid(_ what: String) -> EngineError { EngineError(.invalidParameter, what) }
        guard !text.isEmpty else { throw invalid("volumes-from specification cannot be an empty string") }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let mode = parts.count == 2 ? parts[1] : ""
        guard let options = BindMode(parsing: mode), options.propagation == nil, !options.noCopy else {
            throw invalid("invalid mode: \(mode)")
        }
        let owner: ContainerRecord
        do throws(EngineError) { owner = try find(parts[0]) } catch { throw invalid(error.message) }
        for mount in owner.mounts {
            var copy = mount
            copy.anonymous = false
            copy.noCopy = true
            copy.point.mode = ""
            copy.point.rw = mount.point.rw && !options.readOnly
            // A tmpfs has its access among its options.
            if copy.point.type == "tmpfs", !copy.point.rw { copy.options.append("ro") }
            mounts.removeAll { $0.point.destination == copy.point.destination }
            mounts.append(copy)
        }
    }

    // MARK: -v

    private func bind(_ bind: BindSpecification) throws(EngineError) -> MountRecord {
        switch bind.source {
        case .path(let path):
            let point = MountPoint(
                type: "bind", source: path, destination: bind.destination, mode: bind.text, rw: !bind.mode.readOnly,
                propagation: bind.mode.propagation ?? "rprivate")
            return MountRecord(point: point, createsSource: true)
        case .volume(let name):
            try Self.check(driver: driver)
            var record = volume(name, bind.destination, readOnly: bind.mode.readOnly, mode: bind.text)
            if bind.text.isEmpty { record.point.mode = "z" }
            record.noCopy = bind.mode.noCopy
            return record
        case .anonymous:
            try Self.check(driver: driver)
            return anonymous(bind.destination, readOnly: bind.mode.readOnly)
        }
    }

    static func check(driver: String) throws(EngineError) {
        guard driver.isEmpty || driver == "local" else {
            // Not 404: a client would take the image for what is missing, and fetch it.
            throw EngineError(
                .invalidParameter, "error looking up volume plugin \(driver): plugin \"\(driver)\" not found")
        }
    }

    func volume(_ name: String, _ destination: String, readOnly: Bool, mode: String) -> MountRecord {
        MountRecord(
            point: MountPoint(
                type: "volume", name: name, source: volumes.hostPath(name), destination: destination,
                driver: "local", mode: mode, rw: !readOnly, propagation: ""))
    }

    func anonymous(_ destination: String, readOnly: Bool) -> MountRecord {
        var record = volume(Identifier.random(), destination, readOnly: readOnly, mode: "")
        record.anonymous = true
        return record
    }

    static func check(destination: String, type: String) throws(EngineError) {
        guard !destination.isEmpty else { throw invalid(type, "field Target must not be empty") }
        guard PathText.clean(destination) != "/" else {
            throw invalid(type, "invalid specification: destination can't be '/'")
        }
        guard destination.hasPrefix("/") else {
            throw invalid(type, "invalid mount path: '\(destination)' mount path must be absolute")
        }
    }

    static func invalid(_ type: String, _ why: String) -> EngineError {
        EngineError(.invalidParameter, "invalid mount config for type \"\(type)\": \(why)")
    }
}
