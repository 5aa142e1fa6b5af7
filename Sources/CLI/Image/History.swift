// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import CommandLine
internal import EngineAPI
internal import GoTemplate
internal import JSON

/// `history`: shows an image's layers, newest first.
enum ImageHistory {
    static func run(_ session: Session) throws -> Int32 {
        let flags = session.flags
        let items = try session.client().imageHistory(session.arguments[0])
        let now = session.console.now()
        let isWhole = flags.bool("no-trunc")
        let isHuman = flags.bool("human")
        let list = Listing(
            typeName: "*formatter.historyContext",
            headers: [
                "ID": "IMAGE", "CreatedSince": "CREATED", "CreatedAt": "CREATED AT", "CreatedBy": "CREATED BY",
                "Size": "SIZE", "Comment": "COMMENT",
            ],
            table: isHuman
                ? "{{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}"
                : "{{.ID}}\t{{.CreatedAt}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}",
            quiet: "{{.ID}}")
        try list.print(items.map { row($0, now: now, isWhole: isWhole, isHuman: isHuman) }, session)
        return 0
    }

    private static func row(_ item: ImageHistoryItem, now: Timestamp, isWhole: Bool, isHuman: Bool) -> Row {
        Row { name, _ in
            switch name {
            case "ID": isWhole ? item.id : Human.shortID(item.id)
            case "CreatedSince":
                item.created == 0
                    ? "N/A" : Human.ago(Timestamp(seconds: item.created), now: now)
            case "CreatedAt":
                item.created == 0 ? "N/A" : Human.rfc3339(Timestamp(seconds: item.created), fraction: false)
            case "CreatedBy": createdBy(item, isWhole: isWhole)
            case "Size": isHuman ? Human.size(item.size) : String(item.size)
            case "Comment": item.comment
            default: nil
            }
        }
    }

    private static func createdBy(_ item: ImageHistoryItem, isWhole: Bool) -> String {
        let text = item.createdBy.replacing("\t", with: " ")
        return isWhole ? text : Human.ellipsis(text, 45)
    }
}
