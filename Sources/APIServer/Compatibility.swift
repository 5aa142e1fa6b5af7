// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI

/// The one place that knows versions of the API, and what differs between them.
enum Compatibility {
    /// Takes `/v1.43` off a path; without it the newest version is meant. Refuses versions outside the range.
    static func version(ofPath path: String) throws(EngineError) -> (APIVersion, rest: Substring) {
        guard path.hasPrefix("/v"), let end = path.dropFirst(2).firstIndex(of: "/"),
            let version = APIVersion(path[path.index(path.startIndex, offsetBy: 2)..<end])
        else { return (APIVersion.newest, path[...]) }
        guard version >= APIVersion.oldest else {
            throw EngineError(
                .invalidParameter,
                "client version \(version) is too old. Minimum supported API version is \(APIVersion.oldest), please upgrade your "
                    + "client to a newer version")
        }
        guard version <= APIVersion.newest else {
            throw EngineError(
                .invalidParameter,
                "client version \(version) is too new. Maximum supported API version is \(APIVersion.newest)")
        }
        return (version, path[end...])
    }

    /// The media type of a container's streams: since 1.42 it says whether there are frames.
    static func streamType(_ version: APIVersion, isTerminal: Bool) -> String {
        !isTerminal && version >= APIVersion(1, 42)
            ? "application/vnd.docker.multiplexed-stream" : "application/vnd.docker.raw-stream"
    }

    /// What an older client means by what it leaves out or can't mean.
    static func upgrade(_ request: inout ContainerCreateRequest, from version: APIVersion) {
        if version < APIVersion(1, 40), request.hostConfig.ipcMode.isEmpty {
            request.hostConfig.ipcMode = "shareable"
        }
        if version < APIVersion(1, 41), request.hostConfig.cgroupnsMode.isEmpty {
            request.hostConfig.cgroupnsMode = "host"
        }
        if version < APIVersion(1, 42) { request.hostConfig.consoleSize = ConsoleSize() }
        if version < APIVersion(1, 43) { request.hostConfig.annotations = nil }
        if version < APIVersion(1, 44) {
            request.config.healthcheck?.startInterval = nil
            // Read-only did not go deeper than the mount itself.
            for (index, mount) in (request.hostConfig.mounts ?? []).enumerated()
            where mount.type == "bind" && mount.readOnly == true {
                var options = mount.bindOptions ?? BindOptions()
                options.readOnlyNonRecursive = true
                request.hostConfig.mounts?[index].bindOptions = options
            }
        }
        // Since 1.42 the kernel's memory can't be limited, and the field is ignored.
        if version >= APIVersion(1, 42) { request.hostConfig.kernelMemory = nil }
    }

    static func upgrade(_ request: inout ContainerUpdateRequest, from version: APIVersion) {
        if version < APIVersion(1, 40) { request.pidsLimit = nil }
        if version >= APIVersion(1, 42) { request.kernelMemory = nil }
    }

    /// `docker images NAME` of clients before 1.41 may say the name in a parameter of its own.
    static func addFilter(_ name: String?, to filters: inout Filters, from version: APIVersion) {
        guard version < APIVersion(1, 41), let name, !name.isEmpty else { return }
        filters.values["reference", default: []].append(name)
    }

    static func downgrade(_ images: [ImageSummary], to version: APIVersion) -> [ImageSummary] {
        images.map { image in
            var image = image
            if version < APIVersion(1, 44) { image.virtualSize = image.size }
            if version < APIVersion(1, 47) { image.manifests = nil }
            if version < APIVersion(1, 48) { image.descriptor = nil }
            return image
        }
    }

    static func downgrade(_ image: ImageInspect, to version: APIVersion) -> ImageInspect {
        var image = image
        if version < APIVersion(1, 44) { image.virtualSize = image.size }
        if version < APIVersion(1, 48) {
            image.manifests = nil
            image.descriptor = nil
        }
        return image
    }

    static func downgrade(_ containers: [ContainerSummary], to version: APIVersion) -> [ContainerSummary] {
        if version >= APIVersion(1, 48) { return containers }
        return containers.map { container in
            var container = container
            container.imageManifestDescriptor = nil
            return container
        }
    }

    static func downgrade(_ container: ContainerInspect, to version: APIVersion) -> ContainerInspect {
        var container = container
        if version < APIVersion(1, 48) { container.imageManifestDescriptor = nil }
        return container
    }
}
