// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import JSON
internal import Linux
internal import Shim

/// Who has which port, and the daemons that say so.
final class NetdService: NetdHandler {
    private let loop: NetdLoop
    private let listener: FileDescriptor
    private let relays: RelayTable
    private var connections: [ObjectIdentifier: NetdConnection] = [:]
    private var held: [String: [HeldPort: HeldSocket]] = [:]

    init(loop: NetdLoop, listener: consuming FileDescriptor) throws(Errno) {
        self.loop = loop
        self.listener = listener
        relays = RelayTable(loop: loop)
        _ = try loop.add(self.listener, .readable, self)
    }

    func ready(_ events: Epoll.Interest, token: UInt64) {
        while let socket = try? SequencedSocket.accept(listener) {
            guard let connection = try? NetdConnection(loop: loop, socket: socket, service: self) else { continue }
            connections[ObjectIdentifier(connection)] = connection
        }
    }

    func closed(_ connection: NetdConnection) {
        connections[ObjectIdentifier(connection)] = nil
        guard connections.isEmpty else { return }
        if held.isEmpty { loop.stop() }
        // Until the next daemon comes. None will, once the socket it would come by is gone.
        loop.ticks["orphan"] = { [weak self] in self?.endIfOrphaned() }
    }

    private func endIfOrphaned() {
        if !connections.isEmpty {
            loop.ticks["orphan"] = nil
        } else if access(NetdConfiguration.socket, F_OK) != 0 {
            loop.stop()
        }
    }

    func answer(_ request: NetdRequest.Body) -> NetdReply.Body {
        switch request {
        case .hold(let owner, let ports): return hold(owner, ports)
        case .release(let owner): release(owner)
        case .retain(let owners):
            let kept = Set(owners)
            for owner in held.keys where !kept.contains(owner) { release(owner) }
        case .list: return .held(held.mapValues { Array($0.keys) })
        case .stop: loop.stop()
        }
        return .ok
    }

    private func hold(_ owner: String, _ ports: [HeldPort]) -> NetdReply.Body {
        guard !owner.isEmpty else { return .unsupported("an owner without a name") }
        var sockets = held[owner] ?? [:]
        var new: [HeldSocket] = []
        for port in ports where sockets[port] == nil {
            do throws(Errno) {
                let socket = try HeldSocket(port, loop: loop, relays: relays)
                new.append(socket)
                sockets[port] = socket
            } catch {
                for socket in new { socket.close() }
                return .failed(port, errno: error.code.rawValue)
            }
        }
        if !sockets.isEmpty { held[owner] = sockets }
        return .ok
    }

    private func release(_ owner: String) {
        for socket in (held.removeValue(forKey: owner) ?? [:]).values { socket.close() }
    }
}

/// The connection of one daemon.
final class NetdConnection: NetdHandler {
    private let loop: NetdLoop
    private let socket: FileDescriptor
    private unowned let service: NetdService
    private var token: UInt64 = 0
    /// One request's, reused.
    private var buffer = [UInt8](repeating: 0, count: Wire.maximumPacket)

    init(loop: NetdLoop, socket: consuming FileDescriptor, service: NetdService) throws(Errno) {
        self.loop = loop
        self.socket = socket
        self.service = service
        token = try loop.add(self.socket, .readable, self)
    }

    func ready(_ events: Epoll.Interest, token: UInt64) {
        do {
            while true {
                let count = try buffer.withUnsafeMutableBytes {
                    try SequencedSocket.receive(socket, into: $0).count
                }
                guard count > 0 else { return close() }
                try SequencedSocket.send(socket, try JSON.encode(reply(to: Array(buffer[..<count]))))
            }
        } catch let error as Errno where error.code == .again {
            return
        } catch {
            close()
        }
    }

    private func reply(to packet: [UInt8]) -> NetdReply {
        do throws(JSONError) {
            let request = try JSON.decode(NetdRequest.self, from: packet)
            return NetdReply(id: request.id, service.answer(request.body))
        } catch {
            // A later daemon's request: its number is where it always is.
            let id = (try? JSON.parse(packet))?["id"]?.integer ?? 0
            return NetdReply(id: UInt64(clamping: id), .unsupported("\(error)"))
        }
    }

    private func close() {
        loop.remove(socket, token: token)
        service.closed(self)
    }
}
