// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux

/// A conversation on D-Bus: one call at a time, and the signals that came meanwhile. Blocks, but for no answer longer
/// than `milliseconds`.
///
/// Own code, and not libsystemd or busctl: docs/decisions/0013-own-dbus-client.md.
final class BusConnection {
    /// Why a call has no answer.
    enum Failure: Error {
        /// The other side says no; `name` is what tells one reason from another.
        case refused(name: String, message: String)
        case broken(CgroupError)
    }

    private let socket: FileDescriptor
    private let path: String
    private let milliseconds: Int32
    private var serial: UInt32 = 0
    private var signals: [BusMessage] = []
    /// Signals that nobody has asked for yet; what is more than that is dropped, oldest first.
    private static let maximumSignals = 256

    /// Connects to a socket and says who we are.
    convenience init(_ path: String, milliseconds: Int32 = 30_000) throws(CgroupError) {
        let socket = try cgroupStep { () throws(Errno) in try StreamSocket.connect(.unix(path)) }
        try self.init(socket, path, milliseconds: milliseconds)
    }

    init(_ socket: consuming FileDescriptor, _ path: String, milliseconds: Int32) throws(CgroupError) {
        self.socket = socket
        self.path = path
        self.milliseconds = milliseconds
        // SASL, all of it at once: the server answers with one line, then messages follow.
        let user = "\(geteuid())".utf8.map { String($0, radix: 16) }.joined()
        try send([0] + Array("AUTH EXTERNAL \(user)\r\nBEGIN\r\n".utf8))
        var line: [UInt8] = []
        while line.last != UInt8(ascii: "\n") {
            guard line.count < 512 else { throw broken("its answer to AUTH has no end") }
            line += try read(1)
        }
        guard line.starts(with: Array("OK ".utf8)) else {
            throw broken("it does not let us in: \(String(decoding: line.dropLast(2), as: UTF8.self))")
        }
    }

    /// Sends a call and waits for its answer. Signals that come before it are kept.
    func call(_ message: BusMessage) throws(Failure) -> [BusValue] {
        serial += 1
        var message = message
        message.serial = serial
        let answer: BusMessage
        do throws(CgroupError) {
            try send(message.encoded())
            answer = try next { $0.answers == message.serial }
        } catch {
            throw .broken(error)
        }
        if answer.kind == .answer { return answer.body }
        throw .refused(name: answer.error ?? "", message: answer.body.first?.text ?? "no reason given")
    }

    /// The next signal that `isWanted`: one that came before, or one that is to come.
    func signal(_ isWanted: (BusMessage) -> Bool) throws(CgroupError) -> BusMessage {
        if let index = signals.firstIndex(where: isWanted) { return signals.remove(at: index) }
        return try next { $0.kind == .signal && isWanted($0) }
    }

    /// Reads until the message comes that `isWanted`.
    private func next(_ isWanted: (BusMessage) -> Bool) throws(CgroupError) -> BusMessage {
        while true {
            var bytes = try read(BusMessage.prefixLength)
            guard let length = BusMessage.length(prefix: bytes) else { throw broken("what it sends is no message") }
            bytes += try read(length - bytes.count)
            guard let message = BusMessage(bytes) else { throw broken("it sends a message that can't be read") }
            if isWanted(message) { return message }
            guard message.kind == .signal else { continue }
            if signals.count == Self.maximumSignals { signals.removeFirst() }
            signals.append(message)
        }
    }

    private func send(_ bytes: [UInt8]) throws(CgroupError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { buffer.deallocate() }
        buffer.copyBytes(from: bytes)
        var sent = 0
        while sent < bytes.count {
            try wait(writing: true)
            sent += try cgroupStep { () throws(Errno) in
                try StreamSocket.send(socket.rawValue, UnsafeRawBufferPointer(rebasing: buffer[sent...]))
            }
        }
    }

    private func read(_ count: Int) throws(CgroupError) -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
        defer { buffer.deallocate() }
        var filled = 0
        while filled < count {
            try wait(writing: false)
            let got = try cgroupStep { () throws(Errno) in
                try socket.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
            }
            guard got > 0 else { throw broken("it ended the connection") }
            filled += got
        }
        return Array(buffer)
    }

    private func wait(writing: Bool) throws(CgroupError) {
        let ready = try cgroupStep { () throws(Errno) in
            try StreamSocket.wait(socket.rawValue, reading: !writing, writing: writing, milliseconds: milliseconds)
        }
        guard ready.readable || ready.writable else { throw broken("no answer within \(milliseconds / 1000) seconds") }
    }

    private func broken(_ what: String) -> CgroupError { CgroupError("D-Bus at \(path): \(what)") }
}
