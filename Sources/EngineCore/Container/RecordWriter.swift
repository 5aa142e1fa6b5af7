// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Logging
internal import MetadataStore
internal import Synchronization
internal import Volumes

/// Writes container records, many to a transaction: while one is on its way to the disk the next ones gather.
///
/// What a client is told is done waits for a full commit; changes of state are written without waiting, and can be
/// found out again from the shims if they are lost.
final class RecordWriter: Sendable {
    /// Further changes that belong to the same transaction.
    typealias Companion = @Sendable (Transaction) throws -> Void

    private struct State: Sendable {
        var companions: [Companion] = []
        var changes: [String: ContainerRecord?] = [:]
        var waiters: [CheckedContinuation<Void, any Error>] = []
        var durable = false
        var isWriting = false
    }

    private let store: MetadataStore
    private let table: Table<ContainerRecord>
    private let logger: Logger
    private let state = Mutex(State())

    init(store: MetadataStore, table: Table<ContainerRecord>, logger: Logger) {
        self.store = store
        self.table = table
        self.logger = logger
    }

    /// Writes it soon.
    func save(_ record: ContainerRecord) { enqueue(record.id, record, waiter: nil) }

    /// Returns when the next daemon would find it, unless the machine stops.
    func write(_ record: ContainerRecord) async {
        // What fails is logged where it is written.
        try? await withCheckedThrowingContinuation { enqueue(record.id, record, waiter: $0, durable: false) }
    }

    /// Deletes it soon.
    func delete(_ id: String) { enqueue(id, nil, waiter: nil) }

    /// Returns when it is on the disk.
    func commit(_ record: ContainerRecord) async throws {
        try await withCheckedThrowingContinuation { enqueue(record.id, record, waiter: $0) }
    }

    /// Returns when the first record of a container that uses volumes is on the disk. In a transaction of its own: it
    /// fails if a volume has gone meanwhile, and must not take others with it.
    func commit(_ record: ContainerRecord, retaining names: [String], of volumes: VolumeStore) async throws {
        try await store.write(durability: .full) { [table] transaction in
            try volumes.retain(names, by: record.id, in: transaction)
            try transaction.put(table, record.id, record)
        }
    }

    /// Returns when the disk has forgotten it.
    func commitDeletion(_ id: String) async throws {
        try await withCheckedThrowingContinuation { enqueue(id, nil, waiter: $0) }
    }

    /// Returns when the record is deleted; with `durable`, also from the disk.
    func commitDeletion(_ id: String, durable: Bool, also companion: @escaping Companion) async throws {
        try await withCheckedThrowingContinuation {
            enqueue(id, nil, waiter: $0, durable: durable, companion: companion)
        }
    }

    private func enqueue(
        _ id: String, _ record: ContainerRecord?, waiter: CheckedContinuation<Void, any Error>?, durable: Bool = true,
        companion: Companion? = nil
    ) {
        let starts = state.withLock { state in
            state.changes[id] = .some(record)
            if let companion { state.companions.append(companion) }
            if let waiter {
                state.waiters.append(waiter)
                if durable { state.durable = true }
            }
            defer { state.isWriting = true }
            return !state.isWriting
        }
        // Ends when nothing is left to write.
        if starts { Task { await drain() } }
    }

    private func drain() async {
        while let batch = next() {
            let result: Result<Void, any Error>
            do {
                try await store.write(durability: batch.durable ? .full : .normal) { [table] transaction in
                    for companion in batch.companions { try companion(transaction) }
                    for (id, record) in batch.changes {
                        if let record {
                            try transaction.put(table, id, record)
                        } else {
                            try transaction.delete(table, id)
                        }
                    }
                }
                result = .success(())
            } catch {
                logger.error("container records could not be written", metadata: ["error": "\(error)"])
                result = .failure(EngineError(.system, "the container's record could not be written: \(error)"))
            }
            for waiter in batch.waiters { waiter.resume(with: result) }
        }
    }

    private func next() -> State? {
        state.withLock { state in
            guard !state.changes.isEmpty else {
                state.isWriting = false
                return nil
            }
            let batch = state
            state = State(isWriting: true)
            return batch
        }
    }
}
