// SPDX-License-Identifier: Apache-2.0

package import JSON

/// One image for one platform: a configuration and layers (image-spec, manifest.md).
package struct Manifest: Codable, Sendable, Equatable {
    package var schemaVersion: Int
    package var mediaType: String?
    package var config: Descriptor
    package var layers: [Descriptor]
    package var annotations: [String: String]?

    package init(mediaType: String, config: Descriptor, layers: [Descriptor]) {
        schemaVersion = 2
        self.mediaType = mediaType
        self.config = config
        self.layers = layers
    }
}

/// A list of manifests, usually one for each platform (image-spec, image-index.md); also `index.json` of a layout.
package struct ImageIndex: Codable, Sendable, Equatable {
    package var schemaVersion: Int
    package var mediaType: String?
    package var manifests: [Descriptor]
    package var annotations: [String: String]?

    package init(manifests: [Descriptor]) {
        schemaVersion = 2
        mediaType = MediaType.ociIndex
        self.manifests = manifests
    }
}

/// A manifest or an index, told apart by what it says and by what it holds, which must agree (rule R22).
package enum ManifestDocument: Sendable, Equatable {
    case manifest(Manifest)
    case index(ImageIndex)

    /// Reads the document that a descriptor of `mediaType` refers to.
    package init(_ bytes: [UInt8], mediaType: String) throws(JSONError) {
        let value = try JSON.parse(bytes)
        let isManifest = value["layers"] != nil || value["config"] != nil
        let isIndex = value["manifests"] != nil
        guard isManifest != isIndex, value["fsLayers"] == nil else {
            throw JSONError(place: "", reason: "it is not clearly a manifest or an index")
        }
        if let own = value["mediaType"]?.string, own != mediaType {
            throw JSONError(place: "mediaType", reason: "it says \(own), and is referred to as \(mediaType)")
        }
        guard value["schemaVersion"]?.integer == 2 else {
            throw JSONError(place: "schemaVersion", reason: "expected 2")
        }
        if isIndex, MediaType.isIndex(mediaType) {
            self = .index(try JSON.decode(ImageIndex.self, from: value))
        } else if isManifest, MediaType.isManifest(mediaType) {
            self = .manifest(try JSON.decode(Manifest.self, from: value))
        } else {
            throw JSONError(place: "mediaType", reason: "\(mediaType) does not fit its content")
        }
    }
}
