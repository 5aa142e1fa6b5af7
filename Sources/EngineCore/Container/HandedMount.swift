// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Glibc
internal import Images
internal import Linux

/// Mounts that the engine itself opens, since no path of the host's leads safely to what is mounted: images, and parts
/// of volumes and of images. The supervisor is handed them open.
enum HandedMount {
    /// A detached mount; nil for one that the specification's path is enough for. Blocking.
    static func open(_ mount: MountRecord, _ services: Services) throws -> FileDescriptor? {
        if let id = mount.image { return try image(id, mount, services) }
        guard mount.isVolume, let subpath = mount.subpath else { return nil }
        // Whoever writes to the volume makes its links: none leads out of it (rule R1).
        do throws(Errno) {
            let root = try FileDescriptor.open(mount.point.source, O_RDONLY | O_DIRECTORY)
            return try root.openInRoot(subpath, O_PATH).cloneMount(recursive: true)
        } catch { throw missing("\(mount.point.source)/\(subpath)", error) }
    }

    private static func image(_ id: String, _ mount: MountRecord, _ services: Services) throws -> FileDescriptor {
        let root = try services.images.openReadOnly(services.images.resolve(id))
        guard let subpath = mount.subpath else { return root }
        do throws(Errno) {
            return try root.subtree(subpath, place: services.configuration.execRoot)
        } catch { throw missing("\(subpath) of image \(mount.point.source)", error) }
    }

    private static func missing(_ what: String, _ error: Errno) -> EngineError {
        EngineError(.invalidParameter, "cannot access path \(what): \(error.code)", cause: error)
    }
}
