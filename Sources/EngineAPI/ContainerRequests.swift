// SPDX-License-Identifier: Apache-2.0

/// The answer of `POST /containers/create`.
package struct ContainerCreateResponse: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var id: String
    @Zero package var warnings: [String]

    package init() {}

    package init(id: String, warnings: [String] = .init()) {
        self.id = id
        self.warnings = warnings
    }

    package enum CodingKeys: String, CodingKey {
        case id = "Id"
        case warnings = "Warnings"
    }
}

/// The answer of `POST /containers/{id}/wait`.
package struct WaitResponse: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var statusCode: Int64
    package var error: WaitError?

    package init() {}

    package init(statusCode: Int64, error: WaitError? = nil) {
        self.statusCode = statusCode
        self.error = error
    }

    package enum CodingKeys: String, CodingKey {
        case statusCode = "StatusCode"
        case error = "Error"
    }
}

/// Why waiting failed.
package struct WaitError: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var message: String

    package init() {}

    package init(message: String) {
        self.message = message
    }

    package enum CodingKeys: String, CodingKey {
        case message = "Message"
    }
}

/// The answer of `GET /containers/{id}/top`.
package struct TopResponse: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var processes: [[String]]
    @Zero package var titles: [String]

    package init() {}

    package init(processes: [[String]], titles: [String] = .init()) {
        self.processes = processes
        self.titles = titles
    }

    package enum CodingKeys: String, CodingKey {
        case processes = "Processes"
        case titles = "Titles"
    }
}

/// The answer of `POST /containers/{id}/update`.
package struct ContainerUpdateResponse: Codable, Sendable, Equatable, ZeroValue {
    @Nullable package var warnings: [String]?

    package init() {}

    package init(warnings: [String]?) {
        self.warnings = warnings
    }

    package enum CodingKeys: String, CodingKey {
        case warnings = "Warnings"
    }
}

/// The body of every error.
package struct ErrorResponse: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var message: String

    package init() {}

    package init(message: String) {
        self.message = message
    }
}

/// The answer of what makes something with nothing but an ID.
package struct IDResponse: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var id: String

    package init() {}

    package init(id: String) {
        self.id = id
    }

    package enum CodingKeys: String, CodingKey {
        case id = "Id"
    }
}
