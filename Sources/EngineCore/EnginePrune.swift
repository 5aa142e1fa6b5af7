// SPDX-License-Identifier: Apache-2.0

package import EngineAPI
internal import Images
internal import JSON
internal import Linux

extension Engine {
    /// Removes all containers that do not run and match `filters`: `label`, `label!` and `until`. One that can't be
    /// removed stays, as with Docker.
    package func pruneContainers(_ filters: Filters) async throws -> ContainerPruneResponse {
        try filters.validate(["label", "label!", "until"])
        let until = try PruneLimit.until(filters["until"])
        var deleted: [String] = []
        var reclaimed: UInt64 = 0
        for entry in services.table.all.sorted(by: { $0.record.created < $1.record.created }) {
            let record = entry.record
            guard !record.state.running, until.map({ record.created <= $0 }) ?? true else { continue }
            let labels = record.config.labels ?? [:]
            guard filters.matchLabels(labels), !filters.matchAnyLabel(labels, as: "label!") else { continue }
            let images = services.images
            let size = try? await BlockingPool.shared.run(key: record.id) { try images.sizes(record.id).rw }
            do { try await removeContainer(record.id, force: false, volumes: false, link: false) } catch { continue }
            deleted.append(record.id)
            reclaimed += UInt64(clamping: size ?? 0)
        }
        services.events.publish(.make("container", "prune", id: "", ["reclaimed": String(reclaimed)]))
        return ContainerPruneResponse(containersDeleted: deleted.isEmpty ? nil : deleted, spaceReclaimed: reclaimed)
    }
}

/// The filter `until`: a Unix time, an RFC 3339 one, or how long ago (`24h`).
enum PruneLimit {
    static func until(_ values: [String]) throws(EngineError) -> Timestamp? {
        guard let text = values.first else { return nil }
        guard values.count == 1 else {
            throw EngineError(.invalidParameter, "more than one until filter specified")
        }
        if let seconds = Int64(text) { return Timestamp(seconds: seconds) }
        if let time = Timestamp(rfc3339: text) { return time }
        if let ago = ago(text) { return Timestamp(nanoseconds: Timestamp.now.nanoseconds - ago) }
        throw EngineError(.invalidParameter, "invalid filter 'until=[\(text)]'")
    }

    /// Seconds: nanoseconds are counted in 64 bits.
    private static let longest: Int64 = .max / 1_000_000_000

    private static func ago(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600]
        var total: Int64 = 0
        var rest = text[...]
        if rest.isEmpty { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isNumber }
            rest = rest.dropFirst(digits.count)
            guard let number = Int64(digits), number < 1 << 24, let unit = rest.popFirst().flatMap({ units[$0] }) else {
                return nil
            }
            total += number * unit
            guard total <= longest else { return nil }
        }
        return total * 1_000_000_000
    }
}
