// SPDX-License-Identifier: Apache-2.0

package import Archive
internal import EngineAPI
internal import Glibc
package import Linux

/// Layers merged by copying them, where overlayfs can't be had: slow, and each container takes the image's size.
///
/// The writable layer is `root`, a whole copy; `usage` beside it keeps what it took when it was made.
package struct CopyingDriver: LayerDriver {
    package var name: String { "copy" }
    package var whiteouts: Whiteouts { .asFiles }

    package let details: [(String, String)]

    /// `reason`: why overlayfs can't be had.
    package init(reason: String = "chosen") { details = [("Why Not overlayfs", reason)] }

    package func prepare(_ directory: String, on layers: [String]) throws {
        let own = try StateDirectory.open(directory)
        try merge(layers, into: "root", of: own)
        let root = try own.openEntry(RawPath("root"), O_RDONLY | O_DIRECTORY)
        let file = try own.openEntry(RawPath("usage"), O_CREAT | O_WRONLY, mode: 0o600)
        try file.writeAll(Array("\(try root.diskUsage())".utf8))
    }

    package func mount(_ directory: String, on layers: [String], readOnly: Bool) throws -> FileDescriptor {
        let mount = try FileDescriptor.cloneMount(directory + "/root", recursive: false)
        if readOnly { try mount.setMount(set: [.readOnly]) }
        return mount
    }

    package func mountReadOnly(_ layers: [String], scratch: String) throws -> FileDescriptor {
        let own = try StateDirectory.open(scratch)
        let merged = scratch + "/merged"
        if access(merged, F_OK) != 0 {
            try own.removeTree("merging")
            try merge(layers, into: "merging", of: own)
            try own.rename(RawPath("merging"), to: RawPath("merged"), in: own)
        }
        let mount = try FileDescriptor.cloneMount(merged, recursive: false)
        try mount.setMount(set: [.readOnly, .noSetuid, .noDevices])
        return mount
    }

    package func usage(_ directory: String) throws -> Int64 {
        let own = try StateDirectory.open(directory)
        let before = Int64(try own.readText("usage", limit: 64)) ?? 0
        return max(0, try own.openEntry(RawPath("root"), O_RDONLY | O_DIRECTORY).diskUsage() - before)
    }

    package func changes(_ directory: String, on layers: [String], scratch: String) throws -> [LayerChange] {
        throw EngineError(.notImplemented, "listing a container's changes needs overlayfs, which can't be had here")
    }

    private func merge(_ layers: [String], into name: String, of own: borrowing FileDescriptor) throws {
        try own.makeDirectory(RawPath(name), mode: 0o700)
        let root = try own.openEntry(RawPath(name), O_RDONLY | O_DIRECTORY)
        for layer in layers.reversed() {
            var merger = try LayerMerger(root: root)
            try merger.merge(try FileDescriptor.open(layer, O_RDONLY | O_DIRECTORY), into: root)
        }
    }
}
