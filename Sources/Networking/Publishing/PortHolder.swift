// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import JSON
internal import Linux
internal import Logging
internal import Shim
internal import Synchronization

/// The daemon's end of netd, which is launched when the first port is published and taken over by the next daemon. One
/// that dies is launched again at once, with all it held. All calls block.
final class PortHolder: Sendable {
    private let directory: String
    private let launcher: ShimLauncher
    private let logger: Logger
    private let state = Mutex(State())

    private struct State: ~Copyable {
        var connection: Connection?
        var nextID: UInt64 = 1
        /// The daemon ends: what happens to netd is the next one's business.
        var isClosed = false
        var lastRevival: ContinuousClock.Instant?
        /// What netd is to hold, should it have to be started anew.
        var wanted: [String: [HeldPort]] = [:]
    }

    /// The connection and the watch for its end.
    private final class Connection: Sendable {
        let socket: SharedDescriptor
        let token = Mutex<Reactor.Token?>(nil)

        init(_ socket: consuming FileDescriptor) { self.socket = SharedDescriptor(socket) }

        /// Returns false if it is not watched (any more, or yet).
        func stopWatching() -> Bool {
            guard let token = token.withLock({ $0.take() }) else { return false }
            if let reactor = try? Reactor.shared() { reactor.remove(token) }
            return true
        }
    }

    /// A port that somebody has, or that can't be had.
    struct Refusal: Error {
        var port: HeldPort
        var code: Errno.Code
    }

    private static let timeoutMilliseconds: Int32 = 10_000

    init(directory: String, launcher: ShimLauncher, logger: Logger) {
        self.directory = directory
        self.launcher = launcher
        self.logger = logger
    }

    deinit { close() }

    /// Takes all of the ports, or throws `Refusal` and takes none.
    func hold(owner: String, ports: [HeldPort]) throws {
        guard !ports.isEmpty else { return }
        try state.withLock { state in
            let reply = try exchange(.hold(owner: owner, ports: ports), &state, launches: true)
            switch reply {
            case .ok: state.wanted[owner, default: []] += ports
            case .failed(let port, let number): throw Refusal(port: port, code: .init(rawValue: number))
            default: throw Errno(.notSupported, "netd", "hold")
            }
        }
    }

    /// Gives up what the owner has.
    func release(owner: String) throws {
        try state.withLock { state in
            guard state.wanted.removeValue(forKey: owner) != nil else { return }
            _ = try exchange(.release(owner: owner), &state, launches: false)
        }
    }

    /// Takes over from an earlier daemon: netd has these afterwards and nothing else. Launches none if there is nothing
    /// to hold. Returns what could not be had (someone took it while netd was dead).
    func adopt(_ wanted: [String: [HeldPort]]) throws -> [Refusal] {
        try state.withLock { state in
            state.wanted = wanted
            guard try connect(&state, launches: !wanted.isEmpty) else { return [] }
            _ = try exchange(.retain(owners: Array(wanted.keys)), &state, launches: true)
            return try restore(&state)
        }
    }

    /// Lets go of netd: where nothing is held it ends; with containers running it stays.
    func close() {
        state.withLock { state in
            state.isClosed = true
            disconnect(&state)
        }
    }

    private func restore(_ state: inout State) throws -> [Refusal] {
        var refusals: [Refusal] = []
        for (owner, ports) in state.wanted {
            // One by one: what can be held is.
            for port in ports {
                let reply = try send(.hold(owner: owner, ports: [port]), &state)
                if case .failed(let port, let number) = reply {
                    refusals.append(Refusal(port: port, code: .init(rawValue: number)))
                }
            }
        }
        return refusals
    }

    /// Sends a request; where netd has died, starts it anew first and has it hold what it held.
    private func exchange(
        _ body: NetdRequest.Body, _ state: inout State, launches: Bool
    ) throws -> NetdReply.Body {
        if state.connection != nil {
            do { return try send(body, &state) } catch { disconnect(&state) }
            if !launches, state.wanted.isEmpty { return .ok }
        }
        guard try connect(&state, launches: launches || !state.wanted.isEmpty) else { return .ok }
        for refusal in try restore(&state) { report(refusal) }
        return try send(body, &state)
    }

