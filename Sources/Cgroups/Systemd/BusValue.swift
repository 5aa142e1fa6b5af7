// SPDX-License-Identifier: Apache-2.0

/// A value of the D-Bus wire format: those types that systemd's manager takes and answers.
indirect enum BusValue: Equatable, Sendable {
    case byte(UInt8)
    case boolean(Bool)
    case uint32(UInt32)
    case uint64(UInt64)
    case string(String)
    case objectPath(String)
    case signature(String)
    /// `of`: the signature of an element, which an empty array has, too.
    case array(of: String, [BusValue])
    case structure([BusValue])
    case variant(BusValue)

    /// D-Bus specification, "Type system": `a(sv)`.
    var signature: String {
        switch self {
        case .byte: "y"
        case .boolean: "b"
        case .uint32: "u"
        case .uint64: "t"
        case .string: "s"
        case .objectPath: "o"
        case .signature: "g"
        case .array(let element, _): "a" + element
        case .structure(let members): "(" + members.map(\.signature).joined() + ")"
        case .variant: "v"
        }
    }

    /// To which multiple of bytes a value of this type is aligned.
    static func alignment(_ type: UInt8) -> Int {
        switch type {
        case UInt8(ascii: "y"), UInt8(ascii: "g"), UInt8(ascii: "v"): 1
        case UInt8(ascii: "n"), UInt8(ascii: "q"): 2
        case UInt8(ascii: "t"), UInt8(ascii: "x"), UInt8(ascii: "d"), UInt8(ascii: "("), UInt8(ascii: "{"): 8
        default: 4
        }
    }

    /// Text that is to be a string, object path or signature.
    var text: String? {
        switch self {
        case .string(let text), .objectPath(let text), .signature(let text): text
        case .variant(let value): value.text
        default: nil
        }
    }

    var number: UInt32? {
        switch self {
        case .uint32(let number): number
        case .variant(let value): value.number
        default: nil
        }
    }
}

/// Appends values, little-endian.
struct BusWriter {
    private(set) var bytes: [UInt8] = []

    mutating func align(_ alignment: Int) {
        while bytes.count % alignment != 0 { bytes.append(0) }
    }

    mutating func append(_ value: BusValue) {
        align(value.signature.utf8.first.map(BusValue.alignment) ?? 1)
        switch value {
        case .byte(let byte): bytes.append(byte)
        case .boolean(let isTrue): append(UInt32(isTrue ? 1 : 0))
        case .uint32(let number): append(number)
        case .uint64(let number): append(number)
        case .string(let text), .objectPath(let text):
            append(UInt32(truncatingIfNeeded: text.utf8.count))
            bytes += Array(text.utf8) + [0]
        case .signature(let text): append(signature: text)
        case .array(let element, let values):
            let place = bytes.count
            append(UInt32(0))
            // The padding before the first element is not counted, and is there without one, too.
            align(element.utf8.first.map(BusValue.alignment) ?? 1)
            let start = bytes.count
            for value in values { append(value) }
            replace(at: place, UInt32(truncatingIfNeeded: bytes.count - start))
        case .structure(let members): for member in members { append(member) }
        case .variant(let value):
            append(signature: value.signature)
            append(value)
        }
    }

    private mutating func append(signature text: String) {
        bytes.append(UInt8(truncatingIfNeeded: text.utf8.count))
        bytes += Array(text.utf8) + [0]
    }

    private mutating func append(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.littleEndian) { bytes += Array($0) }
    }

    mutating func replace(at place: Int, _ number: UInt32) {
        withUnsafeBytes(of: number.littleEndian) { bytes.replaceSubrange(place..<(place + 4), with: $0) }
    }
}

/// Reads values of a signature; nil where the bytes are not such values.
struct BusReader {
    private let bytes: ArraySlice<UInt8>
    private var place: Int
    /// Types that are read over have no value of their own here, and containers may not nest deeper than D-Bus allows.
    private static let maximumDepth = 64

