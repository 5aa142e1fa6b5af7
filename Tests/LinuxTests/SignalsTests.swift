// SPDX-License-Identifier: Apache-2.0

import Linux
import Testing

@Suite struct SignalsTests {
    @Test(arguments: [
        ("TERM", 15), ("SIGTERM", 15), ("sigkill", 9), ("9", 9), ("HUP", 1), ("SIGWINCH", 28), ("RTMIN+3", 37),
        ("SIGRTMAX-1", 63), ("SYS", 31), ("IOT", 6),
    ])
    func knows(_ name: String, _ number: Int32) { #expect(Signals.number(name) == number) }

    @Test(arguments: ["", "NOPE", "0", "65", "-9", "RTMIN+99", "SIG"])
    func refuses(_ name: String) { #expect(Signals.number(name) == nil) }

    @Test func everyNameIsReadAgain() {
        for number in Int32(1)...64 where number != 32 && number != 33 {
            #expect(Signals.number(Signals.name(number)) == number)
        }
    }
}
