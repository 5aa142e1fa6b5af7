// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI

/// Which events a listener wants. Names that Docker does not know are let pass, as it does.
struct EventFilter: Sendable {
    private let filters: Filters

    init(_ filters: Filters) { self.filters = filters }

    func matches(_ event: EventMessage) -> Bool {
        matchesExactly("type", event.type) && matchesAction(event.action) && matchesExactly("scope", event.scope ?? "")
            && ["container", "network", "volume", "daemon", "plugin"].allSatisfy { matchesActor($0, event) }
            && matchesImage(event) && matchesLabels(event)
    }

    private func matchesExactly(_ name: String, _ value: String) -> Bool {
        let wanted = filters[name]
        return wanted.isEmpty || wanted.contains(value)
    }

    /// `exec_create: ls` is also an `exec_create`.
    private func matchesAction(_ action: String) -> Bool {
        let wanted = filters["event"]
        guard !wanted.isEmpty else { return true }
        let kind = action.prefix { $0 != ":" }
        return wanted.contains(action) || wanted.contains(String(kind))
    }

    /// By ID or name, or the beginning of one.
    private func matchesActor(_ type: String, _ event: EventMessage) -> Bool {
        let wanted = filters[type]
        guard !wanted.isEmpty else { return true }
        guard event.type == type else { return false }
        let name = event.actor.attributes["name"] ?? ""
        return wanted.contains { event.actor.id.hasPrefix($0) || name.hasPrefix($0) }
    }

    private func matchesImage(_ event: EventMessage) -> Bool {
        let wanted = filters["image"]
        guard !wanted.isEmpty else { return true }
        let name = event.actor.attributes[event.type == "image" ? "name" : "image"] ?? ""
        return wanted.contains { $0 == event.actor.id || $0 == name || $0 == Self.withoutTag(name) }
    }

    private func matchesLabels(_ event: EventMessage) -> Bool {
        filters.matchLabels(event.actor.attributes)
    }

    private static func withoutTag(_ name: String) -> String {
        guard let colon = name.lastIndex(of: ":"), !name[colon...].contains("/") else { return name }
        return String(name[..<colon])
    }
}
