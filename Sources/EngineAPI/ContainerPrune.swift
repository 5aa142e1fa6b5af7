// SPDX-License-Identifier: Apache-2.0

/// The answer of `POST /containers/prune`.
package struct ContainerPruneResponse: Codable, Sendable, Equatable, ZeroValue {
    @Nullable package var containersDeleted: [String]?
    /// Bytes.
    @Zero package var spaceReclaimed: UInt64

    package init() {}

    package init(containersDeleted: [String]?, spaceReclaimed: UInt64 = .init()) {
        self.containersDeleted = containersDeleted
        self.spaceReclaimed = spaceReclaimed
    }

    package enum CodingKeys: String, CodingKey {
        case containersDeleted = "ContainersDeleted"
        case spaceReclaimed = "SpaceReclaimed"
    }
}

/// One element of the answer of `GET /containers/{id}/changes`.
package struct FilesystemChange: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var path: String
    /// 0: modified, 1: added, 2: deleted.
    @Zero package var kind: Int

    package init() {}

    package init(path: String, kind: Int) {
        self.path = path
        self.kind = kind
    }

    package enum CodingKeys: String, CodingKey {
        case path = "Path"
        case kind = "Kind"
    }
}
