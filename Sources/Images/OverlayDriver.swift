// SPDX-License-Identifier: Apache-2.0

package import Archive
internal import Glibc
package import Linux

/// Layers stacked by overlayfs. The writable layer is `upper`, beside `work`, which overlayfs needs.
package struct OverlayDriver: LayerDriver {
    package var name: String { "overlayfs" }
    package var whiteouts: Whiteouts { .overlay }

    /// Layers below each other; the kernel allows 500.
    package static let mostLayers = 127

    /// See `KernelFeatures.overlayTakesLayersOneByOne`.
    private let takesLayersOneByOne: Bool

    package init(_ features: KernelFeatures) { takesLayersOneByOne = features.overlayTakesLayersOneByOne }

    package var details: [(String, String)] {
        let way = takesLayersOneByOne ? "fsconfig lowerdir+ (Linux 6.8)" : "mount, one list (before Linux 6.8)"
        return [("Layers Given By", way)]
    }

    /// Tries a mount in `directory`. Throws where overlayfs can't be had: no module, no privilege, or a data root on a
    /// file system that can't be an upper layer.
    package func probe(in directory: String) throws {
        let top = try StateDirectory.open(directory)
        defer { for name in ["probe-a", "probe-b"] { try? top.removeTree(name) } }
        let rw = directory + "/probe-b"
        let lower = try StateDirectory.open(directory + "/probe-a")
        _ = try StateDirectory.open(rw)
        // In the layer, as unpacking makes it: overlayfs itself lets nobody make one.
        try lower.makeNode(RawPath("whiteout"), mode: S_IFCHR)
        try prepare(rw, on: [directory + "/probe-a"])
        let root = try mount(rw, on: [directory + "/probe-a"], readOnly: false)
        try root.setAttribute(RawPath("."), RawPath("trusted.wharf.probe"), [1])
    }

    package func prepare(_ directory: String, on layers: [String]) throws {
        let own = try StateDirectory.open(directory)
        try own.makeDirectory(RawPath("work"), mode: 0o700)
        try own.makeDirectory(RawPath("upper"), mode: 0o700)
        // The merged root directory's owner and mode are the upper one's.
        guard let top = layers.first else { throw Errno(.invalidArgument, "prepare", "no layers") }
        let root = try FileDescriptor.open(top, O_RDONLY | O_DIRECTORY)
        try root.copyAttributes(to: try own.openEntry("upper", O_RDONLY | O_DIRECTORY))
    }

    package func mount(_ directory: String, on layers: [String], readOnly: Bool) throws -> FileDescriptor {
        try mount(layers, writable: directory, readOnly ? [.readOnly] : [])
    }

    package func mountReadOnly(_ layers: [String], scratch: String) throws -> FileDescriptor {
        // Without an upper layer overlayfs wants two lower ones.
        if layers.count == 1 {
            let mount = try FileDescriptor.cloneMount(layers[0], recursive: false)
            try mount.setMount(set: [.readOnly, .noSetuid, .noDevices])
            return mount
        }
        return try mount(layers, writable: nil, [.readOnly, .noSetuid, .noDevices])
    }

    package func usage(_ directory: String) throws -> Int64 {
        try FileDescriptor.open(directory + "/upper", O_RDONLY | O_DIRECTORY).diskUsage()
    }

    package func changes(_ directory: String, on layers: [String], scratch: String) throws -> [LayerChange] {
        let below = try mountReadOnly(layers, scratch: scratch)
        var walk = ChangeWalk()
        try walk.walk(
            SharedDescriptor(try FileDescriptor.open(directory + "/upper", O_RDONLY | O_DIRECTORY)), "",
            below: SharedDescriptor(below))
        return walk.changes
    }

    /// As Docker's: no feature that would tie a layer to this mount, or follow what a layer says of other layers.
    private static let off = ["index", "metacopy", "redirect_dir"]

    private func mount(
        _ layers: [String], writable: String?, _ attributes: MountAttributes
    ) throws -> FileDescriptor {
        guard layers.count <= Self.mostLayers else {
            throw Errno(.invalidArgument, "mount", "an image with more than \(Self.mostLayers) layers")
        }
        if !takesLayersOneByOne { return try mountList(layers, writable: writable, attributes) }
        let filesystem = try FilesystemContext("overlay")
        try filesystem.set("source", "overlay")
        for layer in layers { try set(filesystem, "lowerdir+", layer) }
        if let writable {
            try set(filesystem, "upperdir", writable + "/upper")
            try set(filesystem, "workdir", writable + "/work")
        }
        for option in Self.off { try filesystem.set(option, "off") }
        return try filesystem.mount(attributes)
    }

    /// The kernel takes strings up to 255 bytes; longer paths go as descriptors (Linux 6.13).
    private func set(_ filesystem: borrowing FilesystemContext, _ key: String, _ path: String) throws(Errno) {
        if path.utf8.count < 256 {
            try filesystem.set(key, path)
        } else {
            try filesystem.set(key, descriptor: try FileDescriptor.open(path, O_RDONLY | O_DIRECTORY))
        }
    }

    /// Gives all layers in one list. Its paths are those of descriptors: they are short, so that 127 fit into the page
    /// that mount(2) takes, and have neither commas nor colons in them, whatever the data root is called.
    private func mountList(
        _ layers: [String], writable: String?, _ attributes: MountAttributes
    ) throws(Errno) -> FileDescriptor {
        let count = layers.count
        let directories = layers + (writable.map { [$0 + "/upper", $0 + "/work"] } ?? [])
        return try .mountPrivately("overlay", on: writable ?? layers[0], attributes, directories: directories) {
            names in
            var options = ["lowerdir=" + names[..<count].joined(separator: ":")]
            if names.count > count { options += ["upperdir=" + names[count], "workdir=" + names[count + 1]] }
            return (options + Self.off.map { $0 + "=off" }).joined(separator: ",")
        }
    }
}
