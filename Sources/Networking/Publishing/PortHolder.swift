// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import JSON
internal import Linux
internal import Shim
internal import Synchronization

/// The daemon's end of netd, which is launched when the first port is published and taken over by the next daemon.
/// All calls block.
final class PortHolder: Sendable {
    private let directory: String
    private let launcher: ShimLauncher
    private let state = Mutex(State())
    /// Tells of netd's end. Locked for moments only, as the reactor's thread does.
    private let watch = Mutex<Reactor.Token?>(nil)

    private struct State: ~Copyable {
        var socket: FileDescriptor?
        var nextID: UInt64 = 1
        /// What netd is to hold, should it have to be started anew.
        var wanted: [String: [HeldPort]] = [:]
    }

    /// A port that somebody has, or that can't be had.
    struct Refusal: Error {
        var port: HeldPort
        var code: Errno.Code
    }

    private static let timeoutMilliseconds: Int32 = 10_000

    init(directory: String, launcher: ShimLauncher) {
        self.directory = directory
        self.launcher = launcher
    }

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

    /// Takes over from an earlier daemon: netd has these afterwards and nothing else. Launches none if there is nothing to
    /// hold. Returns what could not be had (someone took it while netd was dead).
    func adopt(_ wanted: [String: [HeldPort]]) throws -> [Refusal] {
        try state.withLock { state in
            state.wanted = wanted
            guard try connect(&state, launches: !wanted.isEmpty) else { return [] }
            _ = try exchange(.retain(owners: Array(wanted.keys)), &state, launches: true)
            return try restore(&state)
        }
    }

    /// Ends netd where nothing is held; with containers running it stays.
    func close() {
        state.withLock { disconnect(&$0) }
    }

    private func disconnect(_ state: inout State) {
        unwatch()
        state.socket = nil
    }

    /// Has the reactor tell when the connection ends, which is when netd does.
    private func watchConnection(_ state: inout State) throws(Errno) {
        guard let socket = state.socket.take() else { return }
        let copy = Result { () throws(Errno) in SharedDescriptor(try socket.duplicate()) }
        state.socket = consume socket
        let token = try Reactor.shared().add(copy.get(), []) { [weak self] _ in
            guard let self else { return }
            unwatch()
            // Ends with the revival, which waits for netd's answers at most.
            Task { try? await BlockingPool.shared.run { self.revive() } }
        }
        watch.withLock { $0 = token }
    }

    private func unwatch() {
        guard let token = watch.withLock({ $0.take() }), let reactor = try? Reactor.shared() else { return }
        reactor.remove(token)
    }

    /// netd is gone: starts it anew if it held something. What fails is tried again at the next request.
    private func revive() {
        state.withLock { state in
            disconnect(&state)
            guard !state.wanted.isEmpty, (try? connect(&state, launches: true)) == true else { return }
            _ = try? restore(&state)
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
        if state.socket != nil {
            do { return try send(body, &state) } catch { disconnect(&state) }
            if !launches, state.wanted.isEmpty { return .ok }
        }
        guard try connect(&state, launches: launches || !state.wanted.isEmpty) else { return .ok }
        _ = try restore(&state)
        return try send(body, &state)
    }

    /// Connects to a running netd, or launches one. Returns false if there is none and none is to be launched.
    private func connect(_ state: inout State, launches: Bool) throws -> Bool {
        if state.socket != nil { return true }
        let opened = try FileDescriptor.open(directory, O_RDONLY | O_DIRECTORY)
        do throws(Errno) {
            state.socket = try SequencedSocket.connect(directory: opened, name: NetdConfiguration.socket)
            // One that is about to end closes without an answer.
            if (try? send(.release(owner: ""), &state)) != nil {
                try watchConnection(&state)
                return true
            }
            state.socket = nil
        } catch {
            guard error.code == .noEntry || error.code == .connectionRefused else { throw error }
        }
        guard launches else { return false }
        let listener = try SequencedSocket.listen(directory: opened, name: NetdConfiguration.socket)
        state.socket = try SequencedSocket.connect(directory: opened, name: NetdConfiguration.socket)
        try launcher.spawn(
            ["netd"], directory: directory, log: NetdConfiguration.log,
            descriptors: [(SharedDescriptor(listener), NetdConfiguration.listener)])
        try watchConnection(&state)
        return true
    }

    private func send(_ body: NetdRequest.Body, _ state: inout State) throws -> NetdReply.Body {
        let id = state.nextID
        state.nextID += 1
        guard let socket = state.socket.take() else { throw Errno(.connectionReset, "send", "netd") }
        let reply = try Self.send(NetdRequest(id: id, body), on: socket)
        state.socket = consume socket
        return reply
    }

    private static func send(
        _ request: NetdRequest, on socket: borrowing FileDescriptor
    ) throws -> NetdReply.Body {
        let packet = try JSON.encode(request)
        guard packet.count <= Wire.maximumPacket else { throw Errno(.argumentsTooLong, "send", "netd") }
        try SequencedSocket.send(socket, packet)
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            try wait(socket)
            let count: Int
            do {
                count = try buffer.withUnsafeMutableBytes { try SequencedSocket.receive(socket, into: $0).count }
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
