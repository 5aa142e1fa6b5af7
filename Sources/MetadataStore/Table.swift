// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// The records of one kind, by key, as last committed. Changed only through `MetadataStore.write`.
package final class Table<Record: Codable & Sendable>: Sendable {
    package let name: String
    /// The version of the records' shape that this program writes.
    package let version: Int
    private let state: Mutex<State>

    private struct State {
        var records: [String: Record]
        var watchers: [Int: AsyncStream<Void>.Continuation] = [:]
        var nextWatcher = 0
    }

    init(name: String, version: Int, records: [String: Record]) {
        self.name = name
        self.version = version
        state = Mutex(State(records: records))
    }

    /// All records. A snapshot: it does not change when the table does.
    package var all: [String: Record] { state.withLock { $0.records } }

    package subscript(_ key: String) -> Record? { state.withLock { $0.records[key] } }

    package var count: Int { state.withLock { $0.records.count } }

    /// Yields after every commit that changed the table. Changes that come while the reader is busy are one signal: it
    /// reads `all` again. Ends when its reader stops.
    package func watch() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state in
            state.nextWatcher += 1
            state.watchers[state.nextWatcher] = continuation
            return state.nextWatcher
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.watchers.removeValue(forKey: number) }
        }
        return stream
    }

    /// Applies the changes of a committed transaction; nil deletes.
    func publish(_ changes: [String: Record?]) {
        let watchers = state.withLock { state in
            for (key, record) in changes { state.records[key] = record }
            return Array(state.watchers.values)
        }
        for watcher in watchers { watcher.yield() }
    }
}
