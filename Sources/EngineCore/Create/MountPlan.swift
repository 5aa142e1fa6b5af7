// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Linux
internal import Volumes

/// The mounts of a new container, from `Binds`, `Mounts`, and the volumes that it or its image declares.
///
/// Explicit ones win over the image's; two for one place are refused.
enum MountPlan {
    static func plan(
        _ config: ContainerConfig, _ host: HostConfig, volumes: VolumeStore
    ) throws(EngineError)
        -> [MountRecord]
    {
        var mounts: [MountRecord] = []
        var destinations: Set<String> = []
        func add(_ mount: MountRecord) throws(EngineError) {
            try Validation.refuseNUL(in: [mount.point.source, mount.point.destination], "mount")
            guard destinations.insert(mount.point.destination).inserted else {
                throw EngineError(.invalidParameter, "Duplicate mount point: \(mount.point.destination)")
            }
            mounts.append(mount)
        }
        for text in host.binds ?? [] { try add(bind(try BindSpecification(parsing: text), volumes)) }
        for request in host.mounts ?? [] { try add(try mount(request, volumes)) }
        for path in (host.tmpfs ?? [:]).keys {
            try check(destination: path, type: "tmpfs")
            guard !destinations.contains(PathText.clean(path)) else {
                throw EngineError(.invalidParameter, "Duplicate mount point: \(path)")
            }
        }
        let tmpfs = Set((host.tmpfs ?? [:]).keys.map(PathText.clean))
        for path in (config.volumes ?? [:]).keys.sorted() {
            let destination = PathText.clean(path)
            try check(destination: destination, type: "volume")
            if tmpfs.contains(destination) || !destinations.insert(destination).inserted { continue }
            mounts.append(anonymous(destination, volumes, readOnly: false))
        }
        for (_, options) in host.tmpfs ?? [:] { _ = try TmpfsOptionText.merge(options) }
        return mounts
    }

    private static func bind(_ bind: BindSpecification, _ volumes: VolumeStore) -> MountRecord {
        switch bind.source {
        case .path(let path):
            let point = MountPoint(
                type: "bind", source: path, destination: bind.destination, mode: bind.mode, rw: !bind.readOnly,
                propagation: bind.propagation ?? "rprivate")
            return MountRecord(point: point, createsSource: true)
        case .volume(let name):
            var record = volume(name, bind.destination, volumes, readOnly: bind.readOnly, mode: bind.mode)
            if bind.mode.isEmpty { record.point.mode = "z" }
            record.noCopy = bind.noCopy
            return record
        case .anonymous: return anonymous(bind.destination, volumes, readOnly: bind.readOnly)
        }
    }

    private static func volume(
        _ name: String, _ destination: String, _ volumes: VolumeStore, readOnly: Bool, mode: String
    ) -> MountRecord {
        MountRecord(
            point: MountPoint(
                type: "volume", name: name, source: volumes.hostPath(name), destination: destination,
                driver: "local", mode: mode, rw: !readOnly, propagation: ""))
    }

    private static func anonymous(_ destination: String, _ volumes: VolumeStore, readOnly: Bool) -> MountRecord {
        var record = volume(Identifier.random(), destination, volumes, readOnly: readOnly, mode: "")
        record.anonymous = true
        return record
    }

    // MARK: --mount

    private static func mount(_ request: MountRequest, _ volumes: VolumeStore) throws(EngineError) -> MountRecord {
        let type = request.type ?? ""
        try check(destination: request.target ?? "", type: type)
        let destination = PathText.clean(request.target ?? "")
        let readOnly = request.readOnly ?? false
        switch type {
        case "bind": return try bindMount(request, destination, readOnly)
        case "volume": return try volumeMount(request, destination, volumes, readOnly)
        case "tmpfs":
            guard (request.source ?? "").isEmpty else {
                throw invalid(type, "Source must not be specified")
            }
            let point = MountPoint(type: "tmpfs", destination: destination, rw: !readOnly)
            return MountRecord(point: point, options: try tmpfsOptions(request.tmpfsOptions, readOnly))
        case "image", "cluster", "npipe": throw Refusals.refusal("HostConfig.Mounts of type \"\(type)\" (--mount)")
        default: throw EngineError(.invalidParameter, "mount type unknown: \"\(type)\"")
        }
    }

