// SPDX-License-Identifier: Apache-2.0

import GRDB
import Glibc
import JSON
import MetadataStore
import Testing

private struct Fruit: Codable, Equatable, Sendable {
    var colour: String
    var grams: Int = 1
}

private struct Stop: Error {}

/// A directory of the test's own.
private final class Scratch {
    let path: String
    init() {
        var template = Array("/tmp/wharf-metadata-XXXXXX".utf8CString)
        path = mkdtemp(&template).map { String(cString: $0) } ?? "/nonexistent"
    }
    var database: String { path + "/wharf.db" }
    deinit {
        for suffix in ["", "-wal", "-shm", "-journal", ".copy", ".copy-wal"] { unlink(database + suffix) }
        rmdir(path)
    }
}

@Suite struct MetadataStoreTests {
    @Test func keepsWhatWasCommitted() throws {
        let scratch = Scratch()
        let store = try MetadataStore(path: scratch.database)
        let fruits = try store.table("fruits", of: Fruit.self)
        let names = try store.table("names", of: String.self)
        try store.write { tx in
            try tx.put(fruits, "apple", Fruit(colour: "red"))
            try tx.put(fruits, "pear", Fruit(colour: "green"))
            try tx.put(names, "a", "apple")
            #expect(tx.get(fruits, "pear") == Fruit(colour: "green"))
            #expect(fruits["pear"] == nil, "a reader sees an uncommitted record")
        }
        try store.write(durability: .normal) { tx in try tx.delete(fruits, "pear") }
        #expect(fruits.all == ["apple": Fruit(colour: "red")])
        try store.close()

        let again = try MetadataStore(path: scratch.database)
        #expect(try again.table("fruits", of: Fruit.self).all == ["apple": Fruit(colour: "red")])
        #expect(try again.table("names", of: String.self).all == ["a": "apple"])
    }

