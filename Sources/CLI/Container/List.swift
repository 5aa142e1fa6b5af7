// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import CommandLine
internal import EngineAPI
internal import GoTemplate
internal import JSON

/// `ps`: lists containers.
enum ContainerList {
    private static let table =
        "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}"

    static func run(_ session: Session) throws -> Int32 {
        let flags = session.flags
        let list = listing(withSize: flags.bool("size"))
        // A template that can't work is told of before the engine is asked.
        var format = flags.text("format")
        if flags.bool("quiet"), !format.isEmpty {
            session.console.complain(
                "WARNING: Ignoring custom format, because both --format and --quiet are set.")
            if format != "raw" { format = "" }
        }
        _ = try list.text(
            [ContainerRow.row(ContainerSummary(), session, isWhole: true)], format: format, isQuiet: false)
        let last = flags.bool("latest") ? 1 : flags.int("last") ?? -1
        let size = flags.bool("size") || Self.asksForSize(format)
        let containers = try session.client().containers(
            all: flags.bool("all"), limit: last > 0 ? last : nil, size: size, filters: session.filters())
        let isWhole = flags.bool("no-trunc")
        try list.print(containers.map { ContainerRow.row($0, session, isWhole: isWhole) }, session, format: format)
        return 0
    }

    /// Whether a template prints the size, which the engine works out only when asked.
    private static func asksForSize(_ format: String) -> Bool {
        if format.contains("json .}") || format.contains("json . }") { return true }
        var rest = format[...]
        while let dot = rest.firstIndex(of: ".") {
            rest = rest[rest.index(after: dot)...]
            guard rest.hasPrefix("Size") else { continue }
            let next = rest.dropFirst(4).first
            if next.map({ !$0.isLetter && !$0.isNumber }) ?? true { return true }
        }
        return false
    }

    private static let raw =
        "container_id: {{.ID}}\nimage: {{.Image}}\ncommand: {{.Command}}\ncreated_at: {{.CreatedAt}}\n"
        + "state: {{- pad .State 1 0}}\nstatus: {{- pad .Status 1 0}}\nnames: {{.Names}}\n"
        + "labels: {{- pad .Labels 1 0}}\nports: {{- pad .Ports 1 0}}\n"

    private static func listing(withSize: Bool) -> Listing {
        Listing(
            typeName: "*formatter.ContainerContext",
            headers: ContainerRow.headers, table: withSize ? table + "\t{{.Size}}" : table, quiet: "{{.ID}}",
            raw: (withSize ? raw + "size: {{.Size}}\n" : raw, "container_id: {{.ID}}"))
    }
}
