// SPDX-License-Identifier: Apache-2.0

internal import Linux

/// The records of a pax extended header: `length key=value\n`, one after the other.
struct PaxRecords {
    var path: [UInt8]?
    var linkPath: [UInt8]?
    var size: Int64?
    var uid: Int64?
    var gid: Int64?
    var modified: FileTime?
    var accessed: FileTime?
    var userName: [UInt8]?
    var groupName: [UInt8]?
    var attributes: [TarEntry.ExtendedAttribute] = []
    var sparse = PaxSparse()

    private static let attributePrefix = Array("SCHILY.xattr.".utf8)

    /// Adds the records in `data` to these; later ones win.
    mutating func add(_ data: [UInt8], limits: ArchiveLimits) throws(ArchiveError) {
        var rest = data[...]
        while !rest.isEmpty {
            // Some writers pad the last record's block.
            if rest.allSatisfy({ $0 == 0 }) { return }
            guard let space = rest.firstIndex(of: 0x20), let length = PaxRecords.number(rest[..<space]),
                length > space - rest.startIndex + 1, length <= rest.count
            else { throw PaxRecords.invalid }
            let record = rest[(space + 1)..<(rest.startIndex + Int(length))]
            guard record.last == 0x0a, let equals = record.firstIndex(of: UInt8(ascii: "=")) else {
                throw PaxRecords.invalid
            }
            try set(Array(record[..<equals]), Array(record[(equals + 1)...].dropLast()), limits)
            rest = rest.dropFirst(Int(length))
        }
    }

    private static let invalid = ArchiveError(.corrupt, "invalid pax header")

    private mutating func set(_ key: [UInt8], _ value: [UInt8], _ limits: ArchiveLimits) throws(ArchiveError) {
        if key.starts(with: PaxRecords.attributePrefix) {
            let name = RawPath(key.dropFirst(PaxRecords.attributePrefix.count))
            guard name.count > 0, name.count <= 255, value.count <= 65536 else { throw PaxRecords.invalid }
            attributes.removeAll { $0.name == name }
            guard attributes.count < limits.attributes else {
                throw ArchiveError(.limit, "an entry has more than \(limits.attributes) extended attributes")
            }
            attributes.append(.init(name: name, value: value))
            return
        }
        switch String(decoding: key, as: UTF8.self) {
        case "path": path = try PaxRecords.pathValue(value)
        case "linkpath": linkPath = try PaxRecords.pathValue(value)
        case "size": size = try PaxRecords.required(value)
        case "uid": uid = try PaxRecords.required(value)
        case "gid": gid = try PaxRecords.required(value)
        case "mtime": modified = try PaxRecords.time(value)
        case "atime": accessed = try PaxRecords.time(value)
        case "uname": userName = value
        case "gname": groupName = value
        case let name where name.hasPrefix("GNU.sparse."): try sparse.set(name, value, limits)
        default: break  // Comments, character sets, change times: nothing that decides what is unpacked.
        }
    }

    /// A value that is empty takes the record away; one with a NUL in it would be cut by the kernel.
    private static func pathValue(_ value: [UInt8]) throws(ArchiveError) -> [UInt8]? {
        guard !value.contains(0) else { throw invalid }
        return value.isEmpty ? nil : value
    }

    private static func required(_ value: [UInt8]) throws(ArchiveError) -> Int64? {
        if value.isEmpty { return nil }
        guard let number = number(value[...]) else { throw invalid }
        return number
    }

    /// A decimal number that is not negative.
    static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        guard !digits.isEmpty, digits.count <= 18 else { return nil }
        var value: Int64 = 0
        for digit in digits {
            guard (0x30...0x39).contains(digit) else { return nil }
            value = value * 10 + Int64(digit - 0x30)
        }
        return value
    }

    /// `1700000000.123456789`; negative ones are before 1970, and digits beyond the ninth are dropped.
    private static func time(_ value: [UInt8]) throws(ArchiveError) -> FileTime? {
        if value.isEmpty { return nil }
        let isNegative = value.first == UInt8(ascii: "-")
        let parts = value[(isNegative ? 1 : 0)...].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard let whole = parts.first, parts.count <= 2, let seconds = number(whole) else { throw invalid }
        var nanoseconds: Int64 = 0
        if parts.count == 2, !parts[1].isEmpty {
            let digits = (Array(parts[1]) + [UInt8](repeating: 0x30, count: 9)).prefix(9)
            guard let fraction = number(digits) else { throw invalid }
            nanoseconds = fraction
        }
        if !isNegative { return FileTime(seconds: seconds, nanoseconds: nanoseconds) }
        return nanoseconds == 0
            ? FileTime(seconds: -seconds) : FileTime(seconds: -seconds - 1, nanoseconds: 1_000_000_000 - nanoseconds)
    }
}
