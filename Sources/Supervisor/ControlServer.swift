// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import JSON
internal import Linux
internal import Shim

/// The daemon's connections: at most a few, as a new daemon may come while the old one's is still open.
final class ControlServer {
    private static let maximumConnections = 8
    /// Packets that wait for a daemon that does not read; with more it is disconnected, and asks `state` when it is
    /// back.
    private static let maximumQueued = 1024

    /// Answers one request; the descriptor came with it.
    typealias Handler = (ShimRequest.Body, SharedDescriptor?) -> ShimReply.Body

    private let loop: EventLoop
    private let handler: Handler
    private var listener: EventLoop.Watch?
    private var connections: [Connection] = []
    /// Called when the last connection has closed.
    var onAbandoned: () -> Void = {}

    init(listener: SharedDescriptor, loop: EventLoop, _ handler: @escaping Handler) throws(Errno) {
        self.loop = loop
        self.handler = handler
        try listener.descriptor.setNonBlocking()
        self.listener = try loop.watch(listener, .readable) { [weak self] _ in self?.accept() }
    }

    var isConnected: Bool { !connections.isEmpty }
    var hasQueued: Bool { connections.contains { !$0.queue.isEmpty } }

    /// Tells every daemon that is connected; who is not will find `exit.json`, or ask.
    func tell(_ event: ShimReply.Body) {
        for connection in connections { send(ShimReply(id: 0, event), to: connection) }
    }

    /// Takes no new connections; a daemon that tries is refused.
    func stopListening() {
        listener?.cancel()
        listener = nil
    }

    private final class Connection {
        var watch: EventLoop.Watch?
        var queue: [[UInt8]] = []
    }

    private func accept() {
        guard let descriptor = listener?.descriptor,
            let socket = try? SequencedSocket.accept(descriptor.descriptor),
            connections.count < Self.maximumConnections,
            (try? SequencedSocket.peerUserID(socket)) == geteuid()
        else { return }
        let connection = Connection()
        let watch = try? loop.watch(SharedDescriptor(socket), .readable) { [weak self, weak connection] events in
            if let connection { self?.ready(connection, events) }
        }
        guard let watch else { return }
        connection.watch = watch
        connections.append(connection)
    }

    private func ready(_ connection: Connection, _ events: Epoll.Interest) {
        if events.contains(.writable) { flush(connection) }
        guard !events.isDisjoint(with: [.readable, .hangUp, .error]) else { return }
        do {
            // One at a time: its answer may take the connection away.
            guard let descriptor = connection.watch?.descriptor else { return }
            let waiting = try descriptor.descriptor.bytesWaiting()
            var buffer = [UInt8](repeating: 0, count: min(max(waiting, 1), Wire.maximumPacket))
            var passed: SharedDescriptor?
            let count = try buffer.withUnsafeMutableBytes { bytes in
                var packet = try descriptor.descriptor.receivePacket(into: bytes)
                switch packet.takeDescriptor() {
                case .some(let descriptor): passed = SharedDescriptor(descriptor)
                case .none: break
                }
                return packet.count
            }
            guard count > 0 else { return close(connection) }
            buffer.removeLast(buffer.count - count)
            send(answer(buffer, passed), to: connection)
        } catch let error as Errno where error.code == .again {
            return
        } catch {
            close(connection)
        }
    }

    private func answer(_ packet: [UInt8], _ passed: SharedDescriptor?) -> ShimReply {
        do {
            let request = try JSON.read(ShimRequest.self, from: packet)
            return ShimReply(id: request.id, handler(request.body, passed))
        } catch {
            // A newer daemon's: its id is understood all the same.
            let id = (try? JSON.read(RequestHead.self, from: packet))?.id ?? 0
            return ShimReply(id: id, .error(ShimFailure(.unsupported, "the supervisor does not know this: \(error)")))
        }
    }

    private struct RequestHead: JSONReadable {
        var id: UInt64
        init(json: JSONValue) throws(JSONError) { id = try JSONMembers(json).required("id") }
    }

    private func send(_ reply: ShimReply, to connection: Connection) {
        guard connection.queue.count < Self.maximumQueued else { return close(connection) }
        connection.queue.append(reply.json.serialized())
        flush(connection)
    }

    private func flush(_ connection: Connection) {
        guard let watch = connection.watch, let descriptor = watch.descriptor else { return }
        while let packet = connection.queue.first {
            do throws(Errno) {
                try descriptor.descriptor.sendPacket(packet)
                connection.queue.removeFirst()
            } catch {
                if error.code == .again { break }
                return close(connection)
            }
        }
        watch.want(connection.queue.isEmpty ? .readable : [.readable, .writable])
    }

    private func close(_ connection: Connection) {
        guard let watch = connection.watch else { return }
        connection.watch = nil
        watch.cancel()
        connections.removeAll { $0 === connection }
        if connections.isEmpty { onAbandoned() }
    }
}
