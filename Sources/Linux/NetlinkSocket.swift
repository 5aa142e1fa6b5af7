// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// A netlink socket, for one thread at a time. It stays in the network namespace it was made in, whoever uses it.
package struct NetlinkSocket: ~Copyable, Sendable {
    private let descriptor: FileDescriptor

    /// A reply is at most this long; the kernel's dumps come in pages of 8 to 32 KiB.
    private static let bufferBytes = 64 * 1024
    /// Messages of one dump, and so interfaces, addresses or routes that are looked at.
    private static let maximumReplies = 262_144

    /// A socket for interfaces, addresses and routes, in the calling thread's network namespace.
    package static func route() throws(Errno) -> NetlinkSocket { try NetlinkSocket(Netlink.routeProtocol) }

    /// A socket for netfilter.
    package static func netfilter() throws(Errno) -> NetlinkSocket { try NetlinkSocket(Netlink.netfilterProtocol) }

    private init(_ family: Int32) throws(Errno) {
        let number = wharf_socket(AF_NETLINK, Int32(SOCK_RAW.rawValue), family)
        guard number >= 0 else { throw .last("socket", "netlink") }
        descriptor = FileDescriptor(owning: number)
        // Errors come with the kernel's words, and without a copy of the request. Old kernels may refuse; no matter.
        _ = wharf_netlink_option(number, 11)
        _ = wharf_netlink_option(number, 10)
    }

    /// Sends the messages in one system call and waits for every one's acknowledgement.
    ///
    /// The kernel carries out each on its own; the first that fails is thrown, after all are answered.
    package func perform(_ messages: [NetlinkMessage]) throws(Errno) {
        if let failure = try failures(of: messages).compactMap({ $0 }).first { throw failure }
    }

    /// As `perform`, but says for each message whether it failed.
    package func failures(of messages: [NetlinkMessage]) throws(Errno) -> [Errno?] {
        // An empty datagram is an error of its own (ENODATA).
        guard !messages.isEmpty else { return [] }
        var datagram: [UInt8] = []
        for (index, message) in messages.enumerated() {
            datagram.append(contentsOf: message.finished(sequence: UInt32(index + 1)))
        }
        try send(datagram)
        var results = [Errno?](repeating: nil, count: messages.count)
        var open = messages.count
        while open > 0 {
            for reply in try NetlinkReply.parse(try receive()) {
                let index = Int(reply.sequence) - 1
                guard reply.type == Netlink.error, messages.indices.contains(index) else { continue }
                results[index] = try failure(reply, of: messages[index])
                open -= 1
            }
        }
        return results
    }

    /// Sends three messages in one system call, and waits for the acknowledgement of the one in the middle.
    package func perform(
        _ message: NetlinkMessage, between begin: NetlinkMessage, and end: NetlinkMessage
    ) throws(Errno) {
        try send(begin.finished(sequence: 0) + message.finished(sequence: 1) + end.finished(sequence: 2))
        while true {
            for reply in try NetlinkReply.parse(try receive()) where reply.type == Netlink.error {
                guard reply.sequence == 1 else { continue }
                if let failure = try failure(reply, of: message) { throw failure }
                return
            }
        }
    }

    /// Sends one request and returns what comes back: the whole list if it asks for a dump, else the one answer.
    package func ask(_ message: NetlinkMessage, dump: Bool) throws(Errno) -> [NetlinkReply] {
        try send(message.finished(sequence: 1))
        var replies: [NetlinkReply] = []
        while true {
            for reply in try NetlinkReply.parse(try receive()) where reply.sequence == 1 {
                if reply.type == Netlink.done { return replies }
                if reply.type == Netlink.error {
                    if let failure = try failure(reply, of: message) { throw failure }
                    return replies
                }
                guard replies.count < Self.maximumReplies else { throw Errno(.overflow, message.call, message.object) }
                replies.append(reply)
                if !dump { return replies }
            }
        }
    }

    /// Reads an NLMSG_ERROR: number 0 is an acknowledgement; the kernel's words are its attribute 1.
    private func failure(_ reply: NetlinkReply, of message: NetlinkMessage) throws(Errno) -> Errno? {
        guard reply.payload.count >= 4 else { throw .malformed }
        let number = Int32(bitPattern: reply.payload.uint32(at: 0))
        guard number != 0 else { return nil }
        var object = message.object
        let capped = reply.flags & 0x100 != 0, hasWords = reply.flags & 0x200 != 0
        if capped, hasWords, reply.payload.count > 20,
            let words = try? NetlinkAttributes(reply.payload[20...]).string(1)
        {
            object += object.isEmpty ? words : " (\(words))"
        }
        return Errno(Errno.Code(rawValue: -number), message.call, object)
    }

    private func send(_ datagram: [UInt8]) throws(Errno) {
        // struct sockaddr_nl: family, padding, port 0 (the kernel), no groups.
        var address: [UInt8] = withUnsafeBytes(of: UInt16(AF_NETLINK)) { Array($0) }
        address.append(contentsOf: [UInt8](repeating: 0, count: 10))
        let sent = address.withUnsafeBytes { address in
            datagram.withUnsafeBytes { bytes in
                sendto(
                    descriptor.rawValue, bytes.baseAddress, bytes.count, 0,
                    address.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(address.count))
            }
        }
        guard sent == datagram.count else { throw .last("sendto", "netlink") }
    }

    private func receive() throws(Errno) -> [UInt8] {
        var failure: Errno?
        let datagram = [UInt8](unsafeUninitializedCapacity: Self.bufferBytes) { buffer, count in
            while true {
                // With MSG_TRUNC the result is the datagram's true length.
                let received = recv(descriptor.rawValue, buffer.baseAddress, buffer.count, Int32(MSG_TRUNC))
                if received < 0, wharf_errno() == EINTR { continue }
                if received < 0 { failure = .last("recv", "netlink") }
                if received > buffer.count { failure = .malformed }
                count = failure == nil ? received : 0
                return
            }
        }
        if let failure { throw failure }
        return datagram
    }
}
