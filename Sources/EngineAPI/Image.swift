// SPDX-License-Identifier: Apache-2.0

/// A line of `GET /images/json`.
package struct ImageSummary: Codable, Sendable, Equatable, ZeroValue {
    /// -1: not counted.
    @Zero package var containers: Int
    /// Seconds since 1970.
    @Zero package var created: Int64
    @Zero package var id: String
    @Nullable package var labels: [String: String]?
    @Zero package var parentId: String
    package var descriptor: ImageDescriptor?
    package var manifests: [ImageManifestSummary]?
    @Zero package var repoDigests: [String]
    @Zero package var repoTags: [String]
    /// -1: not computed.
    @Zero package var sharedSize: Int64
    @Zero package var size: Int64
    /// Before API 1.44.
    package var virtualSize: Int64?

    package init() {}

    package init(
        containers: Int,
        created: Int64 = .init(),
        id: String = .init(),
        labels: [String: String]? = nil,
        parentId: String = .init(),
        descriptor: ImageDescriptor? = nil,
        manifests: [ImageManifestSummary]? = nil,
        repoDigests: [String] = .init(),
        repoTags: [String] = .init(),
        sharedSize: Int64 = .init(),
        size: Int64 = .init(),
        virtualSize: Int64? = nil
    ) {
        self.containers = containers
        self.created = created
        self.id = id
        self.labels = labels
        self.parentId = parentId
        self.descriptor = descriptor
        self.manifests = manifests
        self.repoDigests = repoDigests
        self.repoTags = repoTags
        self.sharedSize = sharedSize
        self.size = size
        self.virtualSize = virtualSize
    }

    package enum CodingKeys: String, CodingKey {
        case containers = "Containers"
        case created = "Created"
        case id = "Id"
        case labels = "Labels"
        case parentId = "ParentId"
        case descriptor = "Descriptor"
        case manifests = "Manifests"
        case repoDigests = "RepoDigests"
        case repoTags = "RepoTags"
        case sharedSize = "SharedSize"
        case size = "Size"
        case virtualSize = "VirtualSize"
    }
}

/// One manifest of a multi-platform image.
package struct ImageManifestSummary: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var id: String
    @Zero package var descriptor: ImageDescriptor
    @Zero package var available: Bool
    @Zero package var size: ImageManifestSize
    /// Image, attestation, unknown.
    @Zero package var kind: String
    package var imageData: ImageManifestData?

    package init() {}

    package init(
        id: String,
        descriptor: ImageDescriptor = .init(),
        available: Bool = .init(),
        size: ImageManifestSize = .init(),
        kind: String = .init(),
        imageData: ImageManifestData? = nil
    ) {
        self.id = id
        self.descriptor = descriptor
        self.available = available
        self.size = size
        self.kind = kind
        self.imageData = imageData
    }

    package enum CodingKeys: String, CodingKey {
        case id = "ID"
        case descriptor = "Descriptor"
        case available = "Available"
        case size = "Size"
        case kind = "Kind"
        case imageData = "ImageData"
    }
}

/// The sizes of a manifest's content.
package struct ImageManifestSize: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var content: Int64
    @Zero package var total: Int64

    package init() {}

    package init(content: Int64, total: Int64 = .init()) {
        self.content = content
        self.total = total
    }

    package enum CodingKeys: String, CodingKey {
        case content = "Content"
        case total = "Total"
    }
}

/// What a manifest of kind `image` holds.
package struct ImageManifestData: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var platform: ImagePlatform
    @Nullable package var containers: [String]?
    @Zero package var size: ImageUnpackedSize

    package init() {}

    package init(platform: ImagePlatform, containers: [String]? = nil, size: ImageUnpackedSize = .init()) {
        self.platform = platform
        self.containers = containers
        self.size = size
    }

    package enum CodingKeys: String, CodingKey {
        case platform = "Platform"
        case containers = "Containers"
        case size = "Size"
    }
}

/// The size of an image's unpacked layers.
package struct ImageUnpackedSize: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var unpacked: Int64

    package init() {}

    package init(unpacked: Int64) {
        self.unpacked = unpacked
    }

    package enum CodingKeys: String, CodingKey {
        case unpacked = "Unpacked"
    }
}

/// A line of `GET /images/{name}/history`.
package struct ImageHistoryItem: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var comment: String
    @Zero package var created: Int64
    @Zero package var createdBy: String
    @Zero package var id: String
    @Zero package var size: Int64
    @Nullable package var tags: [String]?

    package init() {}

    package init(
        comment: String,
        created: Int64 = .init(),
        createdBy: String = .init(),
        id: String = .init(),
        size: Int64 = .init(),
        tags: [String]? = nil
    ) {
        self.comment = comment
        self.created = created
        self.createdBy = createdBy
        self.id = id
        self.size = size
        self.tags = tags
    }

    package enum CodingKeys: String, CodingKey {
        case comment = "Comment"
        case created = "Created"
        case createdBy = "CreatedBy"
        case id = "Id"
        case size = "Size"
        case tags = "Tags"
    }
}

/// A line of the answer of `DELETE /images/{name}`.
package struct ImageDeleteItem: Codable, Sendable, Equatable, ZeroValue {
    package var untagged: String?
    package var deleted: String?

    package init() {}

    package init(untagged: String? = nil, deleted: String? = nil) {
        self.untagged = untagged
        self.deleted = deleted
    }

    package enum CodingKeys: String, CodingKey {
        case untagged = "Untagged"
        case deleted = "Deleted"
    }
}
