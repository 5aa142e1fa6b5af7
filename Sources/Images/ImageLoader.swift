// SPDX-License-Identifier: Apache-2.0

internal import Archive
internal import EngineAPI
internal import JSON
internal import Linux
internal import MetadataStore
internal import OCI

/// One `load`: reads the archive into the ingest directory, unpacks its layers meanwhile, checks everything, and only
/// then takes it into the store, in one transaction. Whatever fails before that leaves nothing.
struct ImageLoader {
    let content: ContentStore
    let layers: LayerStore
    let tables: ImageTables
    let leases: Leases
    let platform: Platform
    /// nil: a quiet load.
    let progress: LoadProgress?

    /// An image that is in the store now.
    struct Loaded {
        var id: Digest
        var names: [ImageReference]
    }

    func load(_ source: any ByteSource) throws -> [Loaded] {
        let ingest = try content.ingest()
        var unpacking = try Unpacking(layers)
        let known = knownBlobs()
        var contents = ArchiveContents(ingest: ingest)
        let tar = try Decompressed(source)
        try contents.read(TarReader(tar.source, requireEnd: true)) { blob, head in
            // Begun before it is known what the file is: manifests come last in most archives.
            guard Self.looksLikeLayer(head), !known.contains(blob.digest) else { return }
            begin(blob, in: ingest, &unpacking)
        }
        let plan = try ArchivePlan(contents, content: content, platform: platform)
        var digests: Set<Digest> = []
        for image in plan.images {
            digests.formUnion(image.blobs.map(\.digest))
            digests.formUnion(LayerStore.chainIDs(image.configuration.rootfs.diffIDs))
        }
        return try leases.holding(digests) { try commit(plan, ingest, &unpacking) }
    }

    /// Blobs whose layers are unpacked already.
    private func knownBlobs() -> Set<Digest> {
        var result: Set<Digest> = []
        for image in tables.images.all.values where image.layers.allSatisfy({ tables.layers[$0.description] != nil }) {
            result.formUnion(image.blobs.map(\.digest))
        }
        return result
    }

    private static func looksLikeLayer(_ head: [UInt8]) -> Bool {
        Compression(magic: head) != .none || (head.count >= 263 && Array(head[257..<262]) == Array("ustar".utf8))
    }

    private func commit(_ plan: ArchivePlan, _ ingest: Ingest, _ unpacking: inout Unpacking) throws -> [Loaded] {
        // BEFORE anything is renamed into place: all layers of all images, so that a bad one keeps all of them out.
        var ready: [Digest: UnpackedLayer] = [:]
        for image in plan.images { try unpack(image, plan, ingest, &unpacking, &ready) }
        for image in plan.images {
            for use in image.blobs where try content.size(of: use.digest) == nil {
                guard let blob = plan.blob(use.digest) else {
                    throw ArchiveError(.corrupt, "the blob \(use.digest) is not there")
                }
                try content.commit(blob, from: ingest)
            }
        }
        var records: [Digest: LayerRecord] = [:]
        for image in plan.images { try place(image, ready, &records) }
        // AFTER all renames, BEFORE the transaction: what the metadata refers to is on disk.
        try content.sync()
        return try record(plan.images, records)
    }

    private func begin(_ blob: IngestedBlob, in ingest: Ingest, _ unpacking: inout Unpacking) {
        unpacking.begin(blob.digest) { [progress] in
            let file = FileSource(try ingest.open(blob))
            return progress?.watching(file, blob.digest, size: blob.size) ?? file
        }
    }

    /// Has every layer of the image that is not in the store unpacked and checked against its diff ID.
    private func unpack(
        _ image: PlannedImage, _ plan: ArchivePlan, _ ingest: Ingest, _ unpacking: inout Unpacking,
        _ ready: inout [Digest: UnpackedLayer]
    ) throws {
        let diffIDs = image.configuration.rootfs.diffIDs
        let chains = LayerStore.chainIDs(diffIDs)
        let missing = chains.indices.filter {
            !layers.contains(chains[$0]) || tables.layers[chains[$0].description] == nil
        }
        for index in missing {
            let digest = image.layers[index].digest
            if let blob = plan.blob(digest) {
                begin(blob, in: ingest, &unpacking)
            } else {
                unpacking.begin(digest) { [content] in FileSource(try content.open(digest)) }
            }
        }
        for index in missing where ready[chains[index]] == nil {
            let digest = image.layers[index].digest
            var layer: UnpackedLayer?
            do {
                layer = try unpacking.layer(digest)
                // The same layer at another place in a stack is another chain, with a directory of its own.
                if let taken = layer, ready.values.contains(where: { $0 === taken }) {
                    let blob = try plan.blob(digest).map { try ingest.open($0) } ?? content.open(digest)
                    layer = try layers.unpack(try Decompressed(FileSource(blob)).source, diffID: taken.diffID)
                }
            } catch { throw Self.failure(ofLayer: digest, error) }
            guard let layer, layer.diffID == diffIDs[index] else {
                throw ArchiveError(
                    .corrupt,
                    "layer \(digest): it unpacks to \(layer?.diffID?.description ?? "nothing"), "
                        + "the configuration says \(diffIDs[index])")
            }
            ready[chains[index]] = layer
        }
    }

    /// What is wrong with a layer; or, where the machine can't hold it, with the machine.
    static func failure(ofLayer digest: Digest, _ error: any Error) -> any Error {
        let machines: [Errno.Code] = [
            .noSpace, .quotaExceeded, .io, .noMemory, .readOnlyFileSystem, .tooManyFiles,
        ]
        if let error = error as? Errno, machines.contains(error.code) {
            return EngineError(.system, "layer \(digest.short): \(error)", cause: error)
        }
        return ArchiveError(.corrupt, "layer \(digest.short): \(error)")
    }

    private func place(
        _ image: PlannedImage, _ ready: [Digest: UnpackedLayer], _ records: inout [Digest: LayerRecord]
    ) throws {
        let diffIDs = image.configuration.rootfs.diffIDs
        let chains = LayerStore.chainIDs(diffIDs)
        for (index, chain) in chains.enumerated() {
            guard let layer = ready[chain], records[chain] == nil else { continue }
            try layers.commit(layer, as: chain, on: Array(chains[..<index]))
            records[chain] = LayerRecord(
                diffID: diffIDs[index], parent: index > 0 ? chains[index - 1] : nil, bytes: layer.bytes)
        }
    }

    private func record(_ images: [PlannedImage], _ records: [Digest: LayerRecord]) throws -> [Loaded] {
        let now = Timestamp.now
        return try tables.store.write { tx in
            for (chain, record) in records { try tx.put(tables.layers, chain.description, record) }
            return try images.map { image in
                let id = image.target.digest
                let old = tx.get(tables.images, id.description)
                let record = ImageRecord(
                    target: image.target, manifest: image.manifest, configuration: image.configuration,
                    layers: LayerStore.chainIDs(image.configuration.rootfs.diffIDs),
                    blobs: image.blobs.sorted { $0.digest < $1.digest }, stored: old?.stored ?? now)
                try tx.put(tables.images, id.description, record)
                for name in image.names {
                    let tag = TagRecord(image: id, annotations: name.annotations, tagged: now)
                    try tx.put(tables.tags, name.reference.description, tag)
                }
                return Loaded(id: id, names: image.names.map(\.reference))
            }
        }
    }
}
