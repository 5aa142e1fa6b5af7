// SPDX-License-Identifier: Apache-2.0

import JSON
import OCI
import Testing

@Suite struct ManifestTests {
    private static let digest = "sha256:" + String(repeating: "a", count: 64)
    private static var descriptor: String {
        #"{"mediaType":"\#(MediaType.ociConfig)","digest":"\#(digest)","size":2}"#
    }

    @Test func tellsManifestsFromIndexes() throws {
        let manifest = #"{"schemaVersion":2,"config":\#(Self.descriptor),"layers":[\#(Self.descriptor)]}"#
        guard case .manifest(let read) = try ManifestDocument(Array(manifest.utf8), mediaType: MediaType.ociManifest)
        else { return #expect(Bool(false), "not a manifest") }
        #expect(read.layers.count == 1)
        let index = #"{"schemaVersion":2,"manifests":[\#(Self.descriptor)]}"#
        guard case .index = try ManifestDocument(Array(index.utf8), mediaType: MediaType.ociIndex) else {
            return #expect(Bool(false), "not an index")
        }
    }

    /// CVE-2021-41190: one document that two readers take for two things.
    @Test(arguments: [
        (#"{"schemaVersion":2,"config":\#(descriptor),"layers":[],"manifests":[]}"#, MediaType.ociManifest),
        (#"{"schemaVersion":2,"config":\#(descriptor),"layers":[]}"#, MediaType.ociIndex),
        (#"{"schemaVersion":2,"manifests":[]}"#, MediaType.dockerManifest),
        (
            #"{"schemaVersion":2,"mediaType":"\#(MediaType.ociIndex)","config":\#(descriptor),"layers":[]}"#,
            MediaType.ociManifest
        ),
        (#"{"schemaVersion":1,"config":\#(descriptor),"layers":[]}"#, MediaType.ociManifest),
        (#"{}"#, MediaType.ociManifest), (#"[]"#, MediaType.ociManifest), ("", MediaType.ociManifest),
    ])
    func refusesWhatCouldBeTwoThings(_ text: String, _ type: String) {
        #expect(throws: JSONError.self) { _ = try ManifestDocument(Array(text.utf8), mediaType: type) }
    }
}
