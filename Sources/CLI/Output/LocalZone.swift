// SPDX-License-Identifier: Apache-2.0

internal import JSON
internal import Linux

enum LocalZone {
    /// The instant at which local clocks show what `time` shows in UTC.
    static func utc(fromLocal time: Timestamp) -> Timestamp {
        let guess = time.seconds - Int64(LocalTime.fields(at: time.seconds).offset)
        let offset = Int64(LocalTime.fields(at: guess).offset)
        return Timestamp(nanoseconds: time.nanoseconds - offset * 1_000_000_000)
    }
}
