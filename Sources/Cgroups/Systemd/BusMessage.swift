// SPDX-License-Identifier: Apache-2.0

/// One D-Bus message: a head and the values it carries (D-Bus specification, "Message protocol").
struct BusMessage: Equatable {
    enum Kind: UInt8 { case call = 1, answer, error, signal }

    var kind: Kind
    var serial: UInt32 = 0
    var answers: UInt32?
    var path: String?
    var interface: String?
    var member: String?
    var destination: String?
    var error: String?
    var body: [BusValue] = []

    /// What a message may be long at most; the specification allows 128 MiB.
    static let maximumLength = 1 << 20
    /// Of the part that says how long all of it is.
    static let prefixLength = 16

    func encoded() -> [UInt8] {
        var content = BusWriter()
        for value in body { content.append(value) }
        let fields: [(UInt8, BusValue?)] = [
            (1, path.map { .objectPath($0) }), (2, interface.map { .string($0) }), (3, member.map { .string($0) }),
            (4, error.map { .string($0) }), (5, answers.map { .uint32($0) }), (6, destination.map { .string($0) }),
            (8, body.isEmpty ? nil : .signature(body.map(\.signature).joined())),
        ]
        var head = BusWriter()
        for byte in [UInt8(ascii: "l"), kind.rawValue, 0, 1] { head.append(.byte(byte)) }
        head.append(.uint32(UInt32(truncatingIfNeeded: content.bytes.count)))
        head.append(.uint32(serial))
        head.append(
            .array(
                of: "(yv)",
                fields.compactMap { code, value in value.map { .structure([.byte(code), .variant($0)]) } }))
        head.align(8)
        return head.bytes + content.bytes
    }

    /// How long the message is that begins with these `prefixLength` bytes; nil: it is none, or too long.
    static func length(prefix: [UInt8]) -> Int? {
        guard prefix.count == prefixLength, prefix[0] == UInt8(ascii: "l"), prefix[3] == 1 else { return nil }
        func number(_ place: Int) -> Int { prefix[place..<(place + 4)].reversed().reduce(0) { $0 << 8 | Int($1) } }
        let length = prefixLength + (number(12) + 7) / 8 * 8 + number(4)
        return length <= maximumLength ? length : nil
    }

    /// nil: it is no message.
    init?(_ bytes: [UInt8]) {
        var reader = BusReader(bytes[...])
        guard bytes.count >= Self.prefixLength, Self.length(prefix: Array(bytes[..<Self.prefixLength])) == bytes.count,
            let head = reader.values("yyyyuua(yv)"), reader.align(8), let kind = Kind(rawValue: bytes[1]),
            let serial = head[5].number, case .array(_, let fields) = head[6]
        else { return nil }
        self.kind = kind
        self.serial = serial
        var signature = ""
        for field in fields {
            guard case .structure(let pair) = field, pair.count == 2, case .byte(let code) = pair[0] else { return nil }
            switch code {
            case 1: path = pair[1].text
            case 2: interface = pair[1].text
            case 3: member = pair[1].text
            case 4: error = pair[1].text
            case 5: answers = pair[1].number
            case 6: destination = pair[1].text
            case 8: signature = pair[1].text ?? ""
            default: break
            }
        }
        // The body begins at a multiple of eight bytes, so that its alignment may count from the head's first.
        guard let body = reader.values(signature) else { return nil }
        self.body = body
    }

    init(call member: String, of interface: String, at path: String, destination: String, _ body: [BusValue] = []) {
        kind = .call
        self.path = path
        self.interface = interface
        self.member = member
        self.destination = destination
        self.body = body
    }
}
