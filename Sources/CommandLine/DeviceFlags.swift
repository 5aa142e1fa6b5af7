// SPDX-License-Identifier: Apache-2.0

/// A share or a limit of one block device's I/O: `/dev/sda:500`, `/dev/sda:1mb`.
package struct DeviceLimitFlag: Sendable, Equatable {
    package enum Kind: Sendable { case weight, bytesPerSecond, operationsPerSecond }

    package let path: String
    package let amount: UInt64

    package init(_ text: String, _ kind: Kind) throws(GoSyntax.Problem) {
        guard let colon = text.firstIndex(of: ":"), colon != text.startIndex else {
            throw GoSyntax.Problem("bad format: \(text)")
        }
        path = String(text[..<colon])
        guard path.hasPrefix("/dev/") else { throw GoSyntax.Problem("bad format for device path: \(text)") }
        let value = String(text[text.index(after: colon)...])
        switch kind {
        case .weight:
            guard let weight = Self.digits(value), weight == 0 || (10...1000).contains(weight) else {
                throw GoSyntax.Problem("invalid weight for device: \(text)")
            }
            amount = weight
        case .bytesPerSecond:
            guard let rate = try? Units.bytes(value), rate >= 0 else {
                throw GoSyntax.Problem(
                    "invalid rate for device: \(text). The correct format is <device-path>:<number>[<unit>]. "
                        + "Number must be a positive integer. Unit is optional and can be kb, mb, or gb")
            }
            amount = UInt64(rate)
        case .operationsPerSecond:
            guard let rate = Self.digits(value) else {
                throw GoSyntax.Problem(
                    "invalid rate for device: \(text). The correct format is <device-path>:<number>. "
                        + "Number must be a positive integer")
            }
            amount = rate
        }
    }

    private static func digits(_ text: String) -> UInt64? {
        text.utf8.allSatisfy { (48...57).contains($0) } ? UInt64(text) : nil
    }
}

/// The value of `--gpus`: `all`, `2`, `device=0,driver=nvidia,…`.
package struct GPUFlag: Sendable, Equatable {
    package private(set) var driver = ""
    package private(set) var count = 0
    package private(set) var devices: [String]?
    package private(set) var capabilities = [["gpu"]]
    package private(set) var options: [String] = []

    package init(_ text: String) throws(GoSyntax.Problem) {
        var seen: Set<String> = []
        if text.isEmpty { throw GoSyntax.Problem("EOF") }
        for field in CommaFields.split(text) {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let key = parts[0]
            guard seen.insert(key).inserted else {
                throw GoSyntax.Problem("gpu request key '\(key)' can be specified only once")
            }
            guard parts.count == 2 else {
                seen.insert("count")
                count = try Self.count(key)
                continue
            }
            let value = parts[1]
            let list = value.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            switch key {
            case "driver": driver = value
            case "count": count = try Self.count(value)
            case "device": devices = list
            case "capabilities": capabilities = [list + ["gpu"]]
            case "options": options = CommaFields.split(value)
            default: throw GoSyntax.Problem("unexpected key '\(key)' in '\(field)'")
            }
        }
        if !seen.contains("count"), devices == nil { count = 1 }
    }

    private static func count(_ text: String) throws(GoSyntax.Problem) -> Int {
        if text == "all" { return -1 }
        guard let number = Int(text) else {
            throw GoSyntax.Problem(
                "invalid count (\(text)): value must be either \"all\" or an integer: invalid syntax")
        }
        return number
    }
}

/// One line of comma-separated values.
enum CommaFields {
    /// At commas that are not inside double quotes, which are taken away.
    static func split(_ text: String) -> [String] {
        var fields = [""]
        var isQuoted = false
        for character in text {
            switch character {
            case "\"": isQuoted.toggle()
            case "," where !isQuoted: fields.append("")
            default: fields[fields.count - 1].append(character)
            }
        }
        return fields
    }
}
