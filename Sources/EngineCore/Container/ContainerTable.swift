// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Synchronization

/// All containers by id and name, with the record of each as last published: what `ps` and `inspect` read.
final class ContainerTable: Sendable {
    struct Entry: Sendable {
        var container: Container
        var record: ContainerRecord
    }

    private struct State {
        var entries: [String: Entry] = [:]
        /// Names, also those reserved by a create that is still at work.
        var ids: [String: String] = [:]
    }

    private let state = Mutex(State())

    var all: [Entry] { state.withLock { Array($0.entries.values) } }

    var records: [ContainerRecord] { state.withLock { $0.entries.values.map(\.record) } }

    func entry(id: String) -> Entry? { state.withLock { $0.entries[id] } }

    func insert(_ container: Container, _ record: ContainerRecord) {
        state.withLock { state in
            state.entries[record.id] = Entry(container: container, record: record)
            state.ids[record.name] = record.id
        }
    }

    /// Shows readers a new state; nothing happens once the container is gone.
    func publish(_ record: ContainerRecord) { state.withLock { $0.entries[record.id]?.record = record } }

    func remove(id: String) {
        state.withLock { state in
            guard let entry = state.entries.removeValue(forKey: id) else { return }
            if state.ids[entry.record.name] == id { state.ids[entry.record.name] = nil }
        }
    }

    // MARK: Names

    /// Takes `name` for the container that is being made; nil: any free one. Returns the name.
    func reserve(_ name: String?, id: String) throws(EngineError) -> String {
        if let name { try Self.check(name) }
        return try state.withLock { state throws(EngineError) in
            guard let name else {
                let generated = NameGenerator.name { state.ids[$0] != nil }
                state.ids[generated] = id
                return generated
            }
            if let owner = state.ids[name] { throw Self.conflict(name, owner) }
            state.ids[name] = id
            return name
        }
    }

    private static func check(_ name: String) throws(EngineError) {
        guard RestrictedName.isValid(name) else {
            throw EngineError(
                .invalidParameter, "Invalid container name (\(name)), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed")
        }
    }

    func release(name: String, id: String) {
        state.withLock { state in if state.ids[name] == id { state.ids[name] = nil } }
    }

    static func conflict(_ name: String, _ owner: String) -> EngineError {
        EngineError(
            .conflict,
            "Conflict. The container name \"/\(name)\" is already in use by container \"\(owner)\". You have to remove (or rename) that container to be able to reuse that name."
        )
    }

    // MARK: Look-up

    /// The container of that id, name (with or without a slash), or unique beginning of an id.
    func find(_ ref: String) throws(EngineError) -> Entry {
        try state.withLock { state throws(EngineError) in
            if let entry = state.entries[ref] { return entry }
            let name = ref.hasPrefix("/") ? String(ref.dropFirst()) : ref
            if let id = state.ids[name], let entry = state.entries[id] { return entry }
            guard Identifier.isHexadecimal(ref) else { throw Self.missing(ref) }
            let matches = state.entries.filter { $0.key.hasPrefix(ref) }
            guard matches.count <= 1 else {
                throw EngineError(.invalidParameter, "multiple IDs found with provided prefix: \(ref)")
            }
            guard let entry = matches.first?.value else { throw Self.missing(ref) }
            return entry
        }
    }

    static func missing(_ ref: String) -> EngineError { EngineError(.notFound, "No such container: \(ref)") }
}
