// SPDX-License-Identifier: Apache-2.0

internal import Linux

/// Relays a UDP port: every client has a socket of its own towards the container, for as long as it is used.
final class DatagramRelay {
    /// Clients at a time; the one longest unheard of makes room.
    private static let maximumFlows = 1024
    private static let largestDatagram = 65_536

    private let loop: EventLoop
    private let target: HostAddress
    private let port: UInt16
    private var flows: [SocketAddress: Flow] = [:]
    private var clock: UInt64 = 0
    private var buffer = [UInt8](repeating: 0, count: largestDatagram)

    init(loop: EventLoop, target: HostAddress, port: UInt16) {
        self.loop = loop
        self.target = target
        self.port = port
    }

    /// Passes what clients sent on to the container; a datagram there is no room for is lost, as with any router.
    func receive(from socket: borrowing FileDescriptor) {
        guard let replies = try? socket.duplicate() else { return }
        let back = SharedDescriptor(replies)
        for _ in 0..<64 {
            var received: (count: Int, from: SocketAddress)?
            buffer.withUnsafeMutableBytes { received = try? InternetSocket.receive(socket, into: $0) }
            guard let (count, from) = received else { return }
            clock += 1
            guard let flow = flows[from] ?? start(from, back) else { continue }
            flow.lastUsed = clock
            buffer.withUnsafeBytes { flow.send(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
    }

    private func start(_ client: SocketAddress, _ back: SharedDescriptor) -> Flow? {
        if flows.count >= Self.maximumFlows, let oldest = flows.min(by: { $0.value.lastUsed < $1.value.lastUsed }) {
            oldest.value.close()
            flows[oldest.key] = nil
        }
        guard let socket = try? InternetSocket.connect(.udp, to: target, port: port),
            let flow = try? Flow(loop: loop, socket: socket, client: client, back: back)
        else { return nil }
        flows[client] = flow
        return flow
    }

    func close() {
        for flow in flows.values { flow.close() }
        flows = [:]
    }

    /// One client's way to the container and back.
    private final class Flow {
        private let socket: SharedDescriptor
        private let client: SocketAddress
        private let back: SharedDescriptor
        private var watch: EventLoop.Watch?
        var lastUsed: UInt64 = 0

        init(
            loop: EventLoop, socket: consuming FileDescriptor, client: SocketAddress, back: SharedDescriptor
        ) throws(Errno) {
            self.socket = SharedDescriptor(socket)
            self.client = client
            self.back = back
            watch = try loop.watch(self.socket, .readable) { [unowned self] _ in passBack() }
        }

        func send(_ bytes: UnsafeRawBufferPointer) { _ = try? socket.descriptor.write(bytes) }

        private func passBack() {
            var buffer = [UInt8](repeating: 0, count: DatagramRelay.largestDatagram)
            for _ in 0..<16 {
                // An error (ICMP: nobody listens) is read away by this too.
                let count = buffer.withUnsafeMutableBytes { try? socket.descriptor.read(into: $0) }
                guard let count else { return }
                buffer.withUnsafeBytes {
                    _ = try? InternetSocket.send(
                        back.descriptor, UnsafeRawBufferPointer(rebasing: $0[..<count]), to: client)
                }
            }
        }

        func close() { watch?.cancel() }
    }
}
