// SPDX-License-Identifier: Apache-2.0

package import EngineAPI
internal import JSON
internal import MetadataStore
internal import OCI

extension ImageStore {
    /// `GET /images/json`, newest first. `all` adds nothing: there are no intermediate images.
    package func list(all: Bool, filters: Filters, manifests: Bool) throws(EngineError) -> [ImageSummary] {
        let filter = try ImageFilter(filters, self)
        let tags = Dictionary(grouping: tables.tags.all) { $0.value.image }
        var rows: [(created: Timestamp, summary: ImageSummary)] = []
        for record in tables.images.all.values {
            let names = (tags[record.target.digest] ?? []).sorted { $0.key < $1.key }
            guard let kept = filter.names(names.compactMap { try? ImageReference($0.key) }, of: record) else {
                continue
            }
            let annotations = names.first?.value.annotations
            let created = record.configuration.created ?? .zero
            rows.append((created, summary(record, names: kept, annotations, manifests)))
        }
        return rows.sorted { ($1.created, $0.summary.id) < ($0.created, $1.summary.id) }.map(\.summary)
    }

    private func summary(
        _ record: ImageRecord, names: [ImageReference], _ annotations: [String: String]?, _ manifests: Bool
    ) -> ImageSummary {
        let id = record.target.digest
        let created = record.configuration.created
        return ImageSummary(
            containers: -1, created: created == .zero ? 0 : created?.seconds ?? 0, id: id.description,
            labels: record.configuration.config?.labels ?? [:], parentId: "",
            descriptor: ImageDescriptor(record.target, annotations),
            manifests: manifests ? [manifestSummary(record, annotations)] : nil,
            repoDigests: Self.repoDigests(names, id), repoTags: names.map(\.familiar), sharedSize: -1,
            size: size(of: record))
    }

    /// `busybox@sha256:…` for each repository the image has a name in.
    static func repoDigests(_ names: [ImageReference], _ id: Digest) -> [String] {
        Set(names.map { "\($0.familiarRepository)@\(id)" }).sorted()
    }

    func manifestSummary(_ record: ImageRecord, _ annotations: [String: String]?) -> ImageManifestSummary {
        let unpacked = unpackedSize(of: record)
        let content = record.blobs.reduce(0) { $0 + $1.size }
        let platform = record.configuration.platform
        let isTarget = record.manifest.digest == record.target.digest
        return ImageManifestSummary(
            id: record.manifest.digest.description,
            descriptor: ImageDescriptor(record.manifest, isTarget ? annotations : record.manifest.annotations),
            available: true, size: ImageManifestSize(content: content, total: content + unpacked), kind: "image",
            imageData: ImageManifestData(
                platform: ImagePlatform(
                    architecture: platform.architecture, os: platform.os, variant: platform.variant),
                size: ImageUnpackedSize(unpacked: unpacked)))
    }
}

extension ImageDescriptor {
    init(_ descriptor: Descriptor, _ annotations: [String: String]?) {
        self.init(
            mediaType: descriptor.mediaType, digest: descriptor.digest.description, size: descriptor.size,
            annotations: annotations,
            platform: descriptor.platform.map {
                ImagePlatform(architecture: $0.architecture, os: $0.os, variant: $0.variant)
            })
    }
}
