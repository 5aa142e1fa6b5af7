// SPDX-License-Identifier: Apache-2.0

package import EngineAPI

/// What is stored of a volume: the wire type, and which containers use it.
package struct VolumeRecord: Codable, Sendable, Equatable {
    package var volume: Volume
    /// Ids of the containers, running or not, that mount it.
    package var users: [String]
    /// Made for a container that is being created, or going with one that is being removed: where the daemon is killed
    /// meanwhile and nobody uses it, the next one removes it.
    package var isProvisional: Bool?

    /// The label that Docker gives to volumes without a chosen name; `prune` and `rm -v` go by it.
    package static let anonymousLabel = "com.docker.volume.anonymous"

    package var isAnonymous: Bool { volume.labels?[Self.anonymousLabel] != nil }
}
