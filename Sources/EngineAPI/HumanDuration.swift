// SPDX-License-Identifier: Apache-2.0

/// Stretches of time in people's words, as Docker's: what the engine says in a container's `Status`, and clients beside
/// it.
package enum HumanDuration {
    /// `Less than a second`, `3 minutes`, `About an hour`, `10 months`.
    package static func text(seconds: Int64) -> String {
        if seconds < 1 { return "Less than a second" }
        if seconds == 1 { return "1 second" }
        if seconds < 60 { return "\(seconds) seconds" }
        let minutes = seconds / 60
        if minutes == 1 { return "About a minute" }
        if minutes < 60 { return "\(minutes) minutes" }
        let hours = (seconds + 1800) / 3600
        switch hours {
        case 1: return "About an hour"
        case ..<48: return "\(hours) hours"
        case ..<(24 * 7 * 2): return "\(hours / 24) days"
        case ..<(24 * 30 * 2): return "\(hours / 24 / 7) weeks"
        case ..<(24 * 365 * 2): return "\(hours / 24 / 30) months"
        default: return "\(seconds / 3600 / 24 / 365) years"
        }
    }
}
