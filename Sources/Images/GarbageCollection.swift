// SPDX-License-Identifier: Apache-2.0

internal import Linux
internal import Logging
internal import MetadataStore
internal import OCI

extension ImageStore {
    /// Removes those of the blobs and layers that nothing refers to any more.
    func sweep(blobs: Set<Digest>, chains: Set<Digest>) {
        var trash: [@Sendable () throws -> Void] = []
        leases.withoutHolders(of: blobs.union(chains)) { digest in
            let live = liveDigests()
            do {
                if blobs.contains(digest), !live.contains(digest) { try content.remove(digest) }
                if chains.contains(digest), !live.contains(digest) {
                    try tables.store.write(durability: .normal) { tx in try tx.delete(tables.layers, digest.description)
                    }
                    trash.append(try layers.detach(digest))
                }
            } catch {
                // It stays as garbage, which the next start collects.
                logger.warning("cannot remove \(digest)", metadata: ["error": "\(error)"])
            }
        }
        remove(trash)
    }

    /// Blobs and chains of all images, and chains that containers stand on.
    private func liveDigests() -> Set<Digest> {
        var live: Set<Digest> = []
        for image in tables.images.all.values {
            live.formUnion(image.blobs.map(\.digest))
            live.formUnion(image.layers)
        }
        for container in tables.containers.all.values { live.formUnion(container.layers) }
        return live
    }

    /// Called once, before anyone uses the store: removes what a crash left, and reports what is missing.
    ///
    /// Nothing is removed as unreferenced while there are records that could not be read: they may have referred to it.
    func collectGarbage() throws {
        try content.collectIngests()
        var trash = [try layers.collectNew()]
        let quarantined = tables.store.quarantined.filter {
            ["images", "layers", "writable-layers"].contains($0.table)
        }
        for record in quarantined { logger.error("set aside an unreadable record", metadata: ["record": "\(record)"]) }
        let present = try layers.all()
        for name in present.unknown {
            logger.warning("moving what is no layer to quarantine/", metadata: ["name": "\(name)"])
            try layers.quarantine(name, into: try StateDirectory.open(root + "/quarantine"))
        }
        if quarantined.isEmpty {
            let live = liveDigests()
            for digest in try content.all() where !live.contains(digest) { try content.remove(digest) }
            let stale = tables.layers.all.keys.filter { key in !live.contains { $0.description == key } }
            try tables.store.write { tx in for chain in stale { try tx.delete(tables.layers, chain) } }
            for chain in present.chains where tables.layers[chain.description] == nil {
                trash.append(try layers.detach(chain))
            }
        }
        reportMissing(Set(present.chains))
        let work = trash
        try PlainThread.start(name: "collect") { [self] in remove(work) }
    }

    private func reportMissing(_ chains: Set<Digest>) {
        for (id, image) in tables.images.all {
            for chain in image.layers where !chains.contains(chain) {
                logger.error("a layer of an image is missing", metadata: ["image": "\(id)", "layer": "\(chain)"])
            }
            for blob in image.blobs where (try? content.size(of: blob.digest)) != blob.size {
                logger.error("a blob of an image is damaged", metadata: ["image": "\(id)", "blob": "\(blob.digest)"])
            }
        }
    }

    private func remove(_ trash: [@Sendable () throws -> Void]) {
        for remove in trash {
            do { try remove() } catch {
                logger.warning("cannot remove a layer's files", metadata: ["error": "\(error)"])
            }
        }
    }
}
