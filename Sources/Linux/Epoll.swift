// SPDX-License-Identifier: Apache-2.0

internal import CLinux

/// epoll(7): waits for readiness of many descriptors at once. Level-triggered.
package struct Epoll: ~Copyable, Sendable {
    private let descriptor: FileDescriptor

    package struct Interest: OptionSet, Sendable {
        package var rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }

        package static let readable = Interest(rawValue: EPOLLIN.rawValue)
        package static let writable = Interest(rawValue: EPOLLOUT.rawValue)
        /// Exceptional: what cgroup files raise.
        package static let priority = Interest(rawValue: EPOLLPRI.rawValue)
        /// Always reported: both directions are closed.
        package static let hangUp = Interest(rawValue: EPOLLHUP.rawValue)
        /// Always reported.
        package static let error = Interest(rawValue: EPOLLERR.rawValue)
    }

    package init() throws(Errno) {
        let number = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard number >= 0 else { throw .last("epoll_create1") }
        descriptor = FileDescriptor(owning: number)
    }

    /// Watches a descriptor; `token` comes back with its events. Throws EPERM for a regular file, EEXIST for one
    /// watched.
    package func add(_ watched: borrowing FileDescriptor, _ interest: Interest, token: UInt64) throws(Errno) {
        try control(EPOLL_CTL_ADD, watched.rawValue, interest, token)
    }

    /// Changes what is waited for; with nothing, only hang-ups and errors are reported.
    package func modify(_ watched: borrowing FileDescriptor, _ interest: Interest, token: UInt64) throws(Errno) {
        try control(EPOLL_CTL_MOD, watched.rawValue, interest, token)
    }

    /// Stops watching. To be called before the descriptor is closed if another process or descriptor shares its open
    /// file.
    package func remove(_ watched: borrowing FileDescriptor) {
        _ = wharf_epoll_ctl(descriptor.rawValue, EPOLL_CTL_DEL, watched.rawValue, 0, 0)
    }

    private func control(_ operation: Int32, _ number: Int32, _ interest: Interest, _ token: UInt64) throws(Errno) {
        if wharf_epoll_ctl(descriptor.rawValue, operation, number, interest.rawValue, token) != 0 {
            throw .last("epoll_ctl")
        }
    }

    /// Waits for events and calls `body` with each, at most 16 of them. `milliseconds` -1: without limit. Returns at
    /// once, having called nothing, when a signal interrupts.
    package func wait(milliseconds: Int32, _ body: (UInt64, Interest) -> Void) throws(Errno) {
        var failure: Errno?
        withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: 16) { events in
            let count = epoll_wait(descriptor.rawValue, events.baseAddress, Int32(events.count), milliseconds)
            if count < 0 {
                failure = .last("epoll_wait")
                return
            }
            for index in 0..<Int(count) {
                let event = events.baseAddress.map { $0 + index }
                body(wharf_epoll_token(event), Interest(rawValue: wharf_epoll_events(event)))
            }
        }
        if let failure, failure.code != .interrupted { throw failure }
    }
}
