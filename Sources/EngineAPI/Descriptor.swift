// SPDX-License-Identifier: Apache-2.0

/// A content descriptor of the OCI image specification, as the API shows it.
package struct ImageDescriptor: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var mediaType: String
    @Zero package var digest: String
    @Zero package var size: Int64
    package var urls: [String]?
    package var annotations: [String: String]?
    package var data: String?
    package var platform: ImagePlatform?
    package var artifactType: String?

    package init() {}

    package init(
        mediaType: String,
        digest: String = .init(),
        size: Int64 = .init(),
        urls: [String]? = nil,
        annotations: [String: String]? = nil,
        data: String? = nil,
        platform: ImagePlatform? = nil,
        artifactType: String? = nil
    ) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        self.urls = urls
        self.annotations = annotations
        self.data = data
        self.platform = platform
        self.artifactType = artifactType
    }
}

/// An operating system and an instruction set.
package struct ImagePlatform: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var architecture: String
    @Zero package var os: String
    package var osVersion: String?
    package var osFeatures: [String]?
    package var variant: String?

    package init() {}

    package init(
        architecture: String,
        os: String = .init(),
        osVersion: String? = nil,
        osFeatures: [String]? = nil,
        variant: String? = nil
    ) {
        self.architecture = architecture
        self.os = os
        self.osVersion = osVersion
        self.osFeatures = osFeatures
        self.variant = variant
    }

    package enum CodingKeys: String, CodingKey {
        case architecture
        case os
        case osVersion = "os.version"
        case osFeatures = "os.features"
        case variant
    }
}