    private static func bindMount(
        _ request: MountRequest, _ destination: String, _ readOnly: Bool
    ) throws(EngineError) -> MountRecord {
        let source = request.source ?? ""
        guard !source.isEmpty else { throw invalid("bind", "field Source must not be empty") }
        guard source.hasPrefix("/") else {
            throw invalid("bind", "invalid mount path: '\(source)' mount path must be absolute")
        }
        let creates = request.bindOptions?.createMountpoint ?? false
        guard creates || HostPath.exists(source) else {
            throw invalid("bind", "bind source path does not exist: \(source)")
        }
        if request.bindOptions?.readOnlyForceRecursive == true {
            throw Refusals.refusal("HostConfig.Mounts.BindOptions.ReadOnlyForceRecursive (bind-recursive=readonly)")
        }
        let propagation = request.bindOptions?.propagation ?? ""
        guard propagation.isEmpty || BindOptions.propagations.contains(propagation) else {
            throw invalid("bind", "invalid propagation mode: \(propagation)")
        }
        let point = MountPoint(
            type: "bind", source: PathText.clean(source), destination: destination, rw: !readOnly,
            propagation: propagation.isEmpty ? "rprivate" : propagation)
        let options = request.bindOptions?.nonRecursive == true ? ["bind"] : []
        return MountRecord(point: point, options: options, createsSource: creates)
    }

    private static func volumeMount(
        _ request: MountRequest, _ destination: String, _ volumes: VolumeStore, _ readOnly: Bool
    ) throws(EngineError) -> MountRecord {
        let options = request.volumeOptions
        if let driver = options?.driverConfig?.name, !driver.isEmpty, driver != "local" {
            throw EngineError(
                .notFound, "error looking up volume plugin \(driver): plugin \"\(driver)\" not found")
        }
        if let settings = options?.driverConfig?.options, !settings.isEmpty {
            throw Refusals.refusal("HostConfig.Mounts.VolumeOptions.DriverConfig.Options (volume-opt)")
        }
        if let subpath = options?.subpath, !subpath.isEmpty {
            throw Refusals.refusal("HostConfig.Mounts.VolumeOptions.Subpath (volume-subpath)")
        }
        if let labels = options?.labels, !labels.isEmpty {
            throw Refusals.refusal("HostConfig.Mounts.VolumeOptions.Labels (volume-label)")
        }
        let name = request.source ?? ""
        if name.isEmpty { return anonymous(destination, volumes, readOnly: readOnly) }
        try VolumeName.validate(name)
        var record = volume(name, destination, volumes, readOnly: readOnly, mode: "z")
        record.noCopy = options?.noCopy ?? false
        return record
    }

    private static func tmpfsOptions(_ options: TmpfsOptions?, _ readOnly: Bool) throws(EngineError) -> [String] {
        var result = TmpfsOptionText.standard
        if readOnly { result.append("ro") }
        guard let options else { return result }
        if let size = options.sizeBytes, size != 0 {
            guard size > 0 else { throw invalid("tmpfs", "size must not be negative") }
            result.append("size=\(size)")
        }
        if let mode = options.mode, mode != 0 { result.append("mode=\(String(mode, radix: 8))") }
        if let more = options.options, !more.isEmpty {
            throw Refusals.refusal("HostConfig.Mounts.TmpfsOptions.Options")
        }
        return result
    }

    private static func check(destination: String, type: String) throws(EngineError) {
        guard !destination.isEmpty else { throw invalid(type, "field Target must not be empty") }
        guard destination.hasPrefix("/") else {
            throw invalid(type, "invalid mount path: '\(destination)' mount path must be absolute")
        }
        guard PathText.clean(destination) != "/" else {
            throw invalid(type, "invalid specification: destination can't be '/'")
        }
    }

    private static func invalid(_ type: String, _ why: String) -> EngineError {
        EngineError(.invalidParameter, "invalid mount config for type \"\(type)\": \(why)")
    }
}
