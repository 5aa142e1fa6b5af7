// SPDX-License-Identifier: Apache-2.0

/// What one document says of a blob it refers to (image-spec, descriptor.md).
package struct Descriptor: Codable, Hashable, Sendable {
    package var mediaType: String
    package var digest: Digest
    package var size: Int64
    package var urls: [String]?
    package var annotations: [String: String]?
    package var platform: Platform?
    package var artifactType: String?

    package init(mediaType: String, digest: Digest, size: Int64, annotations: [String: String]? = nil) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        self.annotations = annotations
    }
}

/// The media types of images: OCI's, and Docker's that mean the same.
package enum MediaType {
    package static let ociIndex = "application/vnd.oci.image.index.v1+json"
    package static let ociManifest = "application/vnd.oci.image.manifest.v1+json"
    package static let ociConfig = "application/vnd.oci.image.config.v1+json"
    package static let ociLayer = "application/vnd.oci.image.layer.v1.tar"
    package static let dockerIndex = "application/vnd.docker.distribution.manifest.list.v2+json"
    package static let dockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
    package static let dockerConfig = "application/vnd.docker.container.image.v1+json"
    package static let dockerLayer = "application/vnd.docker.image.rootfs.diff.tar"

    package static func isIndex(_ type: String) -> Bool { type == ociIndex || type == dockerIndex }
    package static func isManifest(_ type: String) -> Bool { type == ociManifest || type == dockerManifest }
    package static func isConfig(_ type: String) -> Bool { type == ociConfig || type == dockerConfig }

    /// A file system layer, in any compression; also those that must not be distributed.
    package static func isLayer(_ type: String) -> Bool {
        let base = type.split(separator: "+", maxSplits: 1).first.map(String.init) ?? type
        return base == ociLayer || base == "application/vnd.oci.image.layer.nondistributable.v1.tar"
            || type == dockerLayer || type.hasPrefix(dockerLayer + ".")
            || type.hasPrefix("application/vnd.docker.image.rootfs.foreign.diff.tar")
    }
}

/// The annotation keys that name an image in an index.
package enum Annotation {
    /// The tag alone (OCI) or the full name (what skopeo and buildah write).
    package static let refName = "org.opencontainers.image.ref.name"
    /// The full name: `docker.io/library/busybox:latest`.
    package static let imageName = "io.containerd.image.name"
    /// Present on a manifest that holds an attestation, not an image.
    package static let dockerReferenceType = "vnd.docker.reference.type"
}
