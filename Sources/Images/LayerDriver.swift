// SPDX-License-Identifier: Apache-2.0

package import Archive
package import Linux

/// How unpacked layers become a root file system. A use, from start to end:
///
///  1. each layer was unpacked, with `whiteouts`, into a directory of its own;
///  2. `prepare` makes a container's writable layer on some of them, in an empty directory;
///  3. `mount` returns its root file system, attached nowhere, as often as it is asked;
///  4. `usage` says what the container wrote; then the directory is removed.
///
/// `layers` are the layers' directories, highest first, and at least one. Calls block.
package protocol LayerDriver: Sendable {
    /// As `wharf info` shows it.
    var name: String { get }

    /// What `info` shows beside the name.
    var details: [(String, String)] { get }

    /// How deletions are stored in an unpacked layer.
    var whiteouts: Whiteouts { get }

    /// Makes a writable layer in the empty directory at `directory`.
    func prepare(_ directory: String, on layers: [String]) throws

    /// Mounts a writable layer on its layers.
    func mount(_ directory: String, on layers: [String], readOnly: Bool) throws -> FileDescriptor

    /// Mounts the layers alone, read-only; `scratch` is a directory where a driver may keep what that takes.
    func mountReadOnly(_ layers: [String], scratch: String) throws -> FileDescriptor

    /// What the container changed, as `mountReadOnly` shows what is below.
    func changes(_ directory: String, on layers: [String], scratch: String) throws -> [LayerChange]

    /// The bytes on disk that the container wrote.
    func usage(_ directory: String) throws -> Int64
}
