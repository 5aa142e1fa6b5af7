// SPDX-License-Identifier: Apache-2.0

package import Linux

/// One member of a tar archive.
package struct TarEntry: Sendable {
    package enum Kind: Sendable, Equatable {
        case file
        case directory
        case symbolicLink(target: RawPath)
        /// The target is the path of an earlier entry.
        case hardLink(target: RawPath)
        case characterDevice(major: UInt32, minor: UInt32)
        case blockDevice(major: UInt32, minor: UInt32)
        case fifo
    }

    /// As the archive has it: perhaps absolute, perhaps with `..` in it.
    package var path: RawPath
    package var kind: Kind
    /// Permission, setuid, setgid and sticky bits.
    package var mode: UInt32
    package var uid: UInt32
    package var gid: UInt32
    package var userName: String
    package var groupName: String
    /// Of the file as it will be, holes included.
    package var size: Int64
    package var modified: FileTime
    package var accessed: FileTime?
    package var attributes: [ExtendedAttribute]

    package init(
        path: RawPath, kind: Kind, mode: UInt32 = 0o644, uid: UInt32 = 0, gid: UInt32 = 0, size: Int64 = 0,
        modified: FileTime = FileTime(seconds: 0)
    ) {
        self.path = path
        self.kind = kind
        self.mode = mode
        self.uid = uid
        self.gid = gid
        self.size = size
        self.modified = modified
        userName = ""
        groupName = ""
        attributes = []
    }

    package struct ExtendedAttribute: Sendable, Equatable {
        package var name: RawPath
        package var value: [UInt8]

        package init(name: RawPath, value: [UInt8]) {
            self.name = name
            self.value = value
        }
    }
}

/// A run of a sparse file's data: where in the file, and how many bytes. What is between runs is holes.
struct SparseRun: Equatable {
    var offset: Int64
    var length: Int64
}
