// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Many requests at once, each on a connection of its own.
struct Storm {
    let connections: [RawConnection]

    /// Sends them all; nothing is read yet.
    init(_ engine: TestEngine, _ requests: [String]) throws {
        Self.raiseLimit()
        connections = try requests.map { _ in try RawConnection(engine.socket) }
        for (connection, request) in zip(connections, requests) { connection.send(request) }
    }

    /// Reads the whole answers: of requests that close the connection.
    func answers(timeout: Double = 30) throws -> [HTTPAnswer] {
        try connections.map { connection in
            guard connection.read(timeout: timeout) else { throw Failure("no answer: \(connection.text)") }
            return try HTTPAnswer(connection.received)
        }
    }

    /// A request whose answer ends the connection.
    static func request(_ method: String, _ path: String, _ body: String? = nil, headers: String = "") -> String {
        let type = body == nil ? "" : "Content-Type: application/json\r\n"
        return "\(method) \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\(headers)\(type)"
            + "Content-Length: \(body?.utf8.count ?? 0)\r\n\r\n\(body ?? "")"
    }

    /// A request that turns its connection into a stream.
    static func upgrade(_ path: String, _ body: String? = nil) -> String {
        let type = body == nil ? "" : "Content-Type: application/json\r\n"
        return "POST \(path) HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\(type)"
            + "Content-Length: \(body?.utf8.count ?? 0)\r\n\r\n\(body ?? "")"
    }

    /// A thousand connections are more descriptors than most shells allow.
    private static func raiseLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(7), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(__rlimit_resource_t(7), &limit)
    }
}

extension RawConnection {
    /// Goes away as a killed program does: what was not read is lost, and the other side is told by a reset.
    func vanish() {
        var atOnce = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &atOnce, socklen_t(MemoryLayout<linger>.size))
        shutdown(descriptor, Int32(SHUT_RDWR))
    }
}
