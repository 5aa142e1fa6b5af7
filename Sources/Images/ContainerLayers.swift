// SPDX-License-Identifier: Apache-2.0

package import EngineAPI
package import Linux
internal import MetadataStore
internal import OCI

/// The containers' root file systems. Calls block.
extension ImageStore {
    /// Makes the container's writable layer.
    package func prepareContainer(_ containerID: String, image: Image) throws(EngineError) {
        let directory = try containerDirectory(containerID)
        do {
            let parent = try StateDirectory.open(directory)
            try parent.removeTree("rw")
            // BEFORE the files: a record keeps the layers, and files without one would be no one's.
            let record = WritableLayerRecord(image: image.id, layers: image.layers)
            try tables.store.write(durability: .normal) { tx in try tx.put(tables.containers, containerID, record) }
            try layers.driver.prepare(directory + "/rw", on: layers.directories(image.layers))
        } catch { throw Self.failure(error) }
    }

    /// Mounts the container's root file system, attached nowhere: it lasts as long as the descriptor or a mount of it.
    package func mount(_ containerID: String, readOnly: Bool) throws(EngineError) -> FileDescriptor {
        let directory = try containerDirectory(containerID)
        let record = try record(containerID)
        do {
            return try layers.driver.mount(
                directory + "/rw", on: layers.directories(record.layers), readOnly: readOnly)
        } catch { throw Self.failure(error) }
    }

    /// Mounts the image alone, read-only and attached nowhere.
    package func openReadOnly(_ image: Image) throws(EngineError) -> FileDescriptor {
        do {
            return try layers.driver.mountReadOnly(
                layers.directories(image.layers), scratch: layers.scratch(image.layers))
        } catch { throw Self.failure(error) }
    }

    /// Removes the container's writable layer, if it has one.
    package func removeContainer(_ containerID: String) throws(EngineError) {
        let directory = try containerDirectory(containerID)
        do {
            do throws(Errno) { try FileDescriptor.open(directory, 0).removeTree("rw") } catch {
                guard error.code == .noEntry else { throw error }
            }
            let record = tables.containers[containerID]
            try tables.store.write(durability: .normal) { tx in try tx.delete(tables.containers, containerID) }
            // Its image may have been removed by force while it stood on it.
            if let record, tables.images[record.image.description] == nil {
                sweep(blobs: [], chains: Set(record.layers))
            }
        } catch { throw Self.failure(error) }
    }

    /// The bytes on disk of the writable layer, and of the whole root file system.
    package func sizes(_ containerID: String) throws(EngineError) -> (rw: Int64, rootfs: Int64) {
        let directory = try containerDirectory(containerID)
        let record = try record(containerID)
        let below = Set(record.layers).reduce(Int64(0)) { $0 + (tables.layers[$1.description]?.bytes ?? 0) }
        do {
            let own = try layers.driver.usage(directory + "/rw")
            return (own, own + below)
        } catch { throw Self.failure(error) }
    }

    /// Calls `body` with the writable layer's directory, the layers below it, and where their merged form is kept.
    func changes(
        _ containerID: String, _ body: (String, [String], String) throws -> [LayerChange]
    ) throws -> [LayerChange] {
        let directory = try containerDirectory(containerID)
        let record = try record(containerID)
        do {
            return try body(directory + "/rw", layers.directories(record.layers), layers.scratch(record.layers))
        } catch let error as EngineError { throw error } catch { throw Self.failure(error) }
    }

    /// Removes the writable layers of all containers but these; called once, at start-up.
    package func collectContainers(keeping ids: Set<String>) throws(EngineError) {
        for id in tables.containers.all.keys.sorted() where !ids.contains(id) { try removeContainer(id) }
    }

    private func record(_ containerID: String) throws(EngineError) -> WritableLayerRecord {
        guard let record = tables.containers[containerID] else {
            throw EngineError(.system, "container \(containerID) has no writable layer")
        }
        return record
    }

    /// An ID is a single path component of a fixed alphabet (rule R10).
    private func containerDirectory(_ id: String) throws(EngineError) -> String {
        let isPlain = { (byte: UInt8) in
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                || byte == 0x5f || byte == 0x2d
        }
        guard !id.isEmpty, id.utf8.count <= 128, id.utf8.allSatisfy(isPlain) else {
            throw EngineError(.invalidParameter, "invalid container ID: \(id)")
        }
        return "\(root)/containers/\(id)"
    }
}
