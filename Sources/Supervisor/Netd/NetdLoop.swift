// SPDX-License-Identifier: Apache-2.0

internal import Linux

/// Something that waits for descriptors in netd's one thread.
protocol NetdHandler: AnyObject {
    func ready(_ events: Epoll.Interest, token: UInt64)
}

/// Netd's event loop: single-threaded, so nothing in it is locked.
final class NetdLoop {
    private let epoll: Epoll
    private var handlers: [UInt64: any NetdHandler] = [:]
    private var nextToken: UInt64 = 1
    private var isStopped = false
    /// Called about once a second while they are set, by what they are for.
    var ticks: [String: () -> Void] = [:]

    init() throws(Errno) { epoll = try Epoll() }

    /// Calls the handler, which the loop holds, when the descriptor is ready; returns the token for `change` and `remove`.
    func add(
        _ descriptor: borrowing FileDescriptor, _ interest: Epoll.Interest, _ handler: any NetdHandler
    ) throws(Errno) -> UInt64 {
        let token = nextToken
        nextToken += 1
        try epoll.add(descriptor, interest, token: token)
        handlers[token] = handler
        return token
    }

    func change(_ descriptor: borrowing FileDescriptor, _ interest: Epoll.Interest, token: UInt64) {
        // Fails only for a descriptor that is not watched.
        try? epoll.modify(descriptor, interest, token: token)
    }

    /// BEFORE the descriptor is closed.
    func remove(_ descriptor: borrowing FileDescriptor, token: UInt64) {
        guard handlers.removeValue(forKey: token) != nil else { return }
        epoll.remove(descriptor)
    }

    func stop() { isStopped = true }

    func run() throws(Errno) {
        while !isStopped {
            try epoll.wait(milliseconds: ticks.isEmpty ? -1 : 1000) { token, events in
                // An earlier event of the same round may have removed it.
                handlers[token]?.ready(events, token: token)
            }
            for tick in ticks.values { tick() }
        }
    }
}
