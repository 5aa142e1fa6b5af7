// SPDX-License-Identifier: Apache-2.0

internal import Linux

/// The one thread of a supervisor, or of netd: waits for descriptors and for times, and calls who is concerned.
final class EventLoop {
    private let epoll: Epoll
    private var watches: [UInt64: Watch] = [:]
    private var nextToken: UInt64 = 1
    private var timers: [Timer] = []
    private var isStopped = false
    /// Something happened since memory was given back.
    private var isWarm = true
    /// Called when nothing has happened for a second after something has.
    var onIdle: () -> Void = {}

    init() throws(Errno) { epoll = try Epoll() }

    /// Watches `descriptor` and holds it until `cancel`.
    func watch(
        _ descriptor: SharedDescriptor, _ interest: Epoll.Interest,
        _ handler: @escaping (Epoll.Interest) -> Void
    ) throws(Errno) -> Watch {
        let token = nextToken
        nextToken += 1
        try epoll.add(descriptor.descriptor, interest, token: token)
        let watch = Watch(self, descriptor, interest, token, handler)
        watches[token] = watch
        return watch
    }

    /// Calls `body` once, so many milliseconds from now.
    @discardableResult
    func after(milliseconds: Int64, _ body: @escaping () -> Void) -> Timer {
        let timer = Timer(at: Clock.monotonicMilliseconds + milliseconds, body)
        timers.append(timer)
        return timer
    }

    /// Runs until `stop`.
    func run() throws(Errno) {
        while !isStopped {
            var happened = false
            try epoll.wait(milliseconds: timeout) { token, events in
                happened = true
                // Looked up for each: an earlier one may have cancelled it.
                watches[token]?.handler(events)
            }
            happened = fireTimers() || happened
            if happened {
                isWarm = true
            } else if isWarm {
                isWarm = false
                onIdle()
            }
        }
    }

    func stop() { isStopped = true }

    private var timeout: Int32 {
        let idle: Int64? = isWarm ? 1000 : nil
        let now = Clock.monotonicMilliseconds
        guard let first = (timers.map { max(0, $0.deadline - now) } + (idle.map { [$0] } ?? [])).min() else {
            return -1
        }
        return Int32(clamping: first)
    }

    private func fireTimers() -> Bool {
        guard !timers.isEmpty else { return false }
        let now = Clock.monotonicMilliseconds
        let due = timers.filter { $0.deadline <= now }
        timers.removeAll { $0.deadline <= now || $0.isCancelled }
        for timer in due where !timer.isCancelled { timer.body() }
        return !due.isEmpty
    }

    final class Timer {
        fileprivate let deadline: Int64
        fileprivate let body: () -> Void
        fileprivate var isCancelled = false

        fileprivate init(at deadline: Int64, _ body: @escaping () -> Void) {
            self.deadline = deadline
            self.body = body
        }

        func cancel() { isCancelled = true }
    }

    /// A descriptor in the loop.
    final class Watch {
        private unowned let loop: EventLoop
        private let token: UInt64
        private var interest: Epoll.Interest
        private var isSuspended = false
        private var held: SharedDescriptor?
        fileprivate private(set) var handler: (Epoll.Interest) -> Void

        fileprivate init(
            _ loop: EventLoop, _ descriptor: SharedDescriptor, _ interest: Epoll.Interest, _ token: UInt64,
            _ handler: @escaping (Epoll.Interest) -> Void
        ) {
            self.loop = loop
            held = descriptor
            self.interest = interest
            self.token = token
            self.handler = handler
        }

        /// nil once cancelled.
        var descriptor: SharedDescriptor? { held }

        /// What to wait for from now on.
        func want(_ new: Epoll.Interest) {
            guard let held, new != interest else { return }
            interest = new
            guard !isSuspended else { return }
            // It can't fail for a descriptor that is in the set.
            try? loop.epoll.modify(held.descriptor, new, token: token)
        }

        /// Waits for nothing any more, not even for the other end to go, and keeps the descriptor.
        func suspend() {
            guard let held, !isSuspended else { return }
            isSuspended = true
            loop.epoll.remove(held.descriptor)
        }

        /// Waits again, for what was last wanted.
        func resume() {
            guard let held, isSuspended else { return }
            // It can't fail but for want of memory, and then nothing goes on anyway.
            try? loop.epoll.add(held.descriptor, interest, token: token)
            isSuspended = false
        }

        /// Stops watching and closes the descriptor.
        func cancel() {
            suspend()
            isSuspended = true
            held = nil
            loop.watches[token] = nil
            handler = { _ in }
        }
    }
}
