// SPDX-License-Identifier: Apache-2.0

internal import OCI
internal import OCIRuntime

/// `list`: the containers of this state directory.
enum List {
    static let command = Command(
        "list", "", "list the containers of the state directory",
        flags: [
            .init(name: "format", short: "f", about: "table (unless given) or json"),
            .init(name: "quiet", short: "q", takesValue: false, about: "print ids only"),
        ], run: run)

    private static func run(_ context: RuntimeCommand.Context, _ options: Options) throws(RuntimeError) -> Int32 {
        guard options.arguments.isEmpty else { throw RuntimeError(.invalid, "list: takes no arguments") }
        for id in context.store.claimed { _ = try? context.store.clearAbandoned(id) }
        let records = try context.store.list()
        if options.isOn("quiet") { return RuntimeCommand.print(records.map { $0.id + "\n" }.joined()) }
        var documents: [State.Document] = []
        for record in records { documents.append(try State.Document(record, context.store)) }
        switch options["format"] ?? "table" {
        case "table": return RuntimeCommand.print(table(documents))
        case "json": return try RuntimeCommand.print(documents, indent: nil)
        case let other: throw RuntimeError(.invalid, "invalid format option \"\(other)\"")
        }
    }

    private static func table(_ documents: [State.Document]) -> String {
        let head = ["ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"]
        let rows =
            [head]
            + documents.map { document in
                [
                    document.id, "\(document.pid ?? 0)", document.status.rawValue, document.bundle, document.created,
                    document.owner,
                ]
            }
        let widths = head.indices.map { column in max(12, (rows.map { $0[column].utf8.count }.max() ?? 0) + 3) }
        return rows.map { row in
            zip(row, widths).enumerated().map { column, cell in
                // The last column is as wide as it is.
                cell.0 + String(repeating: " ", count: column == 5 ? 0 : cell.1 - cell.0.utf8.count)
            }.joined() + "\n"
        }.joined()
    }
}
