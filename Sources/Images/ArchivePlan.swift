// SPDX-License-Identifier: Apache-2.0

internal import Archive
internal import JSON
internal import OCI

/// Finds the images in an archive's files: an OCI layout (as Docker 25 and later, skopeo and buildah write it), or
/// docker-archive's `manifest.json`. Where both are, the layout counts, since it has the digests.
struct ArchivePlan: BlobFinder {
    private var contents: ArchiveContents
    private let content: ContentStore
    private let platform: Platform
    private var byDigest: [Digest: IngestedBlob] = [:]
    private(set) var images: [PlannedImage] = []

    init(_ contents: ArchiveContents, content: ContentStore, platform: Platform) throws {
        self.contents = contents
        self.content = content
        self.platform = platform
        for blob in contents.files.values { byDigest[blob.digest] = blob }
        if let index = try contents.document("index.json"), contents["oci-layout"] != nil {
            try readLayout(index)
        } else if let manifest = try contents.document("manifest.json") {
            try readDockerArchive(manifest)
        } else {
            throw ArchiveError(.unsupported, "unrecognized image format")
        }
        guard !images.isEmpty else { throw ArchiveError(.corrupt, "the archive has no image in it") }
        try checkNames()
    }

    /// A name for two images would give whoever reads it one or the other (rule R22). Drops repeated ones of one image.
    private mutating func checkNames() throws {
        var taken: Set<String> = []
        for index in images.indices {
            var own: Set<String> = []
            images[index].names.removeAll { !own.insert($0.reference.description).inserted }
            for name in images[index].names where !taken.insert(name.reference.description).inserted {
                throw ArchiveError(.corrupt, "the name \(name.reference.familiar) is given to two images")
            }
        }
    }

    func size(of digest: Digest) throws -> Int64? { try byDigest[digest]?.size ?? content.size(of: digest) }

    func read(_ digest: Digest) throws -> [UInt8] {
        if let blob = byDigest[digest] { return try contents.ingest.read(blob) }
        return try content.read(digest)
    }

    /// The blob, if the archive has it.
    func blob(_ digest: Digest) -> IngestedBlob? { byDigest[digest] }

    // MARK: OCI layout

    private mutating func readLayout(_ bytes: [UInt8]) throws {
        let index: ImageIndex
        do throws(JSONError) { index = try JSON.decode(ImageIndex.self, from: bytes) } catch {
            throw ArchiveError(.corrupt, "index.json: \(error)")
        }
        for descriptor in index.manifests {
            let name = try layoutName(descriptor)
            let known = images.firstIndex { $0.target.digest == descriptor.digest }
            if known == nil {
                let walk = ManifestWalk(blobs: self, platform: platform)
                images.append(try walk.image(descriptor, name: name?.familiar ?? descriptor.digest.description))
            }
            guard let name else { continue }
            images[known ?? images.count - 1].names.append(.init(reference: name, annotations: descriptor.annotations))
        }
    }

    /// The name an index's entry has: a full one, or one in `ref.name` where that is more than a tag.
    private func layoutName(_ descriptor: Descriptor) throws -> ImageReference? {
        let annotations = descriptor.annotations ?? [:]
        var text = annotations[Annotation.imageName]
        if text == nil, let name = annotations[Annotation.refName], name.contains("/") || name.contains(":") {
            text = name
        }
        guard let text else { return nil }
        return try reference(text)
    }

    private func reference(_ text: String) throws -> ImageReference {
        do throws(ReferenceError) { return try ImageReference(text).tagged } catch {
            throw ArchiveError(.corrupt, "\"\(text)\": \(error)")
        }
    }

    // MARK: docker-archive

    private struct DockerImage: Codable {
        var Config: String
        var RepoTags: [String]?
        var Layers: [String]
    }

    private mutating func readDockerArchive(_ bytes: [UInt8]) throws {
        let entries: [DockerImage]
        do throws(JSONError) { entries = try JSON.decode([DockerImage].self, from: bytes) } catch {
            throw ArchiveError(.corrupt, "manifest.json: \(error)")
        }
        for entry in entries { try add(entry) }
    }

    private mutating func add(_ entry: DockerImage) throws {
        let manifest = Manifest(
            mediaType: MediaType.dockerManifest, config: try descriptor(entry.Config, MediaType.dockerConfig),
            layers: try entry.Layers.map { try descriptor($0, try layerType($0)) })
        // This very text makes the digest, and so the ID, that Docker gives the same archive.
        let document = try contents.ingest.write(try JSON.encode(manifest))
        byDigest[document.digest] = document
        let target = Descriptor(mediaType: MediaType.dockerManifest, digest: document.digest, size: document.size)
        let names = try (entry.RepoTags ?? []).map { text in
            let name = try reference(text)
            return PlannedImage.Name(
                reference: name,
                annotations: [Annotation.imageName: name.description, Annotation.refName: name.tag ?? "latest"])
        }
        if let known = images.firstIndex(where: { $0.target.digest == target.digest }) {
            images[known].names += names
            return
        }
        let walk = ManifestWalk(blobs: self, platform: platform)
        var image = try walk.image(target, name: names.first?.reference.familiar ?? entry.Config)
        image.names = names
        images.append(image)
    }

    private func descriptor(_ path: String, _ mediaType: String) throws -> Descriptor {
        guard let blob = contents[path] else {
            throw ArchiveError(.corrupt, "manifest.json names \(path), which the archive does not have")
        }
        return Descriptor(mediaType: mediaType, digest: blob.digest, size: blob.size)
    }

    private func layerType(_ path: String) throws -> String {
        guard let blob = contents[path] else { return MediaType.dockerLayer }
        let magic = try FileSource(contents.ingest.open(blob)).read(atMost: Compression.magicBytes)
        let compression = Compression(magic: magic)
        return compression == .none ? MediaType.dockerLayer : "\(MediaType.dockerLayer).\(compression.rawValue)"
    }
}
