// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux

/// A client that sends exactly the bytes it is told to.
final class RawClient: @unchecked Sendable {  // used by one test's task, or by none but its reader
    private let socket: SharedDescriptor
    /// How long a read may wait: long enough for a busy machine, short enough to fail.
    static let patience: Int32 = 20_000

    init(_ path: String) throws { socket = SharedDescriptor(try StreamSocket.connect(.unix(path))) }

    func send(_ text: String) throws { try socket.descriptor.writeAll(Array(text.utf8)) }
    func send(_ bytes: [UInt8]) throws { try socket.descriptor.writeAll(bytes) }
    func halfClose() throws { try StreamSocket.shutdownWrite(socket.rawValue) }

    /// Reads at least one byte; nil at the end, or when the server has cut the connection.
    func read() throws -> [UInt8]? {
        let ready = try StreamSocket.wait(
            socket.rawValue, reading: true, writing: false, milliseconds: Self.patience)
        guard ready.readable else { throw TimedOut() }
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count: Int
        do { count = try buffer.withUnsafeMutableBytes { try socket.descriptor.read(into: $0) } } catch let error
            as Errno where error.code == .connectionReset
        { return nil }
        return count == 0 ? nil : Array(buffer[..<count])
    }

    /// Reads until `text` has come, or the end.
    func read(until text: String) throws -> String {
        var result: [UInt8] = []
        while !contains(result, Array(text.utf8)), let more = try read() { result += more }
        return String(decoding: result, as: UTF8.self)
    }

    func readAll() throws -> String {
        var result: [UInt8] = []
        while let more = try read() { result += more }
        return String(decoding: result, as: UTF8.self)
    }

    /// Whether anything, or the end, is there within `milliseconds`.
    func isReadable(milliseconds: Int32) throws -> Bool {
        try StreamSocket.wait(socket.rawValue, reading: true, writing: false, milliseconds: milliseconds).readable
    }

    private func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        guard bytes.count >= part.count else { return false }
        return (0...(bytes.count - part.count)).contains { bytes[$0...].starts(with: part) }
    }

    struct TimedOut: Error {}
}
