// SPDX-License-Identifier: Apache-2.0

package import Linux
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// An HTTP/1.1 server on any number of listening sockets.
package final class HTTPServer: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let limits: ServerLimits
    private let handler: HTTPHandler
    private let state = Mutex(State())

    private struct State {
        var listeners: [any Channel] = []
        var connections: [ObjectIdentifier: Connection] = [:]
        var isStopping = false
    }

    package init(threads: Int = 1, limits: ServerLimits = ServerLimits(), handler: @escaping HTTPHandler) {
        group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
        self.limits = limits
        self.handler = handler
    }

    /// Serves a socket that is bound, and may listen already. Returns once it accepts.
    package func serve(_ socket: consuming Linux.FileDescriptor) async throws {
        let bootstrap = ServerBootstrap(group: group)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(
                .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: limits.readChunk)
            )
            .childChannelInitializer { [self] channel in accept(channel) }
        let copy = try socket.duplicate()
        let listener = try await bootstrap.withBoundSocket(socket.release()).get()
        // NIO listens with its own default on a socket that is bound already: too short for a hundred clients at once.
        try StreamSocket.listen(copy, backlog: limits.backlog)
        let isLate = state.withLock { state in
            if !state.isStopping { state.listeners.append(listener) }
            return state.isStopping
        }
        if isLate { try await listener.close() }
    }

    /// Connections open now.
    package var connectionCount: Int { state.withLock { $0.connections.count } }

    /// Stops accepting, ends what is idle, cancels what is not, and closes everything after a grace period.
    package func shutdown() async {
        let (listeners, connections) = state.withLock { state in
            state.isStopping = true
            defer { state.listeners = [] }
            return (state.listeners, Array(state.connections.values))
        }
        for listener in listeners { try? await listener.close() }
        for connection in connections { connection.stop() }
        let deadline = NIODeadline.now() + limits.shutdownGrace
        while connectionCount > 0, .now() < deadline { try? await Task.sleep(for: .milliseconds(5)) }
        for connection in state.withLock({ Array($0.connections.values) }) { try? await connection.channel.close() }
        try? await group.shutdownGracefully()
    }

    private func accept(_ channel: any Channel) -> EventLoopFuture<Void> {
        let identity = ObjectIdentifier(channel)
        let connection = Connection(channel: channel, limits: limits, handler: handler) { [weak self] in
            self?.state.withLock { _ = $0.connections.removeValue(forKey: identity) }
        }
        let isAccepted = state.withLock { state in
            guard state.connections.count < limits.connections, !state.isStopping else { return false }
            state.connections[identity] = connection
            return true
        }
        if !isAccepted { connection.refusesAll = true }
        return channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(connection)
        }
    }
}
