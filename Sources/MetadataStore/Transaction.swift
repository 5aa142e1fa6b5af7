// SPDX-License-Identifier: Apache-2.0

internal import GRDB
internal import JSON

/// The changes of one `MetadataStore.write`; valid only inside it. Its reads see its own changes.
package final class Transaction {
    private var database: Database?
    private var pending: [String: any PendingChanges] = [:]

    init(_ database: Database) { self.database = database }

    /// Adds the record, or replaces the one with that key.
    package func put<Record>(_ table: Table<Record>, _ key: String, _ record: Record) throws {
        let text = String(decoding: try JSON.encode(record), as: UTF8.self)
        try statement(
            "INSERT INTO record (name, key, version, value) VALUES (?, ?, ?, ?) "
                + "ON CONFLICT (name, key) DO UPDATE SET version = excluded.version, value = excluded.value",
            [table.name, key, table.version, text])
        changes(of: table).changes[key] = .some(record)
    }

    /// Removes the record; it need not exist.
    package func delete<Record>(_ table: Table<Record>, _ key: String) throws {
        try statement("DELETE FROM record WHERE name = ? AND key = ?", [table.name, key])
        changes(of: table).changes[key] = .some(nil)
    }

    /// The record as this transaction would leave it.
    package func get<Record>(_ table: Table<Record>, _ key: String) -> Record? {
        if let change = changes(of: table).changes[key] { return change }
        return table[key]
    }

    /// All records as this transaction would leave them.
    package func all<Record>(_ table: Table<Record>) -> [String: Record] {
        var records = table.all
        for (key, record) in changes(of: table).changes { records[key] = record }
        return records
    }

    func publish() {
        for changes in pending.values { changes.publish() }
    }

    func end() { database = nil }

    private func statement(_ sql: String, _ arguments: StatementArguments) throws {
        guard let database else { throw MetadataError(reason: "the transaction is over") }
        try database.cachedStatement(sql: sql).execute(arguments: arguments)
    }

    private func changes<Record>(of table: Table<Record>) -> Pending<Record> {
        if let known = pending[table.name] as? Pending<Record> { return known }
        let new = Pending(table)
        pending[table.name] = new
        return new
    }
}

/// A table's changes, whatever its records are.
private protocol PendingChanges {
    func publish()
}

private final class Pending<Record: Codable & Sendable>: PendingChanges {
    let table: Table<Record>
    var changes: [String: Record?] = [:]

    init(_ table: Table<Record>) { self.table = table }

    func publish() { if !changes.isEmpty { table.publish(changes) } }
}
