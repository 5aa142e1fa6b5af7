// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import JSON
internal import Linux
internal import Shim

/// Who has which port, and the daemons that say so.
final class NetdService {
    private let loop: EventLoop
    private let listener: SharedDescriptor
    private let relays: RelayTable
    private var connections: [ObjectIdentifier: NetdConnection] = [:]
    private var held: [String: [HeldPort: HeldSocket]] = [:]
    private var orphanTimer: EventLoop.Timer?

    init(loop: EventLoop, listener: consuming FileDescriptor) throws(Errno) {
        self.loop = loop
        self.listener = SharedDescriptor(listener)
        relays = RelayTable(loop: loop)
        _ = try loop.watch(self.listener, .readable) { [unowned self] _ in accept() }
    }

    private func accept() {
        while let socket = try? SequencedSocket.accept(listener.descriptor) {
            guard let connection = try? NetdConnection(loop: loop, socket: socket, service: self) else { continue }
            connections[ObjectIdentifier(connection)] = connection
        }
    }

    func closed(_ connection: NetdConnection) {
        connections[ObjectIdentifier(connection)] = nil
        guard connections.isEmpty else { return }
        if held.isEmpty { loop.stop() }
        endOnceOrphaned()
    }

    /// Waits for the next daemon. None will come once the socket that it would come by is gone.
    private func endOnceOrphaned() {
        orphanTimer?.cancel()
        orphanTimer = loop.after(milliseconds: 1000) { [unowned self] in
            guard connections.isEmpty else { return }
            if access(NetdConfiguration.socket, F_OK) != 0 { loop.stop() } else { endOnceOrphaned() }
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
final class NetdConnection {
    private let socket: SharedDescriptor
    private unowned let service: NetdService
    private var watch: EventLoop.Watch?
    /// One request's, reused.
    private var buffer = [UInt8](repeating: 0, count: Wire.maximumPacket)

    init(loop: EventLoop, socket: consuming FileDescriptor, service: NetdService) throws(Errno) {
        self.socket = SharedDescriptor(socket)
        self.service = service
        watch = try loop.watch(self.socket, .readable) { [unowned self] _ in answer() }
    }

    private func answer() {
        do {
            while true {
                let count = try buffer.withUnsafeMutableBytes {
                    try socket.descriptor.receivePacket(into: $0).count
                }
                guard count > 0 else { return close() }
                try socket.descriptor.sendPacket(JSON.encode(reply(to: Array(buffer[..<count]))))
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
        watch?.cancel()
        service.closed(self)
    }
}
