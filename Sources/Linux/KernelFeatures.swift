// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// What the running kernel can do that Linux 5.15 can't, tried out once, at start. Each has another way.
package struct KernelFeatures: Sendable {
    /// overlayfs takes its layers one by one, as `lowerdir+` of fsconfig(2) (Linux 6.8). Else: one list, through
    /// mount(2).
    package var overlayTakesLayersOneByOne: Bool

    package init(overlayTakesLayersOneByOne: Bool) {
        self.overlayTakesLayersOneByOne = overlayTakesLayersOneByOne
    }

    /// Tries them. `scratch` is a directory that a file system with overlay's needs holds.
    package static func probe(scratch: String) -> KernelFeatures {
        KernelFeatures(overlayTakesLayersOneByOne: (try? overlayOneByOne(scratch)) ?? false)
    }

    private static func overlayOneByOne(_ scratch: String) throws(Errno) -> Bool {
        let directory = try FileDescriptor.open(scratch, O_RDONLY | O_DIRECTORY)
        let names = ["probe-l1", "probe-l2"].map { RawPath($0) }
        for name in names { try? directory.removeTree(name) }
        defer { for name in names { try? directory.removeTree(name) } }
        let overlay = try FilesystemContext("overlay")
        for name in names {
            try directory.makeDirectory(name, mode: 0o700)
            try overlay.set("lowerdir+", "\(scratch)/\(name)")
        }
        // Up to Linux 6.4 any parameter is taken, and only this refuses it.
        _ = try overlay.mount([.readOnly])
        return true
    }
}
