// SPDX-License-Identifier: Apache-2.0

/// One netlink request, built up front to back: header, the family's fixed part, attributes (netlink(7)).
package struct NetlinkMessage: Sendable, Equatable {
    /// The message so far; its length is patched in by `finished`.
    package private(set) var bytes: [UInt8] = []
    /// What the request is about, for errors: `RTM_NEWLINK`, `docker0`.
    package let call: String
    package let object: String

    package init(_ type: UInt16, flags: UInt16, call: String, object: String = "") {
        self.call = call
        self.object = object
        bytes.reserveCapacity(256)
        append(UInt32(0))
        append(type)
        append(flags | Netlink.request)
        append(UInt32(0))
        append(UInt32(0))
    }

    package mutating func append(_ value: UInt8) { bytes.append(value) }
    package mutating func append(_ value: UInt16) { withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) } }
    package mutating func append(_ value: UInt32) { withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) } }
    package mutating func append(_ value: Int32) { append(UInt32(bitPattern: value)) }
    package mutating func append(_ raw: [UInt8]) { bytes.append(contentsOf: raw) }

    /// Appends an attribute with its padding.
    package mutating func attribute(_ type: UInt16, _ payload: [UInt8]) {
        append(UInt16(Netlink.attributeHeader + payload.count))
        append(type)
        append(payload)
        pad()
    }

    package mutating func attribute(_ type: UInt16, _ value: UInt32) {
        attribute(type, withUnsafeBytes(of: value) { Array($0) })
    }

    package mutating func attribute(_ type: UInt16, byte: UInt8) { attribute(type, [byte]) }

    /// A string with its terminating zero.
    package mutating func attribute(_ type: UInt16, string: String) { attribute(type, Array(string.utf8) + [0]) }

    /// Appends an attribute whose payload is what `body` appends.
    package mutating func nested(_ type: UInt16, _ body: (inout NetlinkMessage) -> Void) {
        let start = bytes.count
        append(UInt16(0))
        append(type)
        body(&self)
        let length = UInt16(bytes.count - start)
        withUnsafeBytes(of: length) { bytes.replaceSubrange(start..<start + 2, with: $0) }
        pad()
    }

    private mutating func pad() {
        while bytes.count % 4 != 0 { bytes.append(0) }
    }

    /// The message as sent: with its length and this sequence number.
    package func finished(sequence: UInt32) -> [UInt8] {
        var copy = bytes
        withUnsafeBytes(of: UInt32(bytes.count)) { copy.replaceSubrange(0..<4, with: $0) }
        withUnsafeBytes(of: sequence) { copy.replaceSubrange(8..<12, with: $0) }
        return copy
    }
}

/// Numbers of linux/netlink.h.
package enum Netlink {
    package static let request: UInt16 = 1
    package static let acknowledge: UInt16 = 4
    package static let dump: UInt16 = 0x300
    package static let replace: UInt16 = 0x100
    package static let exclusive: UInt16 = 0x200
    package static let create: UInt16 = 0x400

    package static let error: UInt16 = 2
    package static let done: UInt16 = 3

    static let header = 16
    static let attributeHeader = 4
    static let routeProtocol: Int32 = 0
    static let netfilterProtocol: Int32 = 12
}

/// One message of what the kernel sent: its type and everything after the header.
package struct NetlinkReply: Sendable, Equatable {
    package var type: UInt16
    package var flags: UInt16
    package var sequence: UInt32
    package var payload: [UInt8]

    /// Splits a datagram into its messages. Throws EBADMSG where a length points outside of it.
    package static func parse(_ datagram: [UInt8]) throws(Errno) -> [NetlinkReply] {
        var replies: [NetlinkReply] = []
        var offset = 0
        while datagram.count - offset >= Netlink.header {
            let length = Int(datagram.uint32(at: offset))
            guard length >= Netlink.header, length <= datagram.count - offset else { throw .malformed }
            replies.append(
                NetlinkReply(
                    type: datagram.uint16(at: offset + 4), flags: datagram.uint16(at: offset + 6),
                    sequence: datagram.uint32(at: offset + 8),
                    payload: Array(datagram[offset + Netlink.header..<offset + length])))
            offset += min((length + 3) & ~3, datagram.count - offset)
        }
        guard offset == datagram.count else { throw .malformed }
        return replies
    }
}

/// The attributes at the end of a message, by type; of several with one type the last counts.
package struct NetlinkAttributes: Sendable, Equatable {
    private var values: [UInt16: [UInt8]] = [:]

    /// Parses what follows the family's fixed part. Throws EBADMSG where a length points outside of it.
    package init(_ bytes: some Collection<UInt8>) throws(Errno) {
        let bytes = Array(bytes)
        var offset = 0
        while bytes.count - offset >= Netlink.attributeHeader {
            let length = Int(bytes.uint16(at: offset))
            guard length >= Netlink.attributeHeader, length <= bytes.count - offset else { throw .malformed }
            // The two high bits say "nested" and "network byte order".
            values[bytes.uint16(at: offset + 2) & 0x3fff] = Array(bytes[offset + 4..<offset + length])
            offset += min((length + 3) & ~3, bytes.count - offset)
        }
        guard offset == bytes.count else { throw .malformed }
    }

    package func bytes(_ type: UInt16) -> [UInt8]? { values[type] }

    package func uint32(_ type: UInt16) -> UInt32? {
        guard let value = values[type], value.count == 4 else { return nil }
        return value.uint32(at: 0)
    }

    package func string(_ type: UInt16) -> String? {
        values[type].map { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    package func nested(_ type: UInt16) throws(Errno) -> NetlinkAttributes? {
        guard let value = values[type] else { return nil }
        return try NetlinkAttributes(value)
    }
}

extension Errno {
    /// What a kernel that keeps its word never sends.
    static let malformed = Errno(Code(rawValue: 74), "netlink", "malformed message")
}

extension [UInt8] {
    /// The number in host byte order at `offset`, which the caller has checked.
    func uint16(at offset: Int) -> UInt16 {
        withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt16.self) }
    }

    func uint32(at offset: Int) -> UInt32 {
        withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt32.self) }
    }
}
