// SPDX-License-Identifier: Apache-2.0

internal import Linux

/// The TCP connections that netd relays.
final class RelayTable {
    /// Each takes two descriptors and at most two buffers.
    static let maximum = 4096

    private let loop: EventLoop
    private var relays: [ObjectIdentifier: (relay: Relay, owner: ObjectIdentifier)] = [:]
    private var waiting: [() -> Void] = []
    private var timer: EventLoop.Timer?

    init(loop: EventLoop) { self.loop = loop }

    /// Connects the client to the container; one too many, or one that can't be, is closed at once.
    func start(
        _ client: consuming FileDescriptor, target: HostAddress, port: UInt16, owner: HeldSocket
    ) {
        guard relays.count < Self.maximum else { return }
        guard let server = try? InternetSocket.connect(.tcp, to: target, port: port) else { return }
        let relay = Relay(loop: loop, client: client, server: server) { [weak self] in self?.ended($0) }
        relays[ObjectIdentifier(relay)] = (relay, ObjectIdentifier(owner))
        relay.start()
    }

    /// Calls `body` when a relay has ended, or in a second.
    func whenRoom(_ body: @escaping () -> Void) {
        waiting.append(body)
        if timer == nil { timer = loop.after(milliseconds: 1000) { [unowned self] in wake() } }
    }

    func closeAll(of owner: HeldSocket) {
        let id = ObjectIdentifier(owner)
        for entry in relays.values where entry.owner == id { entry.relay.close() }
    }

    private func ended(_ relay: Relay) {
        relays[ObjectIdentifier(relay)] = nil
        wake()
    }

    private func wake() {
        guard !waiting.isEmpty else { return }
        let bodies = waiting
        waiting = []
        timer?.cancel()
        timer = nil
        for body in bodies { body() }
    }
}

/// One relayed connection: two sockets and what is on the way between them, each way in bounded memory.
final class Relay {
    private let loop: EventLoop
    private let client: SharedDescriptor
    private let server: SharedDescriptor
    private var clientWatch: EventLoop.Watch?
    private var serverWatch: EventLoop.Watch?
    private var isConnected = false
    private var toServer = Pump()
    private var toClient = Pump()
    private let ended: (Relay) -> Void

    init(
        loop: EventLoop, client: consuming FileDescriptor, server: consuming FileDescriptor,
        ended: @escaping (Relay) -> Void
    ) {
        self.loop = loop
        self.client = SharedDescriptor(client)
        self.server = SharedDescriptor(server)
        self.ended = ended
    }

    func start() {
        do throws(Errno) {
            clientWatch = try loop.watch(client, []) { [unowned self] in move($0, isClient: true) }
            serverWatch = try loop.watch(server, .writable) { [unowned self] in move($0, isClient: false) }
        } catch { close() }
    }

    /// - Parameter isClient: whose events they are, the client's or the server's.
    private func move(_ events: Epoll.Interest, isClient: Bool) {
        if !isConnected {
            // Only the server's side is waited for; a client that hangs up early ends it too.
            guard !isClient, InternetSocket.failure(server.descriptor) == nil else { return close() }
            isConnected = true
        }
        do throws(Errno) {
            try toServer.move(from: client.descriptor, to: server.descriptor)
            try toClient.move(from: server.descriptor, to: client.descriptor)
        } catch { return close() }
        if toServer.isFinished, toClient.isFinished { return close() }
        // Nobody is left at that end: what it sent may still be on its way, nothing can go to it.
        if events.contains(.error) || events.contains(.hangUp) {
            let outbound = isClient ? toServer : toClient
            if outbound.isFinished { return close() }
            unwatch(isClient: isClient)
        }
        watch()
    }

    private func watch() {
        clientWatch?.want(interest(reads: toServer, writes: toClient))
        serverWatch?.want(interest(reads: toClient, writes: toServer))
        if clientWatch == nil, serverWatch == nil { close() }
    }

    private func interest(reads: Pump, writes: Pump) -> Epoll.Interest {
        var interest: Epoll.Interest = []
        if reads.wantsInput { interest.insert(.readable) }
        if writes.wantsOutput { interest.insert(.writable) }
        return interest
    }

    private func unwatch(isClient: Bool) {
        if isClient {
            clientWatch?.cancel()
            clientWatch = nil
        } else {
            serverWatch?.cancel()
            serverWatch = nil
        }
    }

    func close() {
        unwatch(isClient: true)
        unwatch(isClient: false)
        ended(self)
    }
}

/// One direction of a relay.
private struct Pump {
    private static let capacity = 32 * 1024

    private var buffer: [UInt8] = []
    private var start = 0
    private var inputEnded = false
    /// The end of input was passed on.
    private(set) var isFinished = false

    var wantsInput: Bool { !inputEnded && buffer.isEmpty }
    var wantsOutput: Bool { !buffer.isEmpty }

    /// Moves what can be moved without waiting. Throws when either end is gone.
    mutating func move(from source: borrowing FileDescriptor, to destination: borrowing FileDescriptor) throws(Errno) {
        // Bounded, so that one fast connection does not starve the others.
        for _ in 0..<8 {
            if buffer.isEmpty, !inputEnded, try !fill(from: source) { break }
            if !buffer.isEmpty, try !drain(to: destination) { break }
            if inputEnded { break }
        }
        if inputEnded, buffer.isEmpty, !isFinished {
            isFinished = true
            try destination.shutDownWriting()
        }
    }

    /// False when nothing is there to be read now.
    private mutating func fill(from source: borrowing FileDescriptor) throws(Errno) -> Bool {
        var failure: Errno?
        let bytes = [UInt8](unsafeUninitializedCapacity: Self.capacity) { room, count in
            do throws(Errno) {
                count = try source.read(into: UnsafeMutableRawBufferPointer(room))
            } catch { failure = error }
        }
        if let failure {
            if failure.code == .again { return false }
            throw failure
        }
        inputEnded = bytes.isEmpty
        buffer = bytes
        start = 0
        return true
    }

    /// False when the destination takes no more now. Lets go of the buffer when it is through.
    private mutating func drain(to destination: borrowing FileDescriptor) throws(Errno) -> Bool {
        while start < buffer.count {
            var failure: Errno?
            let count = buffer.withUnsafeBytes { bytes -> Int in
                do throws(Errno) {
                    return try destination.write(UnsafeRawBufferPointer(rebasing: bytes[start...]))
                } catch {
                    failure = error
                    return 0
                }
            }
            if let failure {
                if failure.code == .again { return false }
                throw failure
            }
            start += count
        }
        buffer = []
        start = 0
        return true
    }
}
