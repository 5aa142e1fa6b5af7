// SPDX-License-Identifier: Apache-2.0

internal import JSON
internal import Linux
internal import Synchronization

/// Wakes one waiter when something changes in a log's directory (inotify(7)), or four times a second where the user has
/// no watches left.
final class ChangeSignal: Sendable {
    private let directory: String
    private let state = Mutex(State())

    private struct State {
        /// A change came while nobody waited.
        var isRaised = false
        var waiter: CheckedContinuation<Void, Never>?
        var watch: (Reactor, Reactor.Token)?
    }

    init(path: String) {
        directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }

    func start() {
        guard let inotify = try? Inotify(), let reactor = try? Reactor.shared(),
            (try? inotify.watch(directory, [.modified, .created, .movedTo])) != nil
        else { return }
        let token = try? reactor.add(inotify.descriptor, .readable) { [weak self] _ in
            inotify.drain()
            self?.raise()
        }
        guard let token else { return }
        state.withLock { $0.watch = (reactor, token) }
    }

    func stop() {
        let watch = state.withLock { state in
            defer { state.watch = nil }
            return state.watch
        }
        if let (reactor, token) = watch { reactor.remove(token) }
    }

    func raise() {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            state.isRaised = state.waiter == nil
            return state.waiter
        }
        waiter?.resume()
    }

    /// Returns after a change (one since the last `wait` counts), at `until`, or when the task is cancelled.
    func wait(until: Timestamp?) async {
        let isWatched = state.withLock { $0.watch != nil }
        var limit: Int64? = isWatched ? nil : 250_000_000
        if let until { limit = min(limit ?? .max, max(0, until.nanoseconds - Timestamp.now.nanoseconds)) }
        guard let limit else { return await waitForRaise() }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.waitForRaise() }
            group.addTask { try? await Task.sleep(nanoseconds: UInt64(limit)) }
            await group.next()
            group.cancelAll()
        }
    }

    private func waitForRaise() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let goesOn = state.withLock { state -> Bool in
                    if state.isRaised || Task.isCancelled {
                        state.isRaised = false
                        return true
                    }
                    state.waiter = continuation
                    return false
                }
                if goesOn { continuation.resume() }
            }
        } onCancel: {
            raise()
        }
    }
}
