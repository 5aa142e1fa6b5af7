// SPDX-License-Identifier: Apache-2.0

internal import Linux
internal import Shim

/// A published port of the host: nobody else can have it while this exists.
///
/// IPv4 traffic is translated in the kernel and does not come here, unless someone took the rules away: TCP is relayed
/// all the same. IPv6 comes here.
final class HeldSocket: NetdHandler {
    private let port: HeldPort
    private let target: HostAddress
    private let socket: FileDescriptor
    private let isTCP: Bool
    private let loop: NetdLoop
    private let relays: RelayTable
    private var token: UInt64?
    private var datagrams: DatagramRelay?

    /// Throws EADDRINUSE when somebody has the port, EINVAL for an address that is none.
    init(_ port: HeldPort, loop: NetdLoop, relays: RelayTable) throws(Errno) {
        guard let address = HostAddress(port.hostIP), let target = HostAddress(port.targetIP),
            ["tcp", "udp"].contains(port.transport)
        else { throw Errno(.invalidArgument, "bind", port.hostIP) }
        self.port = port
        self.target = target
        self.loop = loop
        self.relays = relays
        isTCP = port.transport == "tcp"
        socket = try InternetSocket.hold(isTCP ? .tcp : .udp, address, port: port.hostPort)
        guard isTCP || address.isV6 else { return }
        token = try loop.add(socket, .readable, self)
        if !isTCP { datagrams = DatagramRelay(loop: loop, target: target, port: port.targetPort) }
    }

    func ready(_ events: Epoll.Interest, token: UInt64) {
        if let datagrams {
            datagrams.receive(from: socket)
        } else {
            accept()
        }
    }

    private func accept() {
        // A few at a time: other ports wait too.
        for _ in 0..<16 {
            do throws(Errno) {
                guard let client = try SequencedSocket.accept(socket) else { return }
                relays.start(client, target: target, port: port.targetPort, owner: self)
            } catch {
                // No descriptor is left: what waits in the queue would wake the loop at once, again and again.
                pause()
                return
            }
        }
    }

    private func pause() {
        guard let token else { return }
        loop.change(socket, [], token: token)
        relays.whenRoom { [weak self] in
            guard let self, let token = self.token else { return }
            loop.change(socket, .readable, token: token)
        }
    }

    /// Gives the port up, with all that goes through it.
    func close() {
        if let token { loop.remove(socket, token: token) }
        token = nil
        datagrams?.close()
        relays.closeAll(of: self)
    }
}
