// SPDX-License-Identifier: Apache-2.0

internal import OCI
internal import Synchronization

/// What loads in progress rely on, so that a removal at the same time does not take it away: they look whether a blob
/// or a layer is there, and refer to it, only after they have leased it; what is removed is first seen to be unleased.
final class Leases: Sendable {
    private struct State {
        var next = 0
        var held: [Int: Set<Digest>] = [:]
    }

    private let state = Mutex(State())

    /// Holds these blobs and chains until `body` ends.
    func holding<Result>(_ digests: Set<Digest>, _ body: () throws -> Result) rethrows -> Result {
        let number = state.withLock { state in
            state.next += 1
            state.held[state.next] = digests
            return state.next
        }
        defer { _ = state.withLock { $0.held.removeValue(forKey: number) } }
        return try body()
    }

    /// Calls `body` for each of `digests` that nobody holds; meanwhile nobody can begin to. `body` must be quick.
    func withoutHolders(of digests: Set<Digest>, _ body: (Digest) -> Void) {
        state.withLock { state in
            let held = state.held.values.reduce(into: Set<Digest>()) { $0.formUnion($1) }
            for digest in digests.subtracting(held) { body(digest) }
        }
    }
}
