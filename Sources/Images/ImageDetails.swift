// SPDX-License-Identifier: Apache-2.0

package import EngineAPI
internal import JSON
internal import MetadataStore
internal import OCI

extension ImageStore {
    /// `GET /images/{name}/json`.
    package func inspect(_ reference: String, manifests: Bool = false) throws(EngineError) -> ImageInspect {
        let found = try find(reference)
        let names = names(of: found.id)
        let tags = names.compactMap { tables.tags[$0.description] }
        let own = found.name.flatMap { tables.tags[$0.description] } ?? tags.first
        let configuration = found.record.configuration
        var result = ImageInspect()
        result.id = found.id.description
        result.repoTags = names.map(\.familiar)
        result.repoDigests = Self.repoDigests(names, found.id)
        result.comment = configuration.comment ?? configuration.history?.last?.comment ?? ""
        result.created = configuration.created
        result.dockerVersion = configuration.dockerVersion ?? ""
        result.author = configuration.author ?? ""
        result.config = try Self.defaults(configuration)
        result.architecture = configuration.architecture
        result.variant = configuration.variant
        result.os = configuration.os
        result.osVersion = configuration.osVersion
        result.size = size(of: found.record)
        result.graphDriver = DriverData(data: nil, name: driverName)
        result.rootFS = ImageRootFS(type: "layers", layers: configuration.rootfs.diffIDs.map(\.description))
        result.metadata = ImageMetadata(lastTagTime: tags.map(\.tagged).max() ?? .zero)
        result.descriptor = ImageDescriptor(found.record.target, own?.annotations)
        if manifests { result.manifests = [manifestSummary(found.record, own?.annotations)] }
        return result
    }

    /// The configuration's defaults for containers, as the API has them: the same members, which the API always writes.
    private static func defaults(_ configuration: ImageConfiguration) throws(EngineError) -> ImageConfig {
        guard let config = configuration.config else { return ImageConfig() }
        do throws(JSONError) { return try JSON.decode(ImageConfig.self, from: try JSON.value(config)) } catch {
            throw EngineError(.system, "the image's configuration is not readable: \(error)", cause: error)
        }
    }

    /// `GET /images/{name}/history`, newest first.
    package func history(_ reference: String) throws(EngineError) -> [ImageHistoryItem] {
        let found = try find(reference)
        let steps = found.record.configuration.history ?? []
        var layers = found.record.layers[...]
        var items: [ImageHistoryItem] = []
        for step in steps {
            let layer = step.emptyLayer == true ? nil : layers.popFirst()
            let created = step.created ?? .zero
            items.append(
                ImageHistoryItem(
                    comment: step.comment ?? "", created: created == .zero ? 0 : created.seconds,
                    createdBy: step.createdBy ?? "", id: "<missing>",
                    size: layer.flatMap { tables.layers[$0.description]?.bytes } ?? 0, tags: nil))
        }
        if let last = items.indices.last {
            items[last].id = found.id.description
            items[last].tags = names(of: found.id).map(\.familiar)
        }
        return items.reversed()
    }
}
