// SPDX-License-Identifier: Apache-2.0

internal import GRDB
internal import JSON

/// A record that could not be read: moved to the table `quarantine`, where it stays.
package struct QuarantinedRecord: Sendable, CustomStringConvertible {
    package var table: String
    package var key: String
    package var reason: String

    package var description: String { "\(table) \(key): \(reason)" }
}

/// Reads a table's records into memory, upgrading old ones.
struct Loader<Record: Codable & Sendable> {
    let table: String
    let version: Int
    let upgrades: [Int: @Sendable (JSONValue) throws -> JSONValue]

    func load(_ database: Database) throws -> (records: [String: Record], rejected: [QuarantinedRecord]) {
        var records: [String: Record] = [:]
        var rejected: [QuarantinedRecord] = []
        let rows = try Row.fetchAll(
            database, sql: "SELECT key, version, value FROM record WHERE name = ?", arguments: [table])
        for row in rows {
            let key: String = row["key"]
            let stored: Int = row["version"]
            guard stored <= version else {
                throw MetadataError(
                    .newer,
                    reason: "cannot read \(table) \(key): a newer wharfd wrote it (version \(stored), this one knows "
                        + "\(version))")
            }
            do {
                records[key] = try decode(row["value"], stored)
            } catch {
                rejected.append(QuarantinedRecord(table: table, key: key, reason: "\(error)"))
            }
        }
        if !rejected.isEmpty { try setAside(rejected, database) }
        return (records, rejected)
    }

    private func decode(_ text: String, _ stored: Int) throws -> Record {
        var value = try JSON.parse(Array(text.utf8))
        for step in stored..<version {
            guard let upgrade = upgrades[step] else {
                throw MetadataError(reason: "there is no step from version \(step)")
            }
            value = try upgrade(value)
        }
        return try JSON.decode(Record.self, from: value)
    }

    private func setAside(_ rejected: [QuarantinedRecord], _ database: Database) throws {
        try database.inTransaction(.immediate) {
            for record in rejected {
                try database.execute(
                    sql: """
                        INSERT INTO quarantine (name, key, version, value, reason)
                            SELECT name, key, version, value, ? FROM record WHERE name = ? AND key = ?
                        """,
                    arguments: [record.reason, record.table, record.key])
                try database.execute(
                    sql: "DELETE FROM record WHERE name = ? AND key = ?", arguments: [record.table, record.key])
            }
            return .commit
        }
    }
}
