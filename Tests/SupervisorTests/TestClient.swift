// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import Testing

/// What the other end of an attached client's connection is in tests: plain blocking reads and writes on threads of
/// their own.
final class TestClient: Sendable {
    let socket: SharedDescriptor

    init(_ socket: SharedDescriptor) { self.socket = socket }

    static func pair() throws -> (theirs: SharedDescriptor, ours: TestClient) {
        var numbers: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &numbers) == 0 else {
            throw Errno(.io, "socketpair")
        }
        var timeout = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(numbers[1], SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        return (
            SharedDescriptor(FileDescriptor(owning: numbers[0])),
            TestClient(SharedDescriptor(FileDescriptor(owning: numbers[1])))
        )
    }

    func write(_ text: String) throws { try socket.descriptor.writeAll(Array(text.utf8)) }
    func endInput() throws { try socket.descriptor.shutDownWriting() }

    /// At most so many bytes; empty at the end. Throws EAGAIN after 30 seconds of nothing.
    func read(_ count: Int = 65536) async throws -> [UInt8] {
        let socket = socket
        return try await BlockingPool.shared.run {
            var buffer = [UInt8](repeating: 0, count: count)
            let got = try buffer.withUnsafeMutableBytes { try socket.descriptor.read(into: $0) }
            return Array(buffer[..<got])
        }
    }

    /// Everything up to the end of the stream.
    func readToEnd() async throws -> [UInt8] {
        var result: [UInt8] = []
        while true {
            let piece = try await read()
            if piece.isEmpty { return result }
            result += piece
        }
    }

    /// Raw bytes until `text` has come.
    func read(until text: String) async throws -> String {
        var result: [UInt8] = []
        while !String(decoding: result, as: UTF8.self).contains(text) {
            let piece = try await read()
            try #require(!piece.isEmpty, "the stream ended after: \(String(decoding: result, as: UTF8.self))")
            result += piece
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The two outputs of a stream of stdcopy frames.
    func outputs() async throws -> (stdout: String, stderr: String) {
        let frames = try Frames(try await readToEnd())
        return (String(decoding: frames.stdout, as: UTF8.self), String(decoding: frames.stderr, as: UTF8.self))
    }
}

/// Decoded stdcopy frames.
struct Frames {
    var stdout: [UInt8] = []
    var stderr: [UInt8] = []

    init(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let head = Array(rest.prefix(8))
            try #require(head.count == 8)
            try #require((head[0] == 1 || head[0] == 2) && head[1] == 0 && head[2] == 0 && head[3] == 0)
            let count = head[4...7].reduce(0) { $0 << 8 | Int($1) }
            try #require(rest.count >= 8 + count, "a frame is cut off")
            let payload = rest.dropFirst(8).prefix(count)
            if head[0] == 1 { stdout += payload } else { stderr += payload }
            rest = rest.dropFirst(8 + count)
        }
    }
}
