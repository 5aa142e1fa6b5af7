// SPDX-License-Identifier: Apache-2.0

package import EngineAPI
internal import JSON
internal import MetadataStore
internal import OCI

extension ImageStore {
    /// Finds an image by name, by name and digest, by ID or by a unique prefix of its ID. Throws `.notFound` with
    /// `No such image: busybox:latest`.
    package func resolve(_ reference: String) throws(EngineError) -> Image {
        let found = try find(reference)
        return image(found.id, found.record)
    }

    /// What a reference meant: an image, and the name if it was one.
    struct Found {
        var id: Digest
        var record: ImageRecord
        /// The full name that was given; nil if the image was found by its ID.
        var name: ImageReference?
        /// Given as `repository@digest`: which of its names are meant.
        var repository: String?
    }

    func find(_ text: String) throws(EngineError) -> Found {
        try ImageFinder(images: tables.images.all, tags: tables.tags.all).find(text)
    }

    /// Full names of the image, sorted.
    func names(of id: Digest) -> [ImageReference] {
        tables.tags.all.filter { $0.value.image == id }.keys.sorted().compactMap { try? ImageReference($0) }
    }

    func image(_ id: Digest, _ record: ImageRecord) -> Image {
        Image(
            id: id, names: names(of: id), configuration: record.configuration, layers: record.layers,
            target: record.target, manifest: record.manifest, size: size(of: record),
            created: record.configuration.created ?? .zero)
    }

    /// Bytes on disk: blobs and unpacked layers.
    func size(of record: ImageRecord) -> Int64 {
        record.blobs.reduce(0) { $0 + $1.size } + unpackedSize(of: record)
    }

    func unpackedSize(of record: ImageRecord) -> Int64 {
        Set(record.layers).reduce(0) { $0 + (tables.layers[$1.description]?.bytes ?? 0) }
    }

    /// Bytes on disk of all images' blobs and layers, each counted once.
    package func diskUsage() -> Int64 {
        var blobs: Set<ImageRecord.BlobUse> = []
        for image in tables.images.all.values { blobs.formUnion(image.blobs) }
        return blobs.reduce(0) { $0 + $1.size } + tables.layers.all.values.reduce(0) { $0 + $1.bytes }
    }
}

/// Docker's rules for what a reference means, over one snapshot.
struct ImageFinder {
    let images: [String: ImageRecord]
    let tags: [String: TagRecord]

    func find(_ text: String) throws(EngineError) -> ImageStore.Found {
        if let digest = fullID(text) {
            guard let record = images[digest.description] else { throw missing(digest.description) }
            return .init(id: digest, record: record)
        }
        let reference: ImageReference
        do throws(ReferenceError) { reference = try ImageReference(text).tagged } catch {
            throw EngineError(.invalidParameter, error.description, cause: error)
        }
        if let digest = reference.digest { return try find(digest, in: reference) }
        if let tag = tags[reference.description], let record = images[tag.image.description] {
            return .init(id: tag.image, record: record, name: reference)
        }
        return try findPrefix(text, reference)
    }

    /// `sha256:` with all digits, or the digits alone.
    private func fullID(_ text: String) -> Digest? {
        if let digest = try? Digest(text) { return digest }
        return text.utf8.count == 64 ? try? Digest("sha256:" + text) : nil
    }

    private func find(_ digest: Digest, in reference: ImageReference) throws(EngineError) -> ImageStore.Found {
        let isNamed = tags.contains { name, tag in
            tag.image == digest && (try? ImageReference(name))?.repository == reference.repository
        }
        guard isNamed, let record = images[digest.description] else { throw missing(reference.familiar) }
        return .init(id: digest, record: record, name: nil, repository: reference.repository)
    }

    /// Four or more digits of an ID, with or without `sha256:`.
    private func findPrefix(_ text: String, _ reference: ImageReference) throws(EngineError) -> ImageStore.Found {
        let digits = text.hasPrefix("sha256:") ? String(text.dropFirst(7)) : text
        let isHex = digits.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        guard isHex, (4...64).contains(digits.utf8.count) else { throw missing(reference.familiar) }
        let matches = images.filter { $0.key.hasPrefix("sha256:" + digits) }
        guard matches.count <= 1 else { throw EngineError(.notFound, "ambiguous reference") }
        guard let record = matches.first?.value else { throw missing(reference.familiar) }
        return .init(id: record.target.digest, record: record)
    }

    private func missing(_ name: String) -> EngineError { EngineError(.notFound, "No such image: \(name)") }
}
