// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import JSON

/// The filters of `ps`, parsed once, with Docker's refusals.
struct ContainerFilter {
    static let known: Set<String> = [
        "ancestor", "before", "exited", "id", "is-task", "isolation", "label", "name", "network", "health", "publish",
        "expose", "since", "status", "volume",
    ]
    private static let statuses: Set<String> = [
        "created", "running", "paused", "restarting", "removing", "exited", "dead",
    ]

    private let filters: Filters
    private let names: [NamePattern]
    private let exitCodes: [Int]
    private let before: Timestamp?
    private let since: Timestamp?
    private let images: Set<String>
    private let published: [PortRange]
    private let exposed: [PortRange]
    private let isTask: Bool?

    /// `find` looks a container up (for `before`, `since`), `resolve` an image (for `ancestor`).
    init(
        _ filters: Filters, find: (String) throws(EngineError) -> ContainerRecord,
        resolve: (String) -> String?
    ) throws(EngineError) {
        try filters.validate(Self.known)
        self.filters = filters
        names = filters["name"].map(NamePattern.init)
        for status in filters["status"] where !Self.statuses.contains(status) {
            throw EngineError(.invalidParameter, "invalid filter 'status=\(status)'")
        }
        for health in filters["health"] where !["starting", "healthy", "unhealthy", "none"].contains(health) {
            throw EngineError(
                .invalidParameter, "unrecognized filter value for health: \(health)")
        }
        var codes: [Int] = []
        for text in filters["exited"] {
            guard let code = Int(text) else { throw EngineError(.invalidParameter, "invalid filter 'exited=\(text)'") }
            codes.append(code)
        }
        exitCodes = codes
        before = try Self.time(filters["before"], find)
        since = try Self.time(filters["since"], find)
        images = Set(filters["ancestor"].map { resolve($0) ?? "none: \($0)" })
        published = try filters["publish"].map { text throws(EngineError) in try PortRange(text, "publish") }
        exposed = try filters["expose"].map { text throws(EngineError) in try PortRange(text, "expose") }
        isTask = try filters.bool("is-task")
    }

    private static func time(
        _ values: [String], _ find: (String) throws(EngineError) -> ContainerRecord
    ) throws(EngineError) -> Timestamp? {
        guard let ref = values.first else { return nil }
        return try find(ref).created
    }

    /// Whether some filter asks for containers that do not run.
    var wantsStopped: Bool { !filters["status"].isEmpty || !exitCodes.isEmpty || before != nil || since != nil }

    func matches(_ record: ContainerRecord) -> Bool {
        matchesIdentity(record) && matchesState(record) && matchesSurroundings(record)
    }

    private func matchesIdentity(_ record: ContainerRecord) -> Bool {
        let ids = filters["id"]
        if !ids.isEmpty, !ids.contains(where: { record.id.hasPrefix($0) }) { return false }
        if !names.isEmpty, !names.contains(where: { $0.matches(record.name) }) { return false }
        if !filters.matchLabels(record.config.labels ?? [:]) { return false }
        if let before, record.created >= before { return false }
        if let since, record.created <= since { return false }
        if isTask == true { return false }
        return images.isEmpty || images.contains(record.image)
    }

    private func matchesState(_ record: ContainerRecord) -> Bool {
        let statuses = filters["status"]
        if !statuses.isEmpty, !statuses.contains(record.state.status) { return false }
        if !exitCodes.isEmpty {
            guard record.state.status == "exited", exitCodes.contains(record.state.exitCode) else { return false }
        }
        let health = filters["health"]
        return health.isEmpty || health.contains(record.state.health?.status ?? "none")
    }

    private func matchesSurroundings(_ record: ContainerRecord) -> Bool {
        let volumes = filters["volume"]
        if !volumes.isEmpty {
            let known = record.mounts.map(\.point).flatMap { [$0.name ?? "", $0.source, $0.destination] }
            guard volumes.contains(where: { known.contains($0) }) else { return false }
        }
        let networks = filters["network"]
        if !networks.isEmpty {
            let joined = record.networks
            guard
                networks.contains(where: { wanted in
                    joined[wanted] != nil
                        || joined.values.contains { !$0.networkID.isEmpty && $0.networkID.hasPrefix(wanted) }
                })
            else { return false }
        }
        if !published.isEmpty {
            let bound = record.portList().filter { $0.publicPort ?? 0 > 0 }
            guard
                published.contains(where: { range in
                    bound.contains {
                        range.contains($0.publicPort ?? 0, $0.type) || range.contains($0.privatePort, $0.type)
                    }
                })
            else { return false }
        }
        if !exposed.isEmpty {
            let ports = (record.config.exposedPorts ?? [:]).keys
            guard
                exposed.contains(where: { range in
                    ports.contains { range.contains($0.port, $0.transport.rawValue) }
                })
            else { return false }
        }
        return true
    }
}

/// `80`, `80/tcp`, `8000-8080/udp`.
struct PortRange {
    let ports: ClosedRange<UInt16>
    let transport: String

    init(_ text: String, _ filter: String) throws(EngineError) {
        let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
        let bounds = (parts.first ?? "").split(separator: "-", maxSplits: 1).compactMap { UInt16($0) }
        guard let first = bounds.first, let last = bounds.last, first <= last else {
            throw EngineError(.invalidParameter, "error while looking up for \(filter) \(text)")
        }
        ports = first...last
        transport = parts.count > 1 ? parts[1] : "tcp"
    }

    func contains(_ port: UInt16, _ transport: String) -> Bool {
        ports.contains(port) && transport == self.transport
    }
}

/// The `name` filter is a regular expression, searched for in the name, with and without its slash; one that is
/// malformed is text to be contained.
struct NamePattern {
    private let text: String
    private let pattern: LinearPattern?

    init(_ text: String) {
        self.text = text
        pattern = try? LinearPattern(text)
    }

    func matches(_ name: String) -> Bool {
        guard let pattern else { return name.contains(text) }
        return pattern.isContained(in: "/" + name) || pattern.isContained(in: name)
    }
}
