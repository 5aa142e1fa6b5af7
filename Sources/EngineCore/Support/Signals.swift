// SPDX-License-Identifier: Apache-2.0

/// Signals by the names and numbers that `kill -s`, `--stop-signal` and an image's `StopSignal` use.
enum Signals {
    static let terminate: Int32 = 15
    static let kill: Int32 = 9

    /// The number of `name`: `TERM`, `SIGTERM`, `sigterm`, `15`, `RTMIN+3`, `SIGRTMAX-1`; nil for anything else.
    static func number(_ name: String) -> Int32? {
        if let number = Int32(name) { return (1...lastNumber).contains(number) ? number : nil }
        var upper = name.uppercased()
        if upper.hasPrefix("SIG") { upper.removeFirst(3) }
        return table[upper] ?? realTime(upper)
    }

    private static let lastNumber: Int32 = 64
    private static let realTimeMinimum: Int32 = 34

    private static func realTime(_ name: String) -> Int32? {
        if name == "RTMIN" { return realTimeMinimum }
        if name == "RTMAX" { return lastNumber }
        if name.hasPrefix("RTMIN+"), let offset = Int32(name.dropFirst(6)), (1...15).contains(offset) {
            return realTimeMinimum + offset
        }
        if name.hasPrefix("RTMAX-"), let offset = Int32(name.dropFirst(6)), (1...14).contains(offset) {
            return lastNumber - offset
        }
        return nil
    }

    private static let table: [String: Int32] = {
        let names = """
            HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG \
            XCPU XFSZ VTALRM PROF WINCH IO PWR SYS
            """.split(separator: " ")
        var table: [String: Int32] = ["IOT": 6, "CLD": 17, "POLL": 29, "UNUSED": 31]
        for (index, name) in names.enumerated() { table[String(name)] = Int32(index + 1) }
        return table
    }()
}
