// SPDX-License-Identifier: Apache-2.0

/// An archive that can't be read, or that is refused.
package struct ArchiveError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Kind: Sendable, Equatable {
        /// It ends too early.
        case truncated
        /// Its bytes make no sense.
        case corrupt
        /// It goes beyond one of `ArchiveLimits`.
        case limit
        /// It has something this program does not read.
        case unsupported
        /// It would write outside its directory, or claims what an image may not.
        case hostile
    }

    package var kind: Kind
    package var description: String

    package init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    /// In Docker's words.
    package static let truncated = ArchiveError(.truncated, "unexpected EOF")
}

/// What an archive may make this program do (rule R3). Real images stay far below all of them.
package struct ArchiveLimits: Sendable {
    package var entries = 4_000_000
    /// Of a whole path, as in PATH_MAX.
    package var pathBytes = 4095
    package var componentBytes = 255
    package var pathDepth = 512
    /// Of one entry's extended header, and of a GNU long name.
    package var headerBytes = 1 << 20
    package var attributes = 1024
    package var sparseFragments = 1 << 20
    /// Of all files, unpacked.
    package var totalBytes: Int64 = 1 << 40
    /// Uncompressed bytes for a compressed one, asked once `ratioFloor` bytes have come out.
    package var ratio: Int64 = 10_000
    package var ratioFloor: Int64 = 1 << 30

    package init() {}
    package static let `default` = ArchiveLimits()
}
