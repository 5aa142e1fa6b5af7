// SPDX-License-Identifier: Apache-2.0

internal import OCI

/// An image that an archive holds, read and checked, before anything of it is in the store.
struct PlannedImage {
    var target: Descriptor
    /// Its own `target`, or what an index lists for this machine.
    var manifest: Descriptor
    var configuration: ImageConfiguration
    /// The layers' blobs, lowest first, beside `configuration.rootfs.diffIDs`.
    var layers: [Descriptor]
    /// Everything that can be reached from `target` and is there.
    var blobs: Set<ImageRecord.BlobUse>
    var names: [Name]

    struct Name {
        var reference: ImageReference
        var annotations: [String: String]?
    }
}

/// Where a document or a layer is looked for: in the archive, then in the store.
protocol BlobFinder {
    /// The size of the blob; nil if it is nowhere.
    func size(of digest: Digest) throws -> Int64?
    /// A document, whose digest is right.
    func read(_ digest: Digest) throws -> [UInt8]
}
