// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux

/// Hides and write-protects parts of /proc and /sys (`maskedPaths`, `readonlyPaths`). A path that does not exist needs
/// neither.
final class Masks {
    /// An empty read-only directory, cloned for each directory that is hidden.
    private var emptyDirectory: SharedDescriptor?

    /// `null` is the verified null device (rule R5).
    func hide(
        _ path: String, in root: borrowing FileDescriptor, null: borrowing FileDescriptor
    ) throws(RuntimeError) {
        do throws(Errno) {
            guard let target = try Masks.find(path, in: root) else { return }
            guard try target.status().isDirectory else {
                return try null.cloneMount(recursive: false).attachMount(on: target)
            }
            if let emptyDirectory {
                return try emptyDirectory.descriptor.cloneMount(recursive: false).attachMount(on: target)
            }
            let tree = try FilesystemContext("tmpfs").mount([.readOnly, .noSetuid, .noDevices, .noExecute])
            // Attached BEFORE it is cloned: older kernels clone no detached mount.
            try tree.attachMount(on: target)
            emptyDirectory = SharedDescriptor(tree)
        } catch {
            throw RuntimeError(error, at: "masking \(path)")
        }
    }

    static func protect(_ path: String, in root: borrowing FileDescriptor) throws(RuntimeError) {
        do throws(Errno) {
            guard let target = try find(path, in: root) else { return }
            let tree = try target.cloneMount(recursive: true)
            try tree.setMount(set: .readOnly, recursive: true)
            try tree.attachMount(on: target)
        } catch {
            throw RuntimeError(error, at: "protecting \(path)")
        }
    }

    private static func find(_ path: String, in root: borrowing FileDescriptor) throws(Errno) -> FileDescriptor? {
        do throws(Errno) { return try root.openInRoot(path, O_PATH) } catch {
            if error.code == .noEntry || error.code == .notDirectory { return nil }
            throw error
        }
    }
}
