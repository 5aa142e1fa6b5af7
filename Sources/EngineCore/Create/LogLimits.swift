// SPDX-License-Identifier: Apache-2.0

package import EngineAPI

/// `max-size` and `max-file` of the local log: a container's, or what the daemon gives to those that say nothing.
package struct LogLimits: Equatable, Sendable {
    /// Bytes; nil: it never rotates.
    package var maximumSize: Int64? = 20_000_000
    /// The one that is written included.
    package var maximumFiles = 5

    /// Whoever reads a log opens all of its files.
    static let mostFiles = 1000

    package init() {}

    /// Reads `options`; what they do not say is as `defaults` has it. Throws `.invalidParameter` with Docker's text.
    package init(options: [String: String], defaults: LogLimits = LogLimits()) throws(EngineError) {
        self = defaults
        for (name, value) in options.sorted(by: { $0.key < $1.key }) {
            switch name {
            case "max-size":
                guard let bytes = Self.bytes(value) else {
                    throw EngineError(.invalidParameter, "invalid value for 'max-size': invalid size: '\(value)'")
                }
                maximumSize = bytes < 0 ? nil : bytes
            case "max-file":
                guard let count = Int(value), (1...Self.mostFiles).contains(count) else {
                    throw EngineError(
                        .invalidParameter,
                        "invalid value for 'max-file': \(value): a number from 1 to \(Self.mostFiles)")
                }
                maximumFiles = count
            default:
                throw EngineError(.invalidParameter, "unknown log opt '\(name)' for json-file log driver")
            }
        }
    }

    /// Docker's sizes of logs count in thousands, unlike those of memory.
    private static func bytes(_ text: String) -> Int64? {
        if text == "-1" { return -1 }
        var digits = Substring(text.lowercased())
        if digits.hasSuffix("b") { digits.removeLast() }
        var factor: Int64 = 1
        if let unit = digits.last, let power = ["k": 1, "m": 2, "g": 3, "t": 4][unit] {
            for _ in 0..<power { factor *= 1000 }
            digits.removeLast()
        }
        guard let number = Int64(digits), number > 0 else { return nil }
        let (product, isTooMuch) = number.multipliedReportingOverflow(by: factor)
        return isTooMuch ? nil : product
    }
}
