// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON
import Synchronization

/// An engine that answers what was recorded of a real one: each request the first unused answer to the same request.
final class FakeEngine: Sendable {
    struct State: Sendable {
        var unused: [Exchange]
        var problems: [String] = []
        /// Bytes that clients sent over streams.
        var input: [UInt8] = []
        var openConnections = 0
        var isListening = true
    }

    let path: String
    private let listener: Int32
    private let state: Mutex<State>

    init(_ exchanges: [Exchange]) {
        path = "/tmp/wharf-fake-\(getpid())-\(UInt64.random(in: 0 ... .max)).sock"
        state = Mutex(State(unused: exchanges))
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        precondition(bound == 0 && listen(listener, 16) == 0, "the test's own socket")
        spawn { [self] in
            while true {
                let connection = accept(listener, nil, nil)
                if connection < 0 {
                    // Closed here: a number that is free again could be another engine's.
                    close(listener)
                    state.withLock { $0.isListening = false }
                    return
                }
                state.withLock { $0.openConnections += 1 }
                spawn { [self] in
                    Connection(connection, self).serve()
                    close(connection)
                    state.withLock { $0.openConnections -= 1 }
                }
            }
        }
    }

    /// Ends the listener and returns what happened.
    func finish() -> State {
        shutdown(listener, Int32(SHUT_RDWR))
        unlink(path)
        for _ in 0..<400 where state.withLock({ $0.openConnections > 0 || $0.isListening }) { usleep(5000) }
        return state.withLock { $0 }
    }

    fileprivate func answer(_ method: String, _ target: String, _ body: [UInt8]) -> Exchange? {
        state.withLock { state in
            guard let index = state.unused.firstIndex(where: { $0.matches(method, target) }) else {
                state.problems.append("unexpected request: \(method) \(target)")
                return nil
            }
            let exchange = state.unused.remove(at: index)
            if let wanted = exchange.request {
                let got = try? JSON.parse(body)
                if let difference = Difference.between(wanted, got ?? .null, at: "") {
                    state.problems.append("\(method) \(target): \(difference)")
                }
            }
            return exchange
        }
    }

    fileprivate func received(_ bytes: ArraySlice<UInt8>) { state.withLock { $0.input += bytes } }
}

private func spawn(_ body: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    pthread_create(
        &thread, nil,
        { argument in
            if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
            return nil
        }, Unmanaged.passRetained(Box(body)).toOpaque())
    pthread_detach(thread)
}

/// One connection of the fake engine's.
private final class Connection {
    private let socket: Int32
    private let engine: FakeEngine
    private var inbound: [UInt8] = []

    init(_ socket: Int32, _ engine: FakeEngine) {
        self.socket = socket
        self.engine = engine
    }

    func serve() {
        while let head = readHead() {
            let lines = head.split(separator: "\r\n").map(String.init)
            let words = lines[0].split(separator: " ").map(String.init)
            let body = readBody(lines.dropFirst().map { $0.lowercased() })
            if words[1] == "/_ping" {
                send("HTTP/1.1 200 OK\r\nApi-Version: 1.51\r\nOstype: linux\r\nContent-Length: 0\r\n\r\n")
                continue
            }
            guard let exchange = engine.answer(words[0], words[1], body) else {
                send("HTTP/1.1 500 Unexpected\r\nContent-Length: 24\r\n\r\n{\"message\":\"unexpected\"}")
                continue
            }
            if let stream = exchange.stream {
                send(
                    "HTTP/1.1 101 UPGRADED\r\nContent-Type: \(exchange.type)\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
                )
                if exchange.wantsInput { readInput() }
                send(stream)
                shutdown(socket, Int32(SHUT_WR))
                if !exchange.wantsInput { readInput() }
                return
            }
            let length =
                exchange.status == 204 || exchange.status == 304
                ? "" : "Content-Length: \(exchange.body.utf8.count)\r\n"
            send("HTTP/1.1 \(exchange.status) X\r\nContent-Type: \(exchange.type)\r\n\(length)\r\n\(exchange.body)")
        }
    }

    private func readHead() -> String? {
        while true {
            if let end = inbound.firstRange(of: Array("\r\n\r\n".utf8)) {
                let head = String(decoding: inbound[..<end.lowerBound], as: UTF8.self)
                inbound.removeSubrange(..<end.upperBound)
                return head
            }
            guard fill() else { return nil }
        }
    }

    private func readBody(_ headers: [String]) -> [UInt8] {
        if let line = headers.first(where: { $0.hasPrefix("content-length: ") }), let length = Int(line.dropFirst(16)) {
            while inbound.count < length, fill() {}
            let body = Array(inbound.prefix(length))
            inbound.removeFirst(min(length, inbound.count))
            return body
        }
        guard headers.contains("transfer-encoding: chunked") else { return [] }
        let end = Array("0\r\n\r\n".utf8)
        while !(inbound.count >= 5 && inbound.suffix(5).elementsEqual(end)), fill() {}
        let body = inbound
        inbound = []
        return body
    }

    /// Takes what the client sends until it stops sending.
    private func readInput() {
        engine.received(inbound[...])
        inbound = []
        while fill() {
            engine.received(inbound[...])
            inbound = []
        }
    }

    private func fill() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = read(socket, &buffer, buffer.count)
        if count > 0 { inbound += buffer[..<count] }
        return count > 0
    }

    private func send(_ text: String) { send(Array(text.utf8)) }

    private func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return }
            rest = rest.dropFirst(count)
        }
    }
}

extension [UInt8] {
    fileprivate func firstRange(of other: [UInt8]) -> Range<Int>? {
        guard count >= other.count else { return nil }
        for start in 0...(count - other.count) where self[start..<start + other.count].elementsEqual(other) {
            return start..<start + other.count
        }
        return nil
    }
}
