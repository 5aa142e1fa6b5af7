// SPDX-License-Identifier: Apache-2.0

package import Archive
package import EngineAPI
package import Linux
package import Logging
package import MetadataStore

/// The images of an engine: their content, their names, their unpacked layers, and the containers' writable ones.
///
/// Calls that change something, and `mount`, block: they are made on a `BlockingPool`. `resolve`, `list`, `inspect` and
/// `history` read memory only.
package final class ImageStore: Sendable {
    private let root: String

    /// Opens or creates the store below `root` (content/, layers/, containers/<id>/rw/), and collects what a crash left.
    package init(
        root: String, metadata: MetadataStore, logger: Logger, onEvent: @escaping @Sendable (ImageEvent) -> Void
    ) throws {
        self.root = root
    }

    // MARK: Looking

    /// Finds an image by name, by name and digest, by ID or by a unique prefix of its ID. Throws `.notFound` with
    /// `No such image: busybox:latest`.
    package func resolve(_ reference: String) throws(EngineError) -> Image { throw todo() }

    /// `GET /images/json`.
    package func list(all: Bool, filters: Filters, manifests: Bool) throws(EngineError) -> [ImageSummary] {
        throw todo()
    }

    /// `GET /images/{name}/json`.
    package func inspect(_ reference: String) throws(EngineError) -> ImageInspect { throw todo() }

    /// `GET /images/{name}/history`.
    package func history(_ reference: String) throws(EngineError) -> [ImageHistoryItem] { throw todo() }

    /// Bytes on disk of all images' blobs and layers, each counted once.
    package func diskUsage() -> Int64 { 0 }

    // MARK: Changing

    /// Gives the image another name; takes that name from whatever had it.
    package func tag(_ reference: String, repository: String, tag: String?) throws(EngineError) { throw todo() }

    /// Takes a name away, and the image with its last one. `users` are the containers there are.
    package func remove(
        _ reference: String, force: Bool, noPrune: Bool, users: [ImageUser]
    ) throws(EngineError) -> [ImageDeleteItem] { throw todo() }

    /// Reads the images in a tar (docker-archive or OCI layout, in any known compression); tells `progress` what it
    /// did, in the words of `POST /images/load`. On an error nothing of the tar is kept.
    package func load(
        from source: any ByteSource, progress: (ProgressMessage) -> Void
    ) throws(EngineError) { throw todo() }

    // MARK: Containers

    /// Makes the container's writable layer.
    package func prepareContainer(_ containerID: String, image: Image) throws(EngineError) { throw todo() }

    /// Mounts the container's root file system, attached nowhere: it lasts as long as the descriptor or a mount of it.
    package func mount(_ containerID: String, readOnly: Bool) throws(EngineError) -> FileDescriptor { throw todo() }

    /// Mounts the image alone, read-only and attached nowhere.
    package func openReadOnly(_ image: Image) throws(EngineError) -> FileDescriptor { throw todo() }

    /// Removes the container's writable layer, if it has one.
    package func removeContainer(_ containerID: String) throws(EngineError) { throw todo() }

    /// The bytes on disk of the writable layer, and of the whole root file system.
    package func sizes(_ containerID: String) throws(EngineError) -> (rw: Int64, rootfs: Int64) { throw todo() }

    /// Removes the writable layers of all containers but these; called once, at start-up.
    package func collectContainers(keeping ids: Set<String>) throws(EngineError) {}

    private func todo(_ name: String = #function) -> EngineError { EngineError(.notImplemented, "images: \(name)") }
}
