// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import JSON
package import Linux
internal import Synchronization

/// The daemon's end of the connection to one container's shim.
///
/// Replies are matched to requests by `id`. All connections of the process share one small reader thread.
package final class ShimConnection: Sendable {
    /// What the shim tells on its own (`exited`, `execExited`, `outOfMemory`, `detached`). One consumer; it ends when
    /// the connection closes. If no `exited` came and there is no `exit.json`, the shim was killed.
    package let events: AsyncStream<ShimReply.Body>
    private let continuation: AsyncStream<ShimReply.Body>.Continuation
    private let socket: SharedDescriptor
    private let reactor: Reactor
    private let state = Mutex(State())

    /// Events nobody has taken yet; beyond that the oldest are dropped. `exited` is the last there is.
    private static let maximumEvents = 4096
    /// Requests that a shim which does not read has not had room for; one more is refused.
    private static let maximumOutbound = 1024

    private struct State {
        var nextID: UInt64 = 1
        var waiting: [UInt64: CheckedContinuation<ShimReply.Body, any Error>] = [:]
        /// What the shim has not had room for.
        var outbound: [Packet] = []
        var token: Reactor.Token?
        var isClosed = false
        var hasLargeBuffer = false
    }

    private struct Packet: Sendable {
        let bytes: [UInt8]
        let descriptor: SharedDescriptor?
    }

    /// Connects to the shim whose run directory this is. Throws ECONNREFUSED when no shim listens there any more,
    /// ENOENT when none ever did.
    package static func connect(directory: String) throws(Errno) -> ShimConnection {
        let opened = try FileDescriptor.open(directory, O_RDONLY | O_DIRECTORY)
        return try connect(in: opened)
    }

    static func connect(in directory: borrowing FileDescriptor) throws(Errno) -> ShimConnection {
        let socket = try SequencedSocket.connect(directory: directory, name: ShimConfiguration.FileName.socket)
        let connection = ShimConnection(socket, try Reactor.shared())
        try connection.watch()
        return connection
    }

    private init(_ socket: consuming FileDescriptor, _ reactor: Reactor) {
        (events, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.maximumEvents))
        self.socket = SharedDescriptor(socket)
        self.reactor = reactor
    }

    deinit { close() }

    private func watch() throws(Errno) {
        let token = try reactor.add(socket, .readable) { [weak self] events in self?.ready(events) }
        state.withLock { $0.token = token }
    }

    /// Sends a request, with at most one descriptor (a client's socket), and waits for its answer.
    ///
    /// Throws `ShimFailure` when the shim answers with an error, `Errno`: ECONNRESET when the connection closed first,
    /// ETIMEDOUT when no answer came within `seconds` (the request is not taken back). The descriptor is consumed in
    /// any case.
    @discardableResult
    package func send(
        _ body: ShimRequest.Body, descriptor: consuming FileDescriptor? = nil, within seconds: Double? = nil
    ) async throws
        -> ShimReply.Body
    {
        let id = state.withLock { state in
            defer { state.nextID += 1 }
            return state.nextID
        }
        let timer = seconds.map { seconds in
            // Ends with the time or, cancelled, with the answer.
            Task { [weak self] in
                try await Task.sleep(for: .seconds(seconds))
                self?.expire(id)
            }
        }
        defer { timer?.cancel() }
        let passed: SharedDescriptor? =
            switch consume descriptor {
            case .some(let descriptor): SharedDescriptor(descriptor)
            case .none: nil
            }
        let reply = try await withCheckedThrowingContinuation { continuation in
            let failure = state.withLock { state -> (any Error)? in
                enqueue(id, body, passed, continuation, &state)
            }
            if let failure { continuation.resume(throwing: failure) }
        }
        if case .error(let failure) = reply { throw failure }
        return reply
    }

    private func expire(_ id: UInt64) {
        state.withLock { $0.waiting.removeValue(forKey: id) }?.resume(throwing: Errno(.timedOut, "recvmsg", "shim"))
    }

    private func enqueue(
        _ id: UInt64, _ body: ShimRequest.Body, _ passed: SharedDescriptor?,
        _ continuation: CheckedContinuation<ShimReply.Body, any Error>, _ state: inout State
    ) -> (any Error)? {
        guard !state.isClosed else { return Errno(.connectionReset, "send", "shim") }
        guard state.outbound.count < Self.maximumOutbound else { return Errno(.again, "send", "shim") }
        do {
            let bytes = try JSON.encode(ShimRequest(id: id, body))
            guard bytes.count <= Wire.maximumPacket else {
                throw ShimFailure(.invalid, "the request takes \(bytes.count) bytes, more than \(Wire.maximumPacket)")
            }
            state.outbound.append(Packet(bytes: bytes, descriptor: passed))
        } catch {
            return error
        }
        state.waiting[id] = continuation
        flush(&state)
        return nil
    }

    /// Sends what there is room for. Another failure than a lack of room closes the connection: the reader then sees
    /// it.
    private func flush(_ state: inout State) {
        var sent = 0
        var failed = false
        for packet in state.outbound {
            if packet.bytes.count > 64 << 10, !state.hasLargeBuffer {
                SequencedSocket.growSendBuffer(socket.descriptor, bytes: 2 * Wire.maximumPacket)
                state.hasLargeBuffer = true
            }
            do throws(Errno) {
                if let passed = packet.descriptor {
                    try socket.descriptor.sendPacket(packet.bytes, descriptor: passed.descriptor)
                } else {
                    try socket.descriptor.sendPacket(packet.bytes)
                }
                sent += 1
            } catch {
                failed = error.code != .again
                break
            }
        }
        state.outbound.removeFirst(sent)
        if failed { _ = shutdown(socket.rawValue, Int32(SHUT_RDWR)) }
        if let token = state.token {
            reactor.change(token, state.outbound.isEmpty || failed ? .readable : [.readable, .writable])
        }
    }

    private func ready(_ events: Epoll.Interest) {
        if events.contains(.writable) { state.withLock { flush(&$0) } }
        guard !events.isDisjoint(with: [.readable, .hangUp, .error]) else { return }
        do {
            while let reply = try receive() { deliver(reply) }
            // All that came before the end has been read.
            if !events.isDisjoint(with: [.hangUp, .error]) { close() }
        } catch {
            close()
        }
    }

    /// The next message; nil when none is waiting. Throws when the connection is closed or its content makes no sense.
    private func receive() throws -> ShimReply? {
        let waiting = try socket.descriptor.bytesWaiting()
        // A packet that comes only now must not be read into no room, and so be cut: it is told of again.
        guard waiting > 0 else { return nil }
        var buffer = [UInt8](repeating: 0, count: min(waiting, Wire.maximumPacket))
        let count: Int
        do {
            count = try buffer.withUnsafeMutableBytes {
                try socket.descriptor.receivePacket(into: $0).count
            }
        } catch let error as Errno where error.code == .again {
            return nil
        }
        guard count > 0 else { throw Errno(.connectionReset, "recvmsg", "shim") }
        buffer.removeLast(buffer.count - count)
        return try JSON.decode(ShimReply.self, from: buffer)
    }

    private func deliver(_ reply: ShimReply) {
        guard reply.id != 0 else {
            continuation.yield(reply.body)
            return
        }
        state.withLock { $0.waiting.removeValue(forKey: reply.id) }?.resume(returning: reply.body)
    }

    /// Closes the connection; the shim goes on. Waiting requests fail, `events` ends.
    package func close() {
        let (token, waiting) = state.withLock { state in
            defer {
                state.isClosed = true
                state.token = nil
                state.waiting = [:]
                state.outbound = []
            }
            return (state.token, state.waiting)
        }
        if let token { reactor.remove(token) }
        // The reactor may hold the descriptor a moment longer.
        _ = shutdown(socket.rawValue, Int32(SHUT_RDWR))
        for continuation in waiting.values { continuation.resume(throwing: Errno(.connectionReset, "recvmsg", "shim")) }
        continuation.finish()
    }
}