    /// Connects to a running netd, or launches one. Returns false if there is none and none is to be launched.
    private func connect(_ state: inout State, launches: Bool) throws -> Bool {
        if state.connection != nil { return true }
        let opened = try FileDescriptor.open(directory, O_RDONLY | O_DIRECTORY)
        do throws(Errno) {
            watch(try SequencedSocket.connect(directory: opened, name: NetdConfiguration.socket), &state)
            // One that is about to end closes without an answer.
            if (try? send(.release(owner: ""), &state)) != nil { return true }
            disconnect(&state)
        } catch {
            guard error.code == .noEntry || error.code == .connectionRefused else { throw error }
        }
        guard launches else { return false }
        let listener = try SequencedSocket.listen(directory: opened, name: NetdConfiguration.socket)
        watch(try SequencedSocket.connect(directory: opened, name: NetdConfiguration.socket), &state)
        try launcher.spawn(
            ["netd"], directory: directory, log: NetdConfiguration.log,
            descriptors: [(SharedDescriptor(listener), NetdConfiguration.listener)])
        return true
    }

    private func send(_ body: NetdRequest.Body, _ state: inout State) throws -> NetdReply.Body {
        let id = state.nextID
        state.nextID += 1
        guard let connection = state.connection else { throw Errno(.connectionReset, "send", "netd") }
        return try Self.send(NetdRequest(id: id, body), on: connection.socket.descriptor)
    }

    private static func send(
        _ request: NetdRequest, on socket: borrowing FileDescriptor
    ) throws -> NetdReply.Body {
        let packet = try JSON.encode(request)
        guard packet.count <= Wire.maximumPacket else { throw Errno(.argumentsTooLong, "send", "netd") }
        try socket.sendPacket(packet)
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            try wait(socket)
            let count: Int
            do {
                count = try buffer.withUnsafeMutableBytes { try socket.receivePacket(into: $0).count }
            } catch let error as Errno where error.code == .again { continue }
            guard count > 0 else { throw Errno(.connectionReset, "recvmsg", "netd") }
            let reply = try JSON.decode(NetdReply.self, from: Array(buffer[..<count]))
            if reply.id == request.id { return reply.body }
        }
    }

    private static func wait(_ socket: borrowing FileDescriptor) throws(Errno) {
        var poll = pollfd(fd: socket.rawValue, events: Int16(POLLIN), revents: 0)
        while true {
            let count = Glibc.poll(&poll, 1, timeoutMilliseconds)
            if count > 0 { return }
            if count == 0 { throw Errno(.timedOut, "poll", "netd") }
            if errno != EINTR { throw .last("poll", "netd") }
        }
    }
}

// MARK: netd's death

extension PortHolder {
    /// How long one that ends again and again is left alone in between.
    private static let pauseMicroseconds: UInt32 = 500_000

    /// Only the end of the connection is of interest: everything else netd says is an answer.
    private func watch(_ socket: consuming FileDescriptor, _ state: inout State) {
        let connection = Connection(socket)
        state.connection = connection
        do throws(Errno) {
            let token = try Reactor.shared().add(connection.socket, []) { [weak self, weak connection] _ in
                // Told again and again until the watch ends.
                guard let connection, connection.stopWatching() else { return }
                self?.ended(connection)
            }
            connection.token.withLock { $0 = token }
        } catch {
            logger.error("netd can't be watched", metadata: ["error": "\(error)"])
        }
    }

    private func disconnect(_ state: inout State) {
        _ = state.connection.take()?.stopWatching()
    }

    /// On the reactor's thread, which must not wait: not even for the lock, whose holder may be talking to netd.
    private func ended(_ connection: Connection) {
        // Ends when netd is launched, or can't be.
        Task {
            do { try await BlockingPool.shared.run { self.revive(insteadOf: connection) } } catch {
                logger.error("netd has ended and is not launched again", metadata: ["error": "\(error)"])
            }
        }
    }

    private func revive(insteadOf connection: Connection) {
        let last = state.withLock { $0.lastRevival }
        if let last, last.duration(to: .now) < .seconds(1) { usleep(Self.pauseMicroseconds) }
        state.withLock { state in
            // Somebody else may have met the end of this connection already.
            guard state.connection === connection else { return }
            disconnect(&state)
            guard !state.isClosed, !state.wanted.isEmpty else { return }
            state.lastRevival = .now
            logger.warning("netd has ended; launching it again")
            do {
                _ = try connect(&state, launches: true)
                for refusal in try restore(&state) { report(refusal) }
            } catch {
                logger.error("netd could not be launched again", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Says that a published port is no longer held.
    func report(_ refusal: Refusal) {
        let port = "\(refusal.port.hostIP):\(refusal.port.hostPort)/\(refusal.port.transport)"
        logger.error("a published port was taken meanwhile", metadata: ["port": "\(port)"])
    }
}
