// SPDX-License-Identifier: Apache-2.0

internal import Archive
internal import JSON
internal import OCI

/// Follows a descriptor down to the configuration and layers for one platform, checking on the way that everything is
/// what its descriptor says (rule R22).
struct ManifestWalk {
    /// Indexes inside each other.
    private static let deepest = 4

    let blobs: any BlobFinder
    let platform: Platform

    /// The image that `target` is. `name` is for messages.
    func image(_ target: Descriptor, name: String) throws -> PlannedImage {
        var reached: Set<ImageRecord.BlobUse> = []
        var offered: [String] = []
        guard let found = try find(target, depth: 0, reached: &reached, offered: &offered) else {
            let what = offered.isEmpty ? "nothing that runs" : offered.joined(separator: ", ")
            throw ArchiveError(.unsupported, "\(name): there is no image for \(platform) in it, only \(what)")
        }
        var bare = target
        bare.annotations = nil
        return PlannedImage(
            target: bare, manifest: found.0, configuration: found.1, layers: found.2, blobs: reached, names: [])
    }

    private typealias Found = (Descriptor, ImageConfiguration, [Descriptor])

    private func find(
        _ descriptor: Descriptor, depth: Int, reached: inout Set<ImageRecord.BlobUse>, offered: inout [String]
    ) throws -> Found? {
        guard depth < Self.deepest else { throw ArchiveError(.limit, "indexes are nested too deep") }
        guard try use(descriptor, &reached) else {
            guard depth == 0 else { return nil }  // An index may list platforms that were not saved.
            throw ArchiveError(.corrupt, "\(descriptor.mediaType) \(descriptor.digest) is not there")
        }
        let document: ManifestDocument
        do throws(JSONError) {
            document = try ManifestDocument(try read(descriptor.digest), mediaType: descriptor.mediaType)
        } catch { throw ArchiveError(.corrupt, "\(descriptor.digest): \(error)") }
        switch document {
        case .index(let index):
            var found: Found?
            for child in index.manifests {
                let wanted = found == nil && runs(child)
                var others: [String] = []
                let result = try find(child, depth: depth + 1, reached: &reached, offered: &others)
                offered += others
                if wanted, let result { found = result }
            }
            return found
        case .manifest(let manifest):
            return try image(manifest, descriptor, &reached, &offered)
        }
    }

    private func read(_ digest: Digest) throws(JSONError) -> [UInt8] {
        do { return try blobs.read(digest) } catch { throw JSONError(place: "", reason: "\(error)") }
    }

    /// Whether an index's entry may be the one: attestations and other platforms are not.
    private func runs(_ child: Descriptor) -> Bool {
        if child.annotations?[Annotation.dockerReferenceType] != nil { return false }
        return child.platform?.runs(on: platform) ?? true
    }

    private func image(
        _ manifest: Manifest, _ descriptor: Descriptor, _ reached: inout Set<ImageRecord.BlobUse>,
        _ offered: inout [String]
    ) throws -> Found? {
        let hasConfig = try use(manifest.config, &reached)
        let missing = try manifest.layers.filter { try !use($0, &reached) }
        // An artefact of another kind (an attestation) is kept, and is no image.
        guard MediaType.isConfig(manifest.config.mediaType),
            manifest.layers.allSatisfy({ MediaType.isLayer($0.mediaType) })
        else { return nil }
        if let platform = descriptor.platform, !platform.runs(on: self.platform) {
            offered.append(platform.description)
            return nil
        }
        guard hasConfig else {
            throw ArchiveError(.corrupt, "the configuration \(manifest.config.digest) is not there")
        }
        let configuration = try self.configuration(manifest.config.digest)
        guard configuration.platform.runs(on: platform) else {
            offered.append(configuration.platform.description)
            return nil
        }
        if let first = missing.first { throw ArchiveError(.corrupt, "the layer \(first.digest) is not there") }
        guard configuration.rootfs.type == "layers", configuration.rootfs.diffIDs.count == manifest.layers.count else {
            throw ArchiveError(
                .corrupt,
                "the configuration has \(configuration.rootfs.diffIDs.count) layers, its manifest \(manifest.layers.count)"
            )
        }
        return (descriptor, configuration, manifest.layers)
    }

    func configuration(_ digest: Digest) throws -> ImageConfiguration {
        do throws(JSONError) {
            return try JSON.decode(ImageConfiguration.self, from: try read(digest))
        } catch {
            throw ArchiveError(.corrupt, "the configuration \(digest) is not readable: \(error)")
        }
    }

    /// Notes that the blob is needed. Returns whether it is there; throws if it has not the size it should.
    private func use(_ descriptor: Descriptor, _ reached: inout Set<ImageRecord.BlobUse>) throws -> Bool {
        guard let size = try blobs.size(of: descriptor.digest) else { return false }
        guard size == descriptor.size else {
            throw ArchiveError(.corrupt, "\(descriptor.digest) has \(size) bytes, not \(descriptor.size)")
        }
        reached.insert(.init(digest: descriptor.digest, size: size))
        return true
    }
}