    @Test func aThrowingBodyChangesNothing() throws {
        let scratch = Scratch()
        let store = try MetadataStore(path: scratch.database)
        let fruits = try store.table("fruits", of: Fruit.self)
        #expect(throws: Stop.self) {
            try store.write { tx in
                try tx.put(fruits, "apple", Fruit(colour: "red"))
                throw Stop()
            }
        }
        #expect(fruits.count == 0)
        try store.close()
        #expect(try MetadataStore(path: scratch.database).table("fruits", of: Fruit.self).count == 0)
    }

    @Test func asyncWritesAndWatchersSeeCommits() async throws {
        let scratch = Scratch()
        let store = try MetadataStore(path: scratch.database)
        let fruits = try store.table("fruits", of: Fruit.self)
        var changes = fruits.watch().makeAsyncIterator()
        try await store.write { tx in try tx.put(fruits, "apple", Fruit(colour: "red")) }
        #expect(await changes.next() != nil)
        #expect(fruits["apple"]?.colour == "red")
    }

    /// What another process sees of a database whose writer was killed: a copy of its files as they are right now.
    @Test func aKilledWriterLosesNothingCommitted() throws {
        let scratch = Scratch()
        let store = try MetadataStore(path: scratch.database)
        let fruits = try store.table("fruits", of: Fruit.self)
        for number in 0..<50 {
            try store.write(durability: number % 2 == 0 ? .full : .normal) { tx in
                try tx.put(fruits, "\(number)", Fruit(colour: "c", grams: number))
            }
        }
        try copy(scratch.database, scratch.database + ".copy")
        try copy(scratch.database + "-wal", scratch.database + ".copy-wal")
        let copied = try MetadataStore(path: scratch.database + ".copy")
        #expect(try copied.table("fruits", of: Fruit.self).count == 50)
        try copied.close()

        // A torn last frame, as after power loss: every transaction before it is whole.
        try copy(scratch.database, scratch.database + ".copy")
        try copy(scratch.database + "-wal", scratch.database + ".copy-wal", cut: 1000)
        let torn = try MetadataStore(path: scratch.database + ".copy")
        #expect(try torn.table("fruits", of: Fruit.self).count == 49)
        try torn.close()
    }

    @Test func aNewerDatabaseIsRefusedAndLeftAsItIs() throws {
        let scratch = Scratch()
        let queue = try DatabaseQueue(path: scratch.database)
        try queue.inDatabase { database in
            try database.execute(
                sql: "PRAGMA user_version = 99; PRAGMA application_id = 2003329394; CREATE TABLE x (y)")
        }
        try queue.close()
        let before = try contents(scratch.database)
        let error = #expect(throws: MetadataError.self) { _ = try MetadataStore(path: scratch.database) }
        #expect(error?.kind == .newer)
        #expect(try contents(scratch.database) == before)
    }

    @Test func aNewerRecordRefusesItsTable() throws {
        let scratch = Scratch()
        let store = try MetadataStore(path: scratch.database)
        let fruits = try store.table("fruits", of: Fruit.self, version: 2)
        try store.write { tx in try tx.put(fruits, "apple", Fruit(colour: "red")) }
        try store.close()
        let old = try MetadataStore(path: scratch.database)
        let error = #expect(throws: MetadataError.self) { _ = try old.table("fruits", of: Fruit.self) }
        #expect(error?.kind == .newer)
    }

    @Test func oldRecordsAreUpgradedAndBrokenOnesSetAside() throws {
        let scratch = Scratch()
        let store = try MetadataStore(path: scratch.database)
        let old = try store.table("fruits", of: [String: String].self)
        try store.write { tx in
            try tx.put(old, "apple", ["color": "red"])
            try tx.put(old, "stone", [:])
        }
        try store.close()

        let upgrade: @Sendable (JSONValue) throws -> JSONValue = { value in
            guard let colour = value["color"] else { throw Stop() }
            return ["colour": colour, "grams": 1]
        }
        let new = try MetadataStore(path: scratch.database)
        let fruits = try new.table("fruits", of: Fruit.self, version: 2, upgrades: [1: upgrade])
        #expect(fruits.all == ["apple": Fruit(colour: "red")])
        #expect(new.quarantined.map(\.key) == ["stone"])
        try new.close()

        let queue = try DatabaseQueue(path: scratch.database)
        let kept = try queue.inDatabase { try String.fetchAll($0, sql: "SELECT value FROM quarantine") }
        #expect(kept == ["{}"])
    }

    @Test func garbageAndOtherProgramsDatabasesAreRefused() throws {
        let scratch = Scratch()
        let file = open(scratch.database, O_CREAT | O_WRONLY, 0o600)
        let garbage = [UInt8](repeating: 0x41, count: 8192)
        #expect(write(file, garbage, garbage.count) == garbage.count)
        close(file)
        let error = #expect(throws: MetadataError.self) { _ = try MetadataStore(path: scratch.database) }
        #expect(error?.kind == .corrupt)
        #expect(try contents(scratch.database) == garbage)
    }

    @Test func aSecondOwnerIsRefused() throws {
        let scratch = Scratch()
        let store = try MetadataStore(path: scratch.database)
        let error = #expect(throws: MetadataError.self) { _ = try MetadataStore(path: scratch.database) }
        #expect(error?.kind == .inUse)
        try store.close()
        #expect(throws: (any Error).self) { try store.write { _ in } }
    }
}

private func contents(_ path: String) throws -> [UInt8] {
    let file = try #require(open(path, O_RDONLY) as Int32?)
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = read(file, &bytes, bytes.count)
    return Array(bytes[..<max(0, count)])
}

private func copy(_ from: String, _ to: String, cut: Int = 0) throws {
    let bytes = try contents(from)
    let file = open(to, O_CREAT | O_WRONLY | O_TRUNC, 0o600)
    defer { close(file) }
    let count = bytes.count - cut
    #expect(write(file, bytes, count) == count)
}
