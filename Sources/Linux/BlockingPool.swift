// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Synchronization

/// Runs blocking calls (mounts, fsync, tree removal, SQLite) on threads of its own, never on Swift's cooperative pool,
/// which has only as many threads as there are cores.
///
/// Threads start when work comes and end after ten idle seconds. Work with the same `key` (a container's id) holds at
/// most `threadsPerKey` of them, so that frozen mounts of one container can't use the pool up.
package final class BlockingPool: Sendable {
    package static let shared = BlockingPool(maximumThreads: 128, threadsPerKey: 4)

    /// Calls that wait for a thread; one more is refused with EAGAIN.
    package static let maximumPending = 16384

    private let maximumThreads: Int
    private let threadsPerKey: Int
    private let state = Mutex(State())
    private let wake = ThreadSemaphore()

    package init(maximumThreads: Int, threadsPerKey: Int) {
        self.maximumThreads = maximumThreads
        self.threadsPerKey = threadsPerKey
    }

    /// Runs `body` on one of the pool's threads and returns or throws what it does. It is not interrupted when the
    /// calling task is cancelled: a system call could not be.
    package func run<T: Sendable>(key: String? = nil, _ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<T, any Error>) in
            submit(
                Job(
                    key: key, run: { continuation.resume(with: Result(catching: body)) },
                    refuse: { continuation.resume(throwing: $0) }))
        }
    }

    private struct Job: Sendable {
        let key: String?
        let run: @Sendable () -> Void
        let refuse: @Sendable (Errno) -> Void
    }

    private struct State {
        var pending: [Job] = []
        var running: [String: Int] = [:]
        var threads = 0
        /// Threads that wait for `wake` and have not been told to go on.
        var idle = 0
    }

    private enum Submission { case queued, wakeOne, startThread, full }

    private func submit(_ job: Job) {
        let submission = state.withLock { state -> Submission in
            guard state.pending.count < Self.maximumPending else { return .full }
            state.pending.append(job)
            if let key = job.key, state.running[key, default: 0] >= threadsPerKey { return .queued }
            if state.idle > 0 {
                state.idle -= 1
                return .wakeOne
            }
            guard state.threads < maximumThreads else { return .queued }
            state.threads += 1
            return .startThread
        }
        switch submission {
        case .queued: break
        case .wakeOne: wake.signal()
        case .startThread: startThread()
        case .full: job.refuse(Errno(.again, "queue", "blocking pool"))
        }
    }

    private func startThread() {
        do throws(Errno) {
            try PlainThread.start(name: "blocking") { self.work() }
        } catch {
            // The threads there are will do the work; without any, nobody would.
            let refused = state.withLock { state -> [Job] in
                state.threads -= 1
                guard state.threads == 0 else { return [] }
                defer { state.pending = [] }
                return state.pending
            }
            for job in refused { job.refuse(error) }
        }
    }

    private func work() {
        while true {
            if let job = state.withLock({ takeJob(&$0) }) {
                job.run()
                if let key = job.key { state.withLock { finish(key, &$0) } }
            } else if !waitForWork() {
                return
            }
        }
    }

    /// The oldest job whose key has a thread left; otherwise counts the caller as idle.
    private func takeJob(_ state: inout State) -> Job? {
        let next = state.pending.firstIndex { job in
            job.key.map { state.running[$0, default: 0] < threadsPerKey } ?? true
        }
        guard let next else {
            state.idle += 1
            return nil
        }
        let job = state.pending.remove(at: next)
        if let key = job.key { state.running[key, default: 0] += 1 }
        return job
    }

    private func finish(_ key: String, _ state: inout State) {
        let left = state.running[key, default: 1] - 1
        state.running[key] = left > 0 ? left : nil
    }

    /// Returns false when the thread is to end, having been idle for long.
    private func waitForWork() -> Bool {
        if wake.wait(seconds: 10) { return true }
        let left = state.withLock { state -> Int? in
            // Someone who found this thread idle has posted, or is about to.
            guard state.idle > 0 else { return nil }
            state.idle -= 1
            state.threads -= 1
            return state.threads
        }
        guard let left else {
            wake.wait()
            return true
        }
        // After a burst: of 200 runs at once the daemon's heap keeps 47 MB, in all its threads' arenas.
        if left <= 1 { Heap.trim() }
        return false
    }
}
