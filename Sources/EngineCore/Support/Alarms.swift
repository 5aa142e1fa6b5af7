// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Calls back at set times, for all containers: one task, which sleeps until the next of them.
///
/// What is called runs beside everything else. A container has one alarm of each purpose: setting it anew replaces it.
final class Alarms: Sendable {
    enum Purpose: Hashable, Sendable {
        /// The back-off is over: the container is started again.
        case restart
        /// The next health check is due.
        case healthCheck
    }

    typealias Body = @Sendable () async -> Void

    private struct Key: Hashable {
        var container: String
        var purpose: Purpose
    }

    private struct Alarm {
        var at: ContinuousClock.Instant
        var body: Body
    }

    private struct State {
        var alarms: [Key: Alarm] = [:]
        /// What `run` sleeps until; nil: for ever.
        var next: ContinuousClock.Instant?
        /// An earlier one than `next` was set while `run` did not sleep.
        var hasNews = false
        var sleeper: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    /// `body` is called `delay` from now, unless `cancel` comes first.
    func set(_ container: String, _ purpose: Purpose, after delay: Duration, _ body: @escaping Body) {
        let at = ContinuousClock.now + max(.zero, delay)
        let sleeper = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.alarms[Key(container: container, purpose: purpose)] = Alarm(at: at, body: body)
            if let next = state.next, next <= at { return nil }
            state.hasNews = true
            defer { state.sleeper = nil }
            return state.sleeper
        }
        sleeper?.resume()
    }

    func cancel(_ container: String, _ purpose: Purpose) {
        state.withLock { _ = $0.alarms.removeValue(forKey: Key(container: container, purpose: purpose)) }
    }

    /// Whether it is set and has not been called yet.
    func isSet(_ container: String, _ purpose: Purpose) -> Bool {
        state.withLock { $0.alarms[Key(container: container, purpose: purpose)] != nil }
    }

    /// Works until the calling task is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                let (due, next) = takeDue()
                for body in due { group.addTask { await body() } }
                await sleep(until: next)
            }
        }
    }

    /// Takes those whose time has come, and says when the next one's will. A scan: there are no more than two a
    /// container.
    private func takeDue() -> (due: [Body], next: ContinuousClock.Instant?) {
        let now = ContinuousClock.now
        return state.withLock { state in
            var due: [Body] = []
            var next: ContinuousClock.Instant?
            for (key, alarm) in state.alarms {
                if alarm.at <= now {
                    due.append(alarm.body)
                    state.alarms[key] = nil
                } else if next.map({ alarm.at < $0 }) ?? true {
                    next = alarm.at
                }
            }
            state.next = next
            state.hasNews = false
            return (due, next)
        }
    }

    private func sleep(until next: ContinuousClock.Instant?) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.waitForNews() }
            if let next { group.addTask { try? await Task.sleep(until: next, clock: .continuous) } }
            await group.next()
            group.cancelAll()
        }
    }

    private func waitForNews() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let goesOn = state.withLock { state -> Bool in
                    if state.hasNews || Task.isCancelled { return true }
                    state.sleeper = continuation
                    return false
                }
                if goesOn { continuation.resume() }
            }
        } onCancel: {
            state.withLock { state in
                defer { state.sleeper = nil }
                return state.sleeper
            }?.resume()
        }
    }
}
