// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON

/// A connection to a Unix socket, for what no well-behaved client would send.
final class RawConnection {
    let descriptor: Int32
    private(set) var received: [UInt8] = []

    init(_ path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        precondition(bytes.count < 108)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0 else { throw Failure("connect \(path): errno \(errno)") }
    }

    deinit { close(descriptor) }

    /// Sends what it can; the other side may close in the middle.
    func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return }
            rest = rest.dropFirst(count)
        }
    }

    func send(_ text: String) { send(Array(text.utf8)) }

    /// Says that no more will come.
    func halfClose() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Reads until `done` says so of everything received, the other side closes (true), or time is over (false).
    @discardableResult
    func read(timeout: Double = 10, until done: ([UInt8]) -> Bool = { _ in false }) -> Bool {
        let end = now() + timeout
        var buffer = [UInt8](repeating: 0, count: 65536)
        while !done(received) {
            var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let left = end - now()
            guard left > 0, Glibc.poll(&poll, 1, Int32(left * 1000) + 1) > 0 else { return false }
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count <= 0 { return true }
            received += buffer[..<count]
        }
        return true
    }

    var text: String { String(decoding: received, as: UTF8.self) }
}

struct HTTPAnswer: CustomStringConvertible {
    var status: Int
    /// Names in lower case.
    var headers: [String: String]
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
    func json() throws -> JSONValue { try JSON.parse(body) }
    /// The error's text, as Docker's clients show it.
    var message: String { (try? json()["message"]?.text) ?? "" }
    var description: String { "HTTP \(status): \(text.prefix(1000))" }

    init(_ bytes: [UInt8]) throws {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else {
            throw Failure("no HTTP answer: \(String(decoding: bytes.prefix(300), as: UTF8.self))")
        }
        let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        guard let first = head.first, let code = first.split(separator: " ").dropFirst().first, let status = Int(code)
        else {
            throw Failure("no HTTP status: \(head.first ?? "")")
        }
        self.status = status
        headers = Dictionary(
            head.dropFirst().compactMap { line in
                guard let colon = line.firstIndex(of: ":") else { return nil }
                return (line[..<colon].lowercased(), String(line[line.index(after: colon)...]).trimmed)
            }, uniquingKeysWith: { $0 + ", " + $1 })
        body = Array(bytes[end.upperBound...])
        if headers["transfer-encoding"] == "chunked" { body = Self.unchunked(body) }
    }

    private static func unchunked(_ bytes: [UInt8]) -> [UInt8] {
        var found: [UInt8] = []
        var rest = bytes[...]
        while let line = rest.firstRange(of: Array("\r\n".utf8)) {
            guard let size = Int(String(decoding: rest[..<line.lowerBound], as: UTF8.self), radix: 16), size > 0 else {
                break
            }
            found += rest[line.upperBound...].prefix(size)
            rest = rest[line.upperBound...].dropFirst(size + 2)
        }
        return found
    }
}

extension TestEngine {
    /// Sends one request and reads its whole answer. `version` goes before the path unless it is nil.
    @discardableResult
    func http(
        _ method: String, _ path: String, version: String? = "v1.51", body: String? = nil,
        type: String? = "application/json",
        headers: [String] = [], timeout: Double = 20
    ) throws -> HTTPAnswer {
        let connection = try RawConnection(socket)
        var request =
            "\(method) \(version.map { "/" + $0 } ?? "")\(path) HTTP/1.1\r\nHost: wharf\r\nConnection: close\r\n"
        for header in headers { request += header + "\r\n" }
        if let body {
            if let type { request += "Content-Type: \(type)\r\n" }
            request += "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        } else {
            request += "\r\n"
        }
        connection.send(request)
        guard connection.read(timeout: timeout) else {
            throw Failure("\(method) \(path): no whole answer after \(timeout) s: \(connection.text.prefix(500))")
        }
        return try HTTPAnswer(connection.received)
    }
}
