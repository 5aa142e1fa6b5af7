// SPDX-License-Identifier: Apache-2.0

internal import CommandLine
internal import EngineAPI
internal import GoTemplate
internal import JSON

/// Everything that takes up space, one by one: `system df -v`.
struct DiskUsageDetails {
    private let usage: DiskUsage
    private let session: Session

    init(_ usage: DiskUsage, _ session: Session) {
        self.usage = usage
        self.session = session
    }

    func text(format: String) throws -> String {
        switch format {
        case "", "table": return try tables()
        case "raw": throw Failure("--format raw with --verbose is not supported yet")
        default:
            let template = try Listing.parse(Listing.choose(format, table: "", quiet: nil).template)
            return try template.apply(.record(record()))
        }
    }

    // MARK: Lists

    private let images = Listing(
        typeName: "*formatter.imageContext", headers: ImageList.headers,
        table: "{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}\t{{.SharedSize}}\t{{.UniqueSize}}\t"
            + "{{.Containers}}", quiet: "")
    private let containers = Listing(
        typeName: "*formatter.ContainerContext", headers: ContainerRow.headers,
        table: "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.LocalVolumes}}\t{{.Size}}\t{{.RunningFor}}\t{{.Status}}\t"
            + "{{.Names}}", quiet: "")
    private let volumes = Listing(
        typeName: "*formatter.volumeContext", headers: VolumeListCommand.headers,
        table: "{{.Name}}\t{{.Links}}\t{{.Size}}", quiet: "")
    private let buildCache = Listing(
        typeName: "*formatter.buildCacheContext", headers: BuildCacheRow.headers,
        table: "{{.ID}}\t{{.CacheType}}\t{{.Size}}\t{{.CreatedSince}}\t{{.LastUsedSince}}\t{{.UsageCount}}\t"
            + "{{.Shared}}", quiet: "")

    private func imageRows(isWhole: Bool) -> [Row] {
        (usage.images ?? []).map { image in
            // Only the first of its names.
            let names = image.repoTags.isEmpty ? [] : ImageList.names(of: image, wantsDigest: false)
            var name = names.first ?? ImageList.ImageName()
            name.digest = ""
            return ImageList.row(image, name, now: session.console.now(), isWhole: isWhole)
        }
    }

    private func containerRows(isWhole: Bool) -> [Row] {
        (usage.containers ?? []).map { container in
            var container = container
            // What it shares with its image is the image's.
            container.sizeRootFs = 0
            return ContainerRow.row(container, session, isWhole: isWhole)
        }
    }

    private var volumeRows: [Row] { (usage.volumes ?? []).map(VolumeListCommand.row) }

    private var cache: [BuildCacheRow] {
        (usage.buildCache ?? []).map { BuildCacheRow(record: $0) }.sorted(by: BuildCacheRow.isBefore)
    }

    private func tables() throws -> String {
        let own = SystemDiskUsage.sum(cache.filter { !$0.isShared }, \.size)
        let table = { (list: Listing, rows: [Row]) in try list.text(rows, format: "table", isQuiet: false) }
        return try "Images space usage:\n\n" + table(images, imageRows(isWhole: false))
            + "\nContainers space usage:\n\n" + table(containers, containerRows(isWhole: false))
            + "\nLocal Volumes space usage:\n\n" + table(volumes, volumeRows)
            + "\nBuild cache usage: \(Human.size(own, digits: 4))\n\n"
            + table(buildCache, cache.map { $0.row(now: session.console.now(), isWhole: false) })
    }

    /// What a template sees: lists of objects.
    private func record() -> TemplateRecord {
        let now = session.console.now()
        let json = { (list: Listing, rows: [Row]) in JSONValue.array(rows.map { list.record($0).json }) }
        let members: [String: JSONValue] = [
            "Images": json(images, imageRows(isWhole: true)),
            "Containers": json(containers, containerRows(isWhole: true)), "Volumes": json(volumes, volumeRows),
            "BuildCache": json(buildCache, cache.map { $0.row(now: now, isWhole: true) }),
        ]
        return TemplateRecord(
            typeName: "*formatter.diskUsageContext", names: ["Images", "Containers", "Volumes", "BuildCache"]
        ) { name, _ in members[name].map(TemplateValue.json) }
    }
}

/// A record of a builder's cache, as the engine sent it.
struct BuildCacheRow {
    let record: JSONValue

    static let headers = [
        "ID": "CACHE ID", "Parent": "PARENT", "CacheType": "CACHE TYPE", "Description": "DESCRIPTION",
        "Size": "SIZE", "CreatedAt": "CREATED AT", "CreatedSince": "CREATED", "LastUsedAt": "LAST USED AT",
        "LastUsedSince": "LAST USED", "UsageCount": "USAGE", "InUse": "IN USE", "Shared": "SHARED",
    ]

    var isShared: Bool { record["Shared"] == true }
    var isInUse: Bool { record["InUse"] == true }
    var size: Int64 { number("Size") }
    private var id: String { record["ID"]?.string ?? "" }
    private var lastUsed: Timestamp? { time("LastUsedAt") }

    private func number(_ name: String) -> Int64 {
        if case .integer(let number)? = record[name] { number } else { 0 }
    }

    private func time(_ name: String) -> Timestamp? { record[name]?.string.flatMap { Timestamp(rfc3339: $0) } }

    /// What was never used first, then what was used longest ago.
    static func isBefore(_ a: BuildCacheRow, _ b: BuildCacheRow) -> Bool {
        (a.lastUsed?.nanoseconds ?? .min, a.id) < (b.lastUsed?.nanoseconds ?? .min, b.id)
    }

    func row(now: Timestamp, isWhole: Bool) -> Row {
        let shown = { @Sendable (id: String) in isWhole ? id : Human.shortID(id) }
        let parents = (record[" Parents"] ?? record["Parents"])?.array?.compactMap(\.string).joined(separator: ", ")
        return Row { [self] name, _ in
            switch name {
            case "ID": shown(id) + (isInUse ? "*" : "")
            case "Parent": shown(parents ?? record["Parent"]?.string ?? "")
            case "CacheType": record["Type"]?.string ?? ""
            case "Description": record["Description"]?.string ?? ""
            case "Size": Human.size(size)
            case "CreatedAt": time("CreatedAt").map(Human.goTime) ?? ""
            case "CreatedSince": time("CreatedAt").map { Human.ago($0, now: now) } ?? ""
            case "LastUsedAt": lastUsed.map(Human.goTime) ?? ""
            case "LastUsedSince": lastUsed.map { Human.ago($0, now: now) } ?? ""
            case "UsageCount": String(number("UsageCount"))
            case "InUse": String(isInUse)
            case "Shared": String(isShared)
            default: nil
            }
        }
    }
}
