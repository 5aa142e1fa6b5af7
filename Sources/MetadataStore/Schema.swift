// SPDX-License-Identifier: Apache-2.0

internal import GRDB

/// The database's own layout, in `PRAGMA user_version`, and the numbered steps from one to the next.
enum Schema {
    /// `wharf` in SQLite's application_id, so that another program's database is never taken for ours.
    private static let application = 0x7768_6172

    /// Step n takes a database of version n - 1 to n. A step that has been released is never changed.
    private static let steps: [@Sendable (Database) throws -> Void] = [
        { database in
            try database.execute(
                sql: """
                    CREATE TABLE record (
                        name TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL, value TEXT NOT NULL,
                        PRIMARY KEY (name, key)
                    ) WITHOUT ROWID;
                    CREATE TABLE quarantine (
                        name TEXT NOT NULL, key TEXT NOT NULL, version INTEGER NOT NULL, value TEXT NOT NULL,
                        reason TEXT NOT NULL, at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
                    );
                    """)
        }
    ]

    static func open(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "wharf.metadata"
        configuration.busyMode = .timeout(2)
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.inDatabase { database in
            // BEFORE anything that writes: a newer program's file must stay as it is.
            let version = try check(database, path)
            // What a damaged file lacks would be taken for removed, and everything of it for garbage.
            guard try String.fetchOne(database, sql: "PRAGMA quick_check(1)") == "ok" else {
                throw MetadataError(.corrupt, reason: "cannot open \(path): it is damaged; it was left as it is")
            }
            try database.execute(sql: "PRAGMA locking_mode = EXCLUSIVE")
            try database.execute(sql: "PRAGMA journal_mode = WAL")
            try database.inTransaction(.immediate) {
                for (index, step) in steps.enumerated() where index >= version {
                    try step(database)
                    try database.execute(sql: "PRAGMA user_version = \(index + 1)")
                }
                try database.execute(sql: "PRAGMA application_id = \(application)")
                return .commit
            }
        }
        return queue
    }

    private static func check(_ database: Database, _ path: String) throws -> Int {
        let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        let owner = try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
        guard owner == application || (owner == 0 && tables == 0) else {
            throw MetadataError(.corrupt, reason: "cannot open \(path): it is another program's database")
        }
        guard version <= steps.count else {
            throw MetadataError(
                .newer,
                reason: "cannot open \(path): a newer wharfd wrote it (layout \(version), this one knows "
                    + "\(steps.count)); it was left as it is")
        }
        return version
    }
}