    /// Alignment counts from the slice's first byte.
    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        place = bytes.startIndex
    }

    /// All values of a signature, until it ends.
    mutating func values(_ signature: String) -> [BusValue]? {
        var types = Array(signature.utf8)[...]
        var values: [BusValue] = []
        while !types.isEmpty {
            guard let value = value(&types, depth: 0) else { return nil }
            values.append(value)
        }
        return values
    }

    mutating func align(_ alignment: Int) -> Bool {
        while (place - bytes.startIndex) % alignment != 0 {
            guard place < bytes.endIndex else { return false }
            place += 1
        }
        return true
    }

    private mutating func value(_ types: inout ArraySlice<UInt8>, depth: Int) -> BusValue? {
        guard depth < Self.maximumDepth, let type = types.popFirst(), align(BusValue.alignment(type)) else {
            return nil
        }
        switch type {
        case UInt8(ascii: "y"): return number(UInt8.self).map { .byte($0) }
        case UInt8(ascii: "b"): return number(UInt32.self).map { .boolean($0 != 0) }
        case UInt8(ascii: "n"), UInt8(ascii: "q"): return number(UInt16.self).map { .uint32(UInt32($0)) }
        case UInt8(ascii: "u"), UInt8(ascii: "i"), UInt8(ascii: "h"): return number(UInt32.self).map { .uint32($0) }
        case UInt8(ascii: "t"), UInt8(ascii: "x"), UInt8(ascii: "d"): return number(UInt64.self).map { .uint64($0) }
        case UInt8(ascii: "s"): return number(UInt32.self).flatMap { text(Int($0)) }.map { .string($0) }
        case UInt8(ascii: "o"): return number(UInt32.self).flatMap { text(Int($0)) }.map { .objectPath($0) }
        case UInt8(ascii: "g"): return number(UInt8.self).flatMap { text(Int($0)) }.map { .signature($0) }
        case UInt8(ascii: "v"):
            guard let signature = number(UInt8.self).flatMap({ text(Int($0)) }) else { return nil }
            var inner = Array(signature.utf8)[...]
            return value(&inner, depth: depth + 1).map { .variant($0) }
        case UInt8(ascii: "a"): return array(&types, depth: depth + 1)
        case UInt8(ascii: "("), UInt8(ascii: "{"):
            var members: [BusValue] = []
            while let next = types.first, next != UInt8(ascii: ")"), next != UInt8(ascii: "}") {
                guard let member = value(&types, depth: depth + 1) else { return nil }
                members.append(member)
            }
            return types.popFirst() == nil ? nil : .structure(members)
        default: return nil
        }
    }

    private mutating func array(_ types: inout ArraySlice<UInt8>, depth: Int) -> BusValue? {
        guard let length = number(UInt32.self), let first = types.first, align(BusValue.alignment(first)),
            let element = Self.single(types), Int(length) <= bytes.endIndex - place
        else { return nil }
        types = types.dropFirst(element.count)
        let end = place + Int(length)
        var values: [BusValue] = []
        while place < end {
            var inner = element
            guard let value = value(&inner, depth: depth) else { return nil }
            values.append(value)
        }
        guard place == end else { return nil }
        return .array(of: String(decoding: element, as: UTF8.self), values)
    }

    /// The first whole type of a signature.
    private static func single(_ types: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        var depth = 0
        for (index, type) in zip(types.indices, types) {
            switch type {
            case UInt8(ascii: "a"): continue
            case UInt8(ascii: "("), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "}"): depth -= 1
            default: break
            }
            if depth <= 0 { return types[...index] }
        }
        return nil
    }

    private mutating func number<Number: FixedWidthInteger>(_: Number.Type) -> Number? {
        let size = MemoryLayout<Number>.size
        guard bytes.endIndex - place >= size else { return nil }
        var number: Number = 0
        for byte in bytes[place..<(place + size)].reversed() { number = (size == 1 ? 0 : number << 8) | Number(byte) }
        place += size
        return number
    }

    /// A string's bytes and the zero behind them.
    private mutating func text(_ length: Int) -> String? {
        guard bytes.endIndex - place > length, bytes[place + length] == 0 else { return nil }
        defer { place += length + 1 }
        return String(decoding: bytes[place..<(place + length)], as: UTF8.self)
    }
}
