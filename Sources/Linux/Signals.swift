// SPDX-License-Identifier: Apache-2.0

/// The names of signals, as kill(1) and Docker know them (x86-64 and arm64 numbers).
package enum Signals {
    package static let kill: Int32 = 9

    /// By number, from 1; without `SIG`.
    private static let names = [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
        "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
        "WINCH", "IO", "PWR", "SYS",
    ]
    private static let aliases = ["IOT": 6, "CLD": 17, "POLL": 29, "UNUSED": 31]

    /// The number of `SIGTERM`, `term`, `15`, `RTMIN+3` or `RTMAX-1`; nil when there is no such signal.
    package static func number(_ text: String) -> Int32? {
        if let number = Int32(text) { return (1...64).contains(number) ? number : nil }
        var name = text.uppercased()
        if name.hasPrefix("SIG") { name.removeFirst(3) }
        if let index = names.firstIndex(of: name) { return Int32(index + 1) }
        if let alias = aliases[name] { return Int32(alias) }
        return realTime(name)
    }

    /// `SIGTERM` for 15; `SIGRTMIN+3` for 37.
    package static func name(_ number: Int32) -> String {
        if number >= 1, number <= names.count { return "SIG" + names[Int(number) - 1] }
        switch number {
        case 34: return "SIGRTMIN"
        case 35...49: return "SIGRTMIN+\(number - 34)"
        case 50...63: return "SIGRTMAX-\(64 - number)"
        case 64: return "SIGRTMAX"
        default: return "\(number)"
        }
    }

    private static func realTime(_ name: String) -> Int32? {
        if name == "RTMIN" { return 34 }
        if name == "RTMAX" { return 64 }
        if name.hasPrefix("RTMIN+"), let offset = Int32(name.dropFirst(6)), (1...15).contains(offset) {
            return 34 + offset
        }
        if name.hasPrefix("RTMAX-"), let offset = Int32(name.dropFirst(6)), (1...14).contains(offset) {
            return 64 - offset
        }
        return nil
    }
}
