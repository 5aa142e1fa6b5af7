// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Linux
internal import Volumes

/// `--mount`, of every type, with Docker's texts.
extension MountPlan {
    func mount(_ request: MountRequest) throws(EngineError) -> MountRecord {
        let type = request.type ?? ""
        try Self.check(destination: request.target ?? "", type: type)
        try checkOptions(request, type)
        let destination = PathText.clean(request.target ?? "")
        switch type {
        case "bind": return try bindMount(request, destination)
        case "volume": return try volumeMount(request, destination)
        case "tmpfs": return try tmpfsMount(request, destination)
        case "image": return try imageMount(request, destination)
        default: throw Self.invalid(type, "mount type unknown")
        }
    }

    /// Each type has options of its own, and no other's.
    private func checkOptions(_ request: MountRequest, _ type: String) throws(EngineError) {
        let given = [
            ("bind", "BindOptions", request.bindOptions != nil),
            ("volume", "VolumeOptions", request.volumeOptions != nil),
            ("image", "ImageOptions", request.imageOptions != nil),
            ("tmpfs", "TmpfsOptions", request.tmpfsOptions != nil),
            ("cluster", "ClusterOptions", request.clusterOptions != nil),
        ]
        for (owner, field, isGiven) in given where isGiven && owner != type {
            throw Self.invalid(type, "field \(field) must not be specified")
        }
        guard ["", "default", "consistent", "cached", "delegated"].contains(request.consistency ?? "") else {
            throw Self.invalid(type, "invalid consistency: \(request.consistency ?? "")")
        }
    }

    // MARK: bind

    private func bindMount(_ request: MountRequest, _ destination: String) throws(EngineError) -> MountRecord {
        let source = request.source ?? ""
        guard !source.isEmpty else { throw Self.invalid("bind", "field Source must not be empty") }
        let propagation = request.bindOptions?.propagation ?? ""
        guard propagation.isEmpty || BindOptions.propagations.contains(propagation) else {
            throw Self.invalid("bind", "invalid propagation mode: \(propagation)")
        }
        guard source.hasPrefix("/") else {
            throw Self.invalid("bind", "invalid mount path: '\(source)' mount path must be absolute")
        }
        let options = request.bindOptions ?? BindOptions()
        let creates = options.createMountpoint ?? false
        guard creates || HostPath.exists(source) else {
            throw Self.invalid("bind", "bind source path does not exist: \(source)")
        }
        let readOnly = request.readOnly ?? false
        let point = MountPoint(
            type: "bind", source: PathText.clean(source), destination: destination, rw: !readOnly,
            propagation: propagation.isEmpty ? "rprivate" : propagation)
        var record = MountRecord(
            point: point, options: options.nonRecursive == true ? ["bind"] : [], createsSource: creates)
        record.readOnlyDepth = try depth(options, readOnly: readOnly)
        return record
    }

    private func depth(_ options: BindOptions, readOnly: Bool) throws(EngineError) -> MountRecord.ReadOnlyDepth? {
        let top = options.readOnlyNonRecursive ?? false, all = options.readOnlyForceRecursive ?? false
        func conflict(_ what: String) -> EngineError {
            EngineError(.invalidParameter, "mount options conflict: \(what)")
        }
        if top, all { throw conflict("ReadOnlyNonRecursive && BindOptions.ReadOnlyForceRecursive") }
        if !readOnly, top { throw conflict("!ReadOnly && BindOptions.ReadOnlyNonRecursive") }
        if !readOnly, all { throw conflict("!ReadOnly && BindOptions.ReadOnlyForceRecursive") }
        return top ? .top : all ? .all : nil
    }

    // MARK: volume

    private func volumeMount(_ request: MountRequest, _ destination: String) throws(EngineError) -> MountRecord {
        let options = request.volumeOptions
        let name = request.source ?? ""
        let subpath = options?.subpath ?? ""
        let readOnly = request.readOnly ?? false
        if !subpath.isEmpty {
            guard !name.isEmpty else {
                throw Self.invalid("volume", "must not set Subpath when using anonymous volumes")
            }
            guard Self.isLocal(subpath) else {
                throw Self.invalid("volume", "subpath must be a relative path within the volume")
            }
        }
        if readOnly, name.isEmpty {
            throw Self.invalid("volume", "must not set ReadOnly mode when using anonymous volumes")
        }
        try Self.check(driver: options?.driverConfig?.name ?? "")
        if let option = options?.driverConfig?.options?.keys.sorted().first {
            throw EngineError(
                .notImplemented,
                "option \"\(option)\" of the local volume driver is not supported yet (HostConfig.Mounts.VolumeOptions.DriverConfig.Options)"
            )
        }
        var record: MountRecord
        if name.isEmpty {
            record = anonymous(destination, readOnly: readOnly)
        } else {
            try VolumeName.validate(name)
            record = volume(name, destination, readOnly: readOnly, mode: "z")
        }
        record.noCopy = options?.noCopy ?? false || !subpath.isEmpty
        record.subpath = subpath.isEmpty ? nil : subpath
        record.labels = options?.labels
        return record
    }

    /// Whether a path stays below where it starts, as text.
    static func isLocal(_ path: String) -> Bool {
        let clean = PathText.clean(path)
        return !path.hasPrefix("/") && clean != ".." && !clean.hasPrefix("../")
    }

    // MARK: image

    /// The image's files, read-only: nothing that a container does shows in an image.
    private func imageMount(_ request: MountRequest, _ destination: String) throws(EngineError) -> MountRecord {
        let source = request.source ?? ""
        guard !source.isEmpty else { throw Self.invalid("image", "field Source must not be empty") }
        let subpath = request.imageOptions?.subpath ?? ""
        guard subpath.isEmpty || Self.isLocal(subpath) else {
            throw Self.invalid("image", "subpath must be a relative path within the image")
        }
        let point = MountPoint(type: "image", source: source, destination: destination, rw: false)
        var record = MountRecord(point: point)
        record.image = try image(source)
        record.subpath = subpath.isEmpty ? nil : subpath
        return record
    }

    // MARK: tmpfs

    private func tmpfsMount(_ request: MountRequest, _ destination: String) throws(EngineError) -> MountRecord {
        guard (request.source ?? "").isEmpty else {
            throw Self.invalid("tmpfs", "field Source must not be specified")
        }
        let readOnly = request.readOnly ?? false
        let point = MountPoint(type: "tmpfs", destination: destination, rw: !readOnly)
        return MountRecord(point: point, options: try tmpfsOptions(request.tmpfsOptions, readOnly))
    }

    private func tmpfsOptions(_ options: TmpfsOptions?, _ readOnly: Bool) throws(EngineError) -> [String] {
        var result = TmpfsOptionText.standard
        if readOnly { result.append("ro") }
        guard let options else { return result }
        if let mode = options.mode, mode != 0 { result.append("mode=\(String(mode, radix: 8))") }
        if let size = options.sizeBytes, size != 0 {
            guard size > 0 else { throw Self.invalid("tmpfs", "size must not be negative") }
            result.append("size=\(size)")
        }
        for option in options.options ?? [] {
            guard (1...2).contains(option.count) else {
                throw Self.invalid("tmpfs", "invalid option array length")
            }
            guard ["exec", "noexec"].contains(option[0]), option.count == 1 else {
                throw Self.invalid("tmpfs", "invalid option: \(option[0])")
            }
            result.removeAll { $0 == "exec" || $0 == "noexec" }
            result.append(option[0])
        }
        return result
    }
}
