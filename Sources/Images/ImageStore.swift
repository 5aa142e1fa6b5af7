// SPDX-License-Identifier: Apache-2.0

package import Archive
package import EngineAPI
internal import JSON
internal import Linux
package import Logging
package import MetadataStore
internal import OCI
internal import Synchronization

/// The images of an engine: their content, their names, their unpacked layers, and the containers' writable ones.
///
/// Calls that change something, and `mount`, block: they are made on a `BlockingPool`. `resolve`, `list`, `inspect` and
/// `history` read memory only.
package final class ImageStore: Sendable {
    let root: String
    let content: ContentStore
    let layers: LayerStore
    let tables: ImageTables
    let leases = Leases()
    let platform = Platform.host
    let logger: Logger
    private let onEvent: @Sendable (ImageEvent) -> Void
    /// Held while `index.json` is written, so that the last one written is the newest.
    private let indexing = Mutex(())

    /// Opens or creates the store below `root` (content/, layers/, containers/<id>/rw/), and collects what a crash
    /// left. `driver`: nil takes overlayfs where it can be had.
    package init(
        root: String, metadata: MetadataStore, logger: Logger, driver: (any LayerDriver)? = nil,
        onEvent: @escaping @Sendable (ImageEvent) -> Void
    ) throws {
        self.root = root
        self.logger = logger
        self.onEvent = onEvent
        tables = try ImageTables(metadata)
        _ = try StateDirectory.open(root)
        _ = try StateDirectory.open(root + "/containers")
        content = try ContentStore(root + "/content")
        layers = try LayerStore(root + "/layers", driver: driver)
        logger.notice("layer driver", metadata: ["driver": "\(layers.driver.name)", "details": "\(driverStatus)"])
        try collectGarbage()
        writeIndex()
    }

    /// The layer driver's name, for `info`.
    package var driverName: String { layers.driver.name }

    /// What the driver stands on and how it works, for `info`: pairs of names and values.
    package var driverStatus: [[String]] {
        let filesystem = (try? FileDescriptor.filesystemName(ofHostPath: root)) ?? "unknown"
        return [["Backing Filesystem", filesystem]] + layers.driver.details.map { [$0.0, $0.1] }
    }

    /// How many images there are, for `info`.
    package var count: Int { tables.images.count }

    /// Reads the images in a tar (docker-archive or OCI layout, in any known compression); tells `progress` what it
    /// did, in the words of `POST /images/load`, and, unless `quiet`, how far it is. On an error nothing of the tar is
    /// kept.
    package func load(
        from source: any ByteSource, quiet: Bool = true, progress: @escaping @Sendable (ProgressMessage) -> Void
    ) throws(EngineError) {
        let loader = ImageLoader(
            content: content, layers: layers, tables: tables, leases: leases, platform: platform,
            progress: quiet ? nil : LoadProgress(tell: progress))
        let loaded: [ImageLoader.Loaded]
        do { loaded = try loader.load(source) } catch { throw Self.failure(error) }
        writeIndex()
        for image in loaded {
            emit(.load, image.id, image.id.description)
            if image.names.isEmpty { progress(ProgressMessage(stream: "Loaded image ID: \(image.id)\n")) }
            for name in image.names { progress(ProgressMessage(stream: "Loaded image: \(name.familiar)\n")) }
        }
    }

    // MARK: Shared by the other files

    func emit(_ action: ImageEvent.Action, _ id: Digest, _ name: String) {
        onEvent(ImageEvent(action: action, id: id.description, name: name))
    }

    /// Brings `content/index.json` up to date. Only other tools read it, so that a failure is logged.
    func writeIndex() {
        indexing.withLock { _ in
            let images = tables.images.all
            let tags = tables.tags.all
            var manifests: [Descriptor] = []
            for (name, tag) in tags.sorted(by: { $0.key < $1.key }) {
                guard var target = images[tag.image.description]?.target else { continue }
                target.annotations = tag.annotations ?? [:]
                target.annotations?[Annotation.imageName] = name
                manifests.append(target)
            }
            let named = Set(tags.values.map(\.image))
            let dangling = images.values.map(\.target).filter { !named.contains($0.digest) }
            manifests += dangling.sorted { $0.digest < $1.digest }
            do { try content.writeIndex(ImageIndex(manifests: manifests)) } catch {
                logger.warning("cannot write content/index.json", metadata: ["error": "\(error)"])
            }
        }
    }

    /// The engine's error for one of a lower layer.
    static func failure(_ error: any Error) -> EngineError {
        switch error {
        case let error as EngineError: error
        case let error as ArchiveError: EngineError(.invalidParameter, error.description, cause: error)
        default: EngineError(.system, "\(error)", cause: error)
        }
    }
}
