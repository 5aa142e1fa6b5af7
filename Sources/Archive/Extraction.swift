// SPDX-License-Identifier: Apache-2.0

package import Linux

/// What unpacking does with the names that mark deletions in image layers (image-spec, layer.md).
package enum Whiteouts: Sendable {
    /// Writes them as overlayfs wants them: a character device 0/0, or `trusted.overlay.opaque` on the directory.
    case overlay
    /// Leaves `.wh.` files as they are: for layers that are merged by copying, and for tars that are no layers.
    case asFiles
}

/// How to unpack.
package struct ExtractionOptions: Sendable {
    package var whiteouts: Whiteouts
    /// Restore owners and extended attributes, which takes root.
    package var restoreOwners = true
    package var limits = ArchiveLimits.default

    package init(whiteouts: Whiteouts) { self.whiteouts = whiteouts }
}

/// What unpacking did.
package struct Extraction: Sendable {
    package var entries = 0
    /// Directories that had to be made though the archive does not have them. In an image layer they get their
    /// attributes from the layers below. The empty path is the top directory.
    package var impliedDirectories: Set<RawPath> = []
    /// Extended attributes that the file system, or the lack of privilege, did not take: names and how many.
    package var refusedAttributes: [String: Int] = [:]
}

/// Unpacks `reader` into the directory `root`, by descriptors only (rule R1): no entry, whatever links came before it,
/// reaches outside. On an error what was unpacked so far stays; the caller removes it.
package func extract(
    _ reader: TarReader, into root: borrowing FileDescriptor, _ options: ExtractionOptions
) throws -> Extraction {
    let extractor = Extractor(directories: try DirectoryCache(root), options)
    while let entry = try reader.next() {
        do {
            try extractor.extract(entry, reader)
        } catch let error as Errno {
            throw Errno(error.code, error.call, "\(entry.path)")
        }
    }
    try extractor.finish()
    return extractor.result
}
