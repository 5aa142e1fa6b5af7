// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import JSON
internal import Linux

/// Values as people are shown them.
enum Human {
    /// `3 minutes ago`.
    static func ago(_ time: Timestamp, now: Timestamp) -> String {
        HumanDuration.text(seconds: (now.nanoseconds - time.nanoseconds) / 1_000_000_000) + " ago"
    }

    /// `4.19MB`: powers of 1000, so many digits.
    static func size(_ bytes: Int64, digits: Int = 3) -> String {
        scaled(Double(bytes), 1000, ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"], digits: digits)
    }

    /// `23.54GiB`: powers of 1024.
    static func binarySize(_ bytes: Int64) -> String {
        scaled(Double(bytes), 1024, ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"], digits: 4)
    }

    private static func scaled(_ value: Double, _ base: Double, _ units: [String], digits: Int) -> String {
        var value = value
        var index = 0
        while value >= base, index < units.count - 1 {
            value /= base
            index += 1
        }
        return significant(value, digits) + units[index]
    }

    /// `%.3g` of a number that is not negative and less than ten thousand.
    static func significant(_ value: Double, _ digits: Int) -> String {
        guard value > 0 else { return "0" }
        var exponent = 0
        var probe = value
        while probe >= 10 {
            probe /= 10
            exponent += 1
        }
        while probe < 1 {
            probe *= 10
            exponent -= 1
        }
        var places = digits - 1 - exponent
        var rounded = (value * power(places)).rounded(.toNearestOrEven)
        if rounded >= power(digits) {
            exponent += 1
            places -= 1
            rounded = (value * power(places)).rounded(.toNearestOrEven)
        }
        if exponent >= digits { return "\(trim(rounded / power(digits - 1)))e+\(exponent < 10 ? "0" : "")\(exponent)" }
        return places <= 0 ? String(Int64(rounded * power(-places))) : fixed(rounded, places)
    }

    private static func power(_ exponent: Int) -> Double {
        var result = 1.0
        for _ in 0..<abs(exponent) { result *= 10 }
        return exponent < 0 ? 1 / result : result
    }

    private static func trim(_ value: Double) -> String {
        value == value.rounded() ? String(Int64(value)) : String(value)
    }

    private static func fixed(_ scaled: Double, _ places: Int) -> String {
        let digits = String(Int64(scaled))
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        var text = "\(padded.dropLast(places)).\(padded.suffix(places))"
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }

    /// Twelve digits of an ID, without `sha256:`.
    static func shortID(_ id: String) -> String {
        let digits = id.firstIndex(of: ":").map { id[id.index(after: $0)...] } ?? id[...]
        return String(digits.prefix(12))
    }

    /// At most so many characters, the last of them an ellipsis.
    static func ellipsis(_ text: String, _ width: Int) -> String {
        let scalars = Array(text.unicodeScalars)
        guard scalars.count > width else { return text }
        var result = ""
        result.unicodeScalars.append(contentsOf: scalars.prefix(width - 1))
        return result + "…"
    }

    /// `2026-11-21 00:00:24 +0000 UTC`, in local time.
    static func goTime(_ time: Timestamp) -> String {
        let fields = LocalTime.fields(at: time.seconds)
        let fraction = time.nanoseconds - time.seconds * 1_000_000_000
        var digits = fraction == 0 ? "" : "." + padded(Int(fraction), 9)
        while digits.hasSuffix("0") { digits.removeLast() }
        let date = "\(fields.year)-\(padded(fields.month, 2))-\(padded(fields.day, 2))"
        let clock = "\(padded(fields.hour, 2)):\(padded(fields.minute, 2)):\(padded(fields.second, 2))"
        return "\(date) \(clock)\(digits) \(offset(fields.offset, separator: "")) \(fields.zone)"
    }

    /// RFC 3339 in local time, with the nine digits of `fraction` or none.
    static func rfc3339(_ time: Timestamp, fraction: Bool) -> String {
        let fields = LocalTime.fields(at: time.seconds)
        let date = "\(fields.year)-\(padded(fields.month, 2))-\(padded(fields.day, 2))"
        let clock = "\(padded(fields.hour, 2)):\(padded(fields.minute, 2)):\(padded(fields.second, 2))"
        let digits = fraction ? "." + padded(Int(time.nanoseconds - time.seconds * 1_000_000_000), 9) : ""
        return "\(date)T\(clock)\(digits)" + (fields.offset == 0 ? "Z" : offset(fields.offset, separator: ":"))
    }

    /// `Sun Aug 23 00:28:30 2026`, as given: not in local time.
    static func cTime(_ text: String) -> String {
        guard let time = Timestamp(rfc3339: text) else { return text }
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let parts = text.split { "-T:.Z+".contains($0) }
        guard parts.count >= 6, let month = Int(parts[1]), let day = Int(parts[2]), months.indices.contains(month - 1)
        else { return text }
        let number = time.seconds / 86400
        let weekday = days[Int(((number + 4) % 7 + 7) % 7)]
        let spaced = day < 10 ? " \(day)" : "\(day)"
        return "\(weekday) \(months[month - 1]) \(spaced) \(parts[3]):\(parts[4]):\(parts[5]) \(parts[0])"
    }

    private static func offset(_ seconds: Int, separator: String) -> String {
        let minutes = abs(seconds) / 60
        return (seconds < 0 ? "-" : "+") + padded(minutes / 60, 2) + separator + padded(minutes % 60, 2)
    }

    static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
