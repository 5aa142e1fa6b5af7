// SPDX-License-Identifier: Apache-2.0

import Archive
import Linux
import OCI

/// A tar of an OCI image layout, and ways to damage it.
struct LayoutArchive {
    typealias Blob = (digest: String, size: Int, bytes: [UInt8])

    let layers: [Blob]
    let config: Blob
    private(set) var manifest: Blob
    var name = "docker.io/library/test:latest"
    /// A blob whose content is another than its name says.
    var tampered: String?
    var omitted: Set<String> = []
    /// More images in the same index.
    var others: [LayoutArchive] = []
    /// What the manifest says of the first layer.
    var claimedSize: Int? {
        didSet { manifest = Self.manifest(config, layers, claimedSize) }
    }

    init(_ tars: [[UInt8]]) {
        layers = tars.map(Self.blob)
        config = Self.blob(DockerArchive(tars).configuration)
        manifest = Self.manifest(config, layers, nil)
    }

    private static func blob(_ bytes: [UInt8]) -> Blob { (sha256(bytes), bytes.count, bytes) }

    private static func manifest(_ config: Blob, _ layers: [Blob], _ claimed: Int?) -> Blob {
        let list = layers.enumerated().map { index, layer in
            let size = index == 0 ? claimed ?? layer.size : layer.size
            return
                #"{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"\#(layer.digest)","size":\#(size)}"#
        }
        return blob(
            Array(
                (#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":"#
                    + #"{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"\#(config.digest)","#
                    + #""size":\#(config.size)},"layers":[\#(list.joined(separator: ","))]}"#).utf8))
    }

    func bytes() throws -> [UInt8] {
        let sink = BytesSink()
        let writer = TarWriter(sink)
        func add(_ path: String, _ content: [UInt8]) throws {
            try writer.add(TarEntry(path: RawPath(path), kind: .file), content)
        }
        try add("oci-layout", Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8))
        var entries: [String] = []
        for image in [self] + others {
            for blob in image.layers + [image.config, image.manifest] where !omitted.contains(blob.digest) {
                let hex = blob.digest.dropFirst("sha256:".count)
                try add("blobs/sha256/\(hex)", blob.bytes + (tampered == blob.digest ? [0] : []))
            }
            entries.append(
                #"{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"\#(image.manifest.digest)","#
                    + #""size":\#(image.manifest.size),"annotations":{"io.containerd.image.name":"\#(image.name)"}}"#)
        }
        try add("index.json", Array(#"{"schemaVersion":2,"manifests":[\#(entries.joined(separator: ","))]}"#.utf8))
        try writer.finish()
        return sink.bytes
    }
}
