// SPDX-License-Identifier: Apache-2.0

internal import CommandLine
internal import JSON

/// Text and times as Go's packages write and read them.
enum GoText {
    static func quoted(_ text: String) -> String { GoSyntax.quoted(text) }

    /// A time given by a user, as the engine is asked: `5m` before now, a date, or Unix seconds. Text that is none of
    /// these goes to the engine as it is.
    static func timestamp(_ text: String?, now: Timestamp) throws -> String? {
        guard let text, !text.isEmpty else { return nil }
        if let duration = try? GoSyntax.duration(text) {
            return String(Timestamp(nanoseconds: now.nanoseconds - duration).seconds)
        }
        if text.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }) { return text }
        guard let time = date(text) else {
            if let range = outOfRange(text) { throw Failure("parsing time \"\(text)\": \(range) out of range") }
            throw Failure("failed to parse value as time or duration: \"\(text)\"")
        }
        return "\(time.seconds)." + Human.padded(Int(time.nanoseconds - time.seconds * 1_000_000_000), 9)
    }

    /// What of a date is no such month or day.
    private static func outOfRange(_ text: String) -> String? {
        let parts = text.prefix { $0 != "T" }.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count == 4, parts[1].count == 2, parts[2].count == 2,
            let month = Int(parts[1]), Int(parts[0]) != nil, Int(parts[2]) != nil
        else { return nil }
        return (1...12).contains(month) ? "day" : "month"
    }

    /// RFC 3339, or a beginning of it: `2026-01-02`, `2026-01-02T15:04`; without a zone it is local time.
    private static func date(_ text: String) -> Timestamp? {
        if let time = Timestamp(rfc3339: text) { return time }
        let zoneStart = text.lastIndex { $0 == "Z" || $0 == "+" }
        var body = String(zoneStart.map { text[..<$0] } ?? text[...])
        let zone = zoneStart.map { String(text[$0...]) }
        switch body.filter({ $0 == ":" }).count {
        case 0 where !body.contains("T"): body += "T00:00:00"
        case 0: body += ":00:00"
        case 1: body += ":00"
        default: break
        }
        if let zone { return Timestamp(rfc3339: body + zone) }
        guard let asUTC = Timestamp(rfc3339: body + "Z") else { return nil }
        return LocalZone.utc(fromLocal: asUTC)
    }
}
