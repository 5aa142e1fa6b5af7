// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux

/// A client that sends exactly the bytes it is told to.
///
/// Its calls block, so they run on threads of their own: Swift's pool has two here, which the server's handlers need.
final class RawClient: Sendable {
    private let socket: SharedDescriptor
    /// How long a read may wait: long enough for a busy machine, short enough to fail.
    static let patience: Int32 = 20_000
    private static let pool = BlockingPool(maximumThreads: 128, threadsPerKey: 128)

    init(_ path: String) throws { socket = SharedDescriptor(try StreamSocket.connect(.unix(path))) }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) async throws {
        try await Self.pool.run { [socket] in try socket.descriptor.writeAll(bytes) }
    }

    func halfClose() throws { try StreamSocket.shutdownWrite(socket.rawValue) }

    /// Reads at least one byte; nil at the end, or when the server has cut the connection.
    func read() async throws -> [UInt8]? {
        try await Self.pool.run { [socket] in
            let ready = try StreamSocket.wait(
                socket.rawValue, reading: true, writing: false, milliseconds: Self.patience)
            guard ready.readable else { throw TimedOut() }
            var buffer = [UInt8](repeating: 0, count: 65536)
            do {
                let count = try buffer.withUnsafeMutableBytes { try socket.descriptor.read(into: $0) }
                return count == 0 ? nil : Array(buffer[..<count])
            } catch let error as Errno where error.code == .connectionReset { return nil }
        }
    }

    /// Reads until `text` has come, or the end.
    func read(until text: String) async throws -> String {
        var result: [UInt8] = []
        while !contains(result, Array(text.utf8)), let more = try await read() { result += more }
        return String(decoding: result, as: UTF8.self)
    }

    func readAll() async throws -> String {
        var result: [UInt8] = []
        while let more = try await read() { result += more }
        return String(decoding: result, as: UTF8.self)
    }

    private func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        guard bytes.count >= part.count else { return false }
        return (0...(bytes.count - part.count)).contains { bytes[$0...].starts(with: part) }
    }

    struct TimedOut: Error {}
}
