// SPDX-License-Identifier: Apache-2.0

internal import Linux
internal import Shim

/// A published port of the host: nobody else can have it while this exists.
///
/// IPv4 traffic is translated in the kernel and does not come here, unless someone took the rules away: TCP is relayed
/// all the same. IPv6 comes here.
final class HeldSocket {
    private let port: HeldPort
    private let target: HostAddress
    private let socket: SharedDescriptor
    private let relays: RelayTable
    /// nil: the kernel does it all.
    private var watch: EventLoop.Watch?
    private var datagrams: DatagramRelay?

    /// Throws EADDRINUSE when somebody has the port, EINVAL for an address that is none.
    init(_ port: HeldPort, loop: EventLoop, relays: RelayTable) throws(Errno) {
        guard let address = HostAddress(port.hostIP), let target = HostAddress(port.targetIP),
            ["tcp", "udp"].contains(port.transport)
        else { throw Errno(.invalidArgument, "bind", port.hostIP) }
        self.port = port
        self.target = target
        self.relays = relays
        let isTCP = port.transport == "tcp"
        socket = SharedDescriptor(try InternetSocket.hold(isTCP ? .tcp : .udp, address, port: port.hostPort))
        guard isTCP || address.isV6 else { return }
        if !isTCP { datagrams = DatagramRelay(loop: loop, target: target, port: port.targetPort) }
        watch = try loop.watch(socket, .readable) { [unowned self] _ in
            if let datagrams { datagrams.receive(from: socket.descriptor) } else { accept() }
        }
    }

    private func accept() {
        // A few at a time: other ports wait too.
        for _ in 0..<16 {
            do throws(Errno) {
                guard let client = try SequencedSocket.accept(socket.descriptor) else { return }
                relays.start(client, target: target, port: port.targetPort, owner: self)
            } catch {
                // No descriptor is left: what waits in the queue would wake the loop at once, again and again.
                pause()
                return
            }
        }
    }

    private func pause() {
        watch?.want([])
        relays.whenRoom { [weak self] in self?.watch?.want(.readable) }
    }

    /// Gives the port up, with all that goes through it.
    func close() {
        watch?.cancel()
        watch = nil
        datagrams?.close()
        relays.closeAll(of: self)
    }
}
