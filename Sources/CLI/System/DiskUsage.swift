// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import CommandLine
internal import EngineAPI
internal import GoTemplate
internal import JSON

/// `system df`: what takes up space, in sums or, with `-v`, one by one.
enum SystemDiskUsage {
    static func run(_ session: Session) throws -> Int32 {
        let usage: DiskUsage = try session.client().json("GET", "/system/df")
        let format = session.flags.text("format")
        let text =
            session.flags.bool("verbose")
            ? try DiskUsageDetails(usage, session).text(format: format)
            : try summary.text(sums(usage).map(\.row), format: format, isQuiet: false)
        session.console.print(text, terminator: "")
        return 0
    }

    private static let summary = Listing(
        typeName: "*formatter.diskUsageImagesContext",
        headers: [
            "Type": "TYPE", "TotalCount": "TOTAL", "Active": "ACTIVE", "Size": "SIZE", "Reclaimable": "RECLAIMABLE",
        ],
        table: "{{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}", quiet: "",
        raw: (
            "type: {{.Type}}\ntotal: {{.TotalCount}}\nactive: {{.Active}}\nsize: {{.Size}}\n"
                + "reclaimable: {{.Reclaimable}}\n", ""
        ), complaint: "template parsing error")

    /// All objects of one kind.
    private struct Sum {
        var type: String
        var count: Int
        var active: Int
        /// Bytes.
        var size: Int64
        var reclaimable: Int64
        var tellsPercent = true

        var row: Row {
            Row { [self] name, _ in
                switch name {
                case "Type": type
                case "TotalCount": String(count)
                case "Active": String(active)
                case "Size": Human.size(size, digits: 4)
                case "Reclaimable":
                    Human.size(reclaimable, digits: 4)
                        + (tellsPercent && size > 0 ? " (\(Int64(Double(reclaimable) * 100 / Double(size)))%)" : "")
                default: nil
                }
            }
        }
    }

    private static func sums(_ usage: DiskUsage) -> [Sum] {
        let images = usage.images ?? []
        let total = usage.layersSize ?? 0
        let used = images.filter { $0.containers != 0 && $0.size >= 0 && $0.sharedSize >= 0 }
        let containers = usage.containers ?? []
        let active = containers.filter { ["running", "paused", "restarting"].contains($0.state) }
        let written = sum(containers) { $0.sizeRw ?? 0 }
        let volumes = (usage.volumes ?? []).compactMap(\.usageData)
        let known = volumes.filter { $0.size >= 0 }
        let cache = (usage.buildCache ?? []).map { BuildCacheRow(record: $0) }
        let own = cache.filter { !$0.isShared }
        return [
            Sum(
                type: "Images", count: images.count, active: images.count { $0.containers > 0 }, size: total,
                reclaimable: total - sum(used) { $0.size - $0.sharedSize }),
            Sum(
                type: "Containers", count: containers.count, active: active.count, size: written,
                reclaimable: written - sum(active) { $0.sizeRw ?? 0 }),
            Sum(
                type: "Local Volumes", count: (usage.volumes ?? []).count, active: volumes.count { $0.refCount > 0 },
                size: sum(known) { $0.size }, reclaimable: sum(known.filter { $0.refCount == 0 }) { $0.size }),
            Sum(
                type: "Build Cache", count: cache.count, active: cache.count { $0.isInUse }, size: sum(own) { $0.size },
                reclaimable: sum(own.filter { !$0.isInUse }) { $0.size }, tellsPercent: false),
        ]
    }

    static func sum<Element>(_ elements: [Element], _ value: (Element) -> Int64) -> Int64 {
        elements.reduce(0) { $0 + value($1) }
    }
}
