// SPDX-License-Identifier: Apache-2.0

/// Times as Go prints them, which is how Docker's messages have them: `1m30s`, `500ms`.
enum GoDuration {
    static func text(milliseconds: Int64) -> String {
        if milliseconds < 1000 { return milliseconds == 0 ? "0s" : "\(milliseconds)ms" }
        let seconds = milliseconds / 1000
        let rest = milliseconds % 1000
        var text = ""
        if seconds >= 3600 { text += "\(seconds / 3600)h" }
        if seconds >= 60 { text += "\(seconds % 3600 / 60)m" }
        text += "\(seconds % 60)"
        if rest > 0 {
            var digits = String(rest + 1000).dropFirst()
            while digits.last == "0" { digits.removeLast() }
            text += "." + digits
        }
        return text + "s"
    }
}
