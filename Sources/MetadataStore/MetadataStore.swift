// SPDX-License-Identifier: Apache-2.0

internal import GRDB
package import JSON
internal import Synchronization

/// All of the engine's metadata: tables of records, in one SQLite database (WAL), changed in transactions that may span
/// tables.
///
/// One process owns a database at a time. Each table keeps all its records in memory: reads never touch the disk and
/// never wait for a transaction, they see what was last committed. A use, from start to end:
///
///     let store = try MetadataStore(path: "/var/lib/wharf/wharf.db")
///     let volumes = try store.table("volumes", of: Volume.self)
///     try store.write { tx in try tx.put(volumes, "data", volume) }
///     volumes["data"]
package final class MetadataStore: Sendable {
    private let queue: DatabaseQueue
    private let state = Mutex(State())

    private struct State {
        var tables: [String: any AnyObject & Sendable] = [:]
        var durability: Durability?
        var quarantined: [QuarantinedRecord] = []
    }

    /// Opens or creates the database. Throws `MetadataError.newer`, leaving the file as it is, if a later program wrote
    /// it, and `.inUse` if another process has it open.
    package init(path: String) throws(MetadataError) {
        do {
            queue = try Schema.open(path)
        } catch {
            throw MetadataError(opening: path, error)
        }
    }

    /// Closes the database; every later write throws.
    package func close() throws(MetadataError) {
        do { try queue.close() } catch { throw MetadataError("close the metadata database", error) }
    }

    /// The table of that name, its records read into memory on the first call.
    ///
    /// `version` is the shape of `Record` that this program writes; `upgrades[n]` turns version n into n + 1. A record
    /// that can't be read is set aside (see `quarantined`), never deleted. One of a later version refuses the table.
    package func table<Record: Codable & Sendable>(
        _ name: String, of type: Record.Type, version: Int = 1,
        upgrades: [Int: @Sendable (JSONValue) throws -> JSONValue] = [:]
    ) throws(MetadataError) -> Table<Record> {
        do {
            return try queue.inDatabase { database in
                if let known = state.withLock({ $0.tables[name] }) {
                    guard let table = known as? Table<Record> else { throw MetadataError.otherType(name) }
                    return table
                }
                let loader = Loader<Record>(table: name, version: version, upgrades: upgrades)
                let (records, rejected) = try loader.load(database)
                let table = Table<Record>(name: name, version: version, records: records)
                state.withLock { state in
                    state.tables[name] = table
                    state.quarantined += rejected
                }
                return table
            }
        } catch {
            throw MetadataError("read the table \(name)", error)
        }
    }

    /// The records that could not be read since this store was opened, for the log.
    package var quarantined: [QuarantinedRecord] { state.withLock { $0.quarantined } }

    /// Runs `body` in one transaction, waits until it is on disk as `durability` wants, then publishes what it changed.
    /// If `body` throws, nothing is changed. Blocks: not for the cooperative pool.
    package func write<Result>(
        durability: Durability = .full, _ body: (Transaction) throws -> Result
    ) throws -> Result {
        try queue.inDatabase { database in try run(database, durability, body) }
    }

    /// As `write`, from a task: the work is done on the database's own thread.
    package func write<Result: Sendable>(
        durability: Durability = .full, _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            queue.asyncWriteWithoutTransaction { database in
                continuation.resume(with: Swift.Result { try self.run(database, durability, body) })
            }
        }
    }

    private func run<Result>(
        _ database: Database, _ durability: Durability, _ body: (Transaction) throws -> Result
    ) throws -> Result {
        if state.withLock({ $0.durability }) != durability {
            try database.execute(sql: "PRAGMA synchronous = \(durability.pragma)")
            state.withLock { $0.durability = durability }
        }
        let transaction = Transaction(database)
        defer { transaction.end() }
        var result: Result?
        try database.inTransaction(.immediate) {
            result = try body(transaction)
            return .commit
        }
        transaction.publish()
        guard let result else { throw MetadataError(reason: "the transaction did not run") }
        return result
    }
}

/// What a committed transaction survives.
package enum Durability: Sendable {
    /// Power loss: for what a client was told is done.
    case full
    /// A crash of the program, not of the machine: for what can be found out again.
    case normal

    var pragma: String {
        switch self {
        case .full: "FULL"
        case .normal: "NORMAL"
        }
    }
}
