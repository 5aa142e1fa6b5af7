// SPDX-License-Identifier: Apache-2.0

/// One event of `GET /events`.
package struct EventMessage: Codable, Sendable, Equatable, ZeroValue {
    /// Before API 1.22, still sent: of containers and images.
    package var status: String?
    package var id: String?
    package var from: String?
    @Zero package var type: String
    @Zero package var action: String
    @Zero package var actor: EventActor
    package var scope: String?
    /// Seconds since 1970.
    @Zero package var time: Int64
    @Zero package var timeNano: Int64

    package init() {}

    package init(
        status: String?,
        id: String? = nil,
        from: String? = nil,
        type: String = .init(),
        action: String = .init(),
        actor: EventActor = .init(),
        scope: String? = nil,
        time: Int64 = .init(),
        timeNano: Int64 = .init()
    ) {
        self.status = status
        self.id = id
        self.from = from
        self.type = type
        self.action = action
        self.actor = actor
        self.scope = scope
        self.time = time
        self.timeNano = timeNano
    }

    package enum CodingKeys: String, CodingKey {
        case status
        case id
        case from
        case type = "Type"
        case action = "Action"
        case actor = "Actor"
        case scope
        case time
        case timeNano
    }
}

/// What an event is about.
package struct EventActor: Codable, Sendable, Equatable, ZeroValue {
    @Zero package var id: String
    @Zero package var attributes: [String: String]

    package init() {}

    package init(id: String, attributes: [String: String] = .init()) {
        self.id = id
        self.attributes = attributes
    }

    package enum CodingKeys: String, CodingKey {
        case id = "ID"
        case attributes = "Attributes"
    }
}
