// SPDX-License-Identifier: Apache-2.0

package import JSON
package import OCI

/// An image in the store, as it was when it was looked up.
package struct Image: Sendable {
    /// The digest of what the image's names point at: a manifest, or the index it was chosen from.
    package var id: Digest
    /// Full names (`docker.io/library/busybox:latest`), sorted; none if the image is dangling.
    package var names: [ImageReference]
    package var configuration: ImageConfiguration
    /// The chain IDs of its layers, lowest first.
    package var layers: [Digest]
    /// What the names point at.
    package var target: Descriptor
    /// The manifest for this machine: `target` itself, or one that it lists.
    package var manifest: Descriptor
    /// Bytes on disk: its blobs and its unpacked layers.
    package var size: Int64
    /// When it was made; `Timestamp.zero` if it does not say.
    package var created: Timestamp
}

/// Something that happened to an image, for the event stream.
package struct ImageEvent: Sendable, Equatable {
    package enum Action: String, Sendable { case load, tag, untag, delete }
    package var action: Action
    /// `sha256:…`
    package var id: String
    /// What the event's attribute `name` says: a familiar name, or the ID.
    package var name: String

    package init(action: Action, id: String, name: String) {
        self.action = action
        self.id = id
        self.name = name
    }
}

/// A container that was made of an image, for refusing to remove the image.
package struct ImageUser: Sendable {
    package var containerID: String
    package var imageID: String
    package var isRunning: Bool

    package init(containerID: String, imageID: String, isRunning: Bool) {
        self.containerID = containerID
        self.imageID = imageID
        self.isRunning = isRunning
    }
}
