// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import JSON
internal import Synchronization

/// Tells everything that happens to whoever listens, and remembers the last `history` events for those who come late.
///
/// A listener that does not read is cut off after `maximumBacklog` events: it holds nothing back.
final class EventHub: Sendable {
    static let history = 512
    static let maximumBacklog = 4096

    private struct State {
        var ring: [EventMessage] = []
        var next = 0
        var listeners: [Int: (filter: EventFilter, continuation: AsyncStream<EventMessage>.Continuation)] = [:]
    }

    private let state = Mutex(State())

    var listenerCount: Int { state.withLock { $0.listeners.count } }

    func publish(_ event: EventMessage) {
        state.withLock { state in
            if state.ring.count == Self.history { state.ring.removeFirst() }
            state.ring.append(event)
            for (key, listener) in state.listeners where listener.filter.matches(event) {
                guard case .dropped = listener.continuation.yield(event) else { continue }
                state.listeners[key] = nil
                listener.continuation.finish()
            }
        }
    }

    /// What happened since `since` as far as it is remembered, then what happens, until `until`.
    func events(since: Timestamp?, until: Timestamp?, filter: EventFilter) -> AsyncStream<EventMessage> {
        let (stream, continuation) = AsyncStream<EventMessage>.makeStream(
            bufferingPolicy: .bufferingOldest(Self.maximumBacklog))
        let key = state.withLock { state -> Int? in
            if since != nil || until != nil {
                for event in state.ring where filter.matches(event) && Self.isWithin(event, since, until) {
                    _ = continuation.yield(event)
                }
            }
            if let until, until <= Timestamp.now {
                continuation.finish()
                return nil
            }
            state.next += 1
            state.listeners[state.next] = (filter, continuation)
            return state.next
        }
        guard let key else { return stream }
        // Ends with the stream: `onTermination` cancels it.
        let timer = until.map { end in
            Task {
                let left = end.nanoseconds - Timestamp.now.nanoseconds
                try? await Task.sleep(for: .nanoseconds(max(0, left)))
                continuation.finish()
            }
        }
        continuation.onTermination = { [weak self] _ in
            timer?.cancel()
            // Not under the lock: `publish` finishes streams while it holds it.
            Task { self?.remove(key) }
        }
        return stream
    }

    private func remove(_ key: Int) { state.withLock { _ = $0.listeners.removeValue(forKey: key) } }

    private static func isWithin(_ event: EventMessage, _ since: Timestamp?, _ until: Timestamp?) -> Bool {
        let time = event.timeNano
        if let since, time < since.nanoseconds { return false }
        if let until, time > until.nanoseconds { return false }
        return true
    }
}
