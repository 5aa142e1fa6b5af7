// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Glibc
internal import JSON
internal import OCI

/// The filters of `docker images`: dangling, before, since, until, reference, label, label!.
struct ImageFilter {
    private static let known: Set<String> = ["dangling", "before", "since", "until", "reference", "label", "label!"]

    private let dangling: Bool?
    private var before: Timestamp?
    private var since: Timestamp?
    private let filters: Filters

    init(_ filters: Filters, _ store: ImageStore) throws(EngineError) {
        try filters.validate(Self.known)
        dangling = try filters.bool("dangling")
        for reference in filters["before"] {
            let created = try store.resolve(reference).created
            before = min(before ?? created, created)
        }
        for reference in filters["since"] {
            let created = try store.resolve(reference).created
            since = max(since ?? created, created)
        }
        for text in filters["until"] {
            let time = try Self.time(text)
            before = min(before ?? time, time)
        }
        self.filters = filters
    }

    /// Which of its names the image is listed with; nil if it is not listed.
    func names(_ names: [ImageReference], of record: ImageRecord) -> [ImageReference]? {
        if let dangling, dangling != names.isEmpty { return nil }
        let created = record.configuration.created ?? .zero
        if let before, created >= before { return nil }
        if let since, created <= since { return nil }
        let own = record.configuration.config?.labels ?? [:]
        guard filters.matchLabels(own), !filters.matchAnyLabel(own, as: "label!") else { return nil }
        let patterns = filters["reference"]
        if patterns.isEmpty { return names }
        let kept = names.filter { name in
            patterns.contains {
                fnmatch($0, name.familiar, FNM_PATHNAME) == 0
                    || fnmatch($0, name.familiarRepository, FNM_PATHNAME) == 0
            }
        }
        return kept.isEmpty ? nil : kept
    }

    /// RFC 3339, a date, seconds since 1970, or a Go duration before now.
    private static func time(_ text: String) throws(EngineError) -> Timestamp {
        if let time = Timestamp(rfc3339: text) { return time }
        if let time = Timestamp(rfc3339: text + "Z") ?? Timestamp(rfc3339: text + "T00:00:00Z") { return time }
        if let seconds = Double(text), seconds.isFinite, abs(seconds) < 1e10 {
            return Timestamp(nanoseconds: Int64(seconds * 1e9))
        }
        if let duration = Self.duration(text) { return Timestamp(nanoseconds: Timestamp.now.nanoseconds - duration) }
        throw EngineError(.invalidParameter, "failed to parse value as time or duration: \"\(text)\"")
    }

    /// Nanoseconds of `1h30m`, `1.5s`.
    private static func duration(_ text: String) -> Int64? {
        let units: [(name: String, nanoseconds: Double)] = [
            ("ns", 1), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9),
        ]
        var rest = text[...]
        var total = 0.0
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(number.count)
            let name = rest.prefix { !($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(name.count)
            guard let value = Double(number), let unit = units.first(where: { $0.name == name }) else { return nil }
            total += value * unit.nanoseconds
        }
        return total > 0 && total < 9e18 ? Int64(total) : nil
    }
}
