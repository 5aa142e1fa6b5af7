// SPDX-License-Identifier: Apache-2.0

internal import JSON
internal import MetadataStore
internal import OCI

/// What the metadata keeps of an image; the key is its ID.
struct ImageRecord: Codable, Sendable {
    /// What its names point at, without annotations: those belong to the name.
    var target: Descriptor
    /// The manifest for this machine.
    var manifest: Descriptor
    var configuration: ImageConfiguration
    /// Chain IDs, lowest first.
    var layers: [Digest]
    /// Every blob in the store that can be reached from `target`.
    var blobs: [BlobUse]
    /// When it came into the store.
    var stored: Timestamp

    struct BlobUse: Codable, Sendable, Hashable {
        var digest: Digest
        var size: Int64
    }
}

/// A name of an image; the key is the full name, `docker.io/library/busybox:latest`.
struct TagRecord: Codable, Sendable {
    var image: Digest
    /// Of the descriptor in the index the name came from.
    var annotations: [String: String]?
    var tagged: Timestamp
}

/// An unpacked layer; the key is its chain ID.
struct LayerRecord: Codable, Sendable {
    var diffID: Digest
    /// The chain ID of the layer below.
    var parent: Digest?
    /// On disk, unpacked.
    var bytes: Int64
}

/// Which layers a container's writable one lies on; the key is the container's ID.
struct WritableLayerRecord: Codable, Sendable {
    var image: Digest
    var layers: [Digest]
}

/// The image store's tables.
struct ImageTables: Sendable {
    var store: MetadataStore
    var images: Table<ImageRecord>
    var tags: Table<TagRecord>
    var layers: Table<LayerRecord>
    var containers: Table<WritableLayerRecord>

    init(_ store: MetadataStore) throws {
        self.store = store
        images = try store.table("images", of: ImageRecord.self)
        tags = try store.table("image-tags", of: TagRecord.self)
        layers = try store.table("layers", of: LayerRecord.self)
        containers = try store.table("writable-layers", of: WritableLayerRecord.self)
    }
}
