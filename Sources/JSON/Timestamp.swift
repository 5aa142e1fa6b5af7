// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// A moment, to the nanosecond, as Docker's API writes it: RFC 3339 in UTC with as many fractional digits as needed.
package struct Timestamp: Sendable, Hashable, Comparable {
    /// Since 1970, without leap seconds. Reaches from 1678 to 2262.
    package var nanoseconds: Int64

    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    package init(seconds: Int64, nanoseconds: Int64 = 0) {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let limit = seconds < 0 ? Int64.min : Int64.max
        self.nanoseconds = overflow ? limit : product.addingReportingOverflow(nanoseconds).partialValue
    }

    /// Go's zero time, `0001-01-01T00:00:00Z`: Docker's "never". It is before every other moment.
    package static let zero = Timestamp(nanoseconds: .min)

    /// The wall clock.
    package static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: Int64(time.tv_nsec))
    }

    /// Whole seconds since 1970, rounded down.
    package var seconds: Int64 {
        nanoseconds >= 0 || nanoseconds % 1_000_000_000 == 0
            ? nanoseconds / 1_000_000_000 : nanoseconds / 1_000_000_000 - 1
    }

    package static func < (a: Timestamp, b: Timestamp) -> Bool { a.nanoseconds < b.nanoseconds }
}

extension Timestamp: Codable {
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let value = Timestamp(rfc3339: text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "expected an RFC 3339 time, found \"\(text)\""))
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rfc3339)
    }
}
