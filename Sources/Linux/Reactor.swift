// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc
internal import Synchronization

/// One thread of the daemon that waits for many descriptors: the connections of all shims, and the logs that are
/// followed.
package final class Reactor: Sendable {
    /// Starts with the first use. Throws when the process can have no more descriptors or threads.
    package static func shared() throws(Errno) -> Reactor {
        var failure: Errno?
        let reactor = instance.withLock { instance -> Reactor? in
            if let instance { return instance }
            do throws(Errno) {
                let reactor = try Reactor()
                try PlainThread.start(name: "reactor", stackBytes: 256 << 10) { reactor.run() }
                instance = reactor
                return reactor
            } catch {
                failure = error
                return nil
            }
        }
        guard let reactor else { throw failure ?? Errno(.noMemory, "reactor") }
        return reactor
    }

    private static let instance = Mutex<Reactor?>(nil)

    /// Called on the reactor's thread; must not block, and may call `change` and `remove`.
    package typealias Handler = @Sendable (Epoll.Interest) -> Void

    private struct Watch {
        let descriptor: SharedDescriptor
        let handler: Handler
    }

    private struct State {
        var watches: [UInt64: Watch] = [:]
        var nextToken: UInt64 = 1
    }

    private let epoll: Epoll
    private let state = Mutex(State())

    private init() throws(Errno) { epoll = try Epoll() }

    /// A descriptor being watched, until `remove`.
    package struct Token: Sendable { fileprivate let value: UInt64 }

    package func add(
        _ descriptor: SharedDescriptor, _ interest: Epoll.Interest, _ handler: @escaping Handler
    )
        throws(Errno) -> Token
    {
        let token = state.withLock { state in
            defer { state.nextToken += 1 }
            state.watches[state.nextToken] = Watch(descriptor: descriptor, handler: handler)
            return state.nextToken
        }
        do {
            try epoll.add(descriptor.descriptor, interest, token: token)
        } catch {
            state.withLock { _ = $0.watches.removeValue(forKey: token) }
            throw error
        }
        return Token(value: token)
    }

    /// Changes what is waited for.
    package func change(_ token: Token, _ interest: Epoll.Interest) {
        guard let watch = state.withLock({ $0.watches[token.value] }) else { return }
        try? epoll.modify(watch.descriptor.descriptor, interest, token: token.value)
    }

    /// Stops watching and lets go of the descriptor. A handler that runs at this moment finishes.
    package func remove(_ token: Token) {
        guard let watch = state.withLock({ $0.watches.removeValue(forKey: token.value) }) else { return }
        epoll.remove(watch.descriptor.descriptor)
    }

    private func run() {
        while true {
            do throws(Errno) {
                try epoll.wait(milliseconds: -1) { token, events in
                    state.withLock { $0.watches[token] }?.handler(events)
                }
            } catch {
                // Only a wrong descriptor can do that, and it is this object's own.
                return
            }
        }
    }
}
