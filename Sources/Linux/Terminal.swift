// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// A terminal's settings, to be put back.
package struct TerminalSettings: Sendable {
    private let saved: termios
    private let number: Int32

    /// Makes the terminal hand over every byte as it is typed; nil when `number` is no terminal.
    package static func makeRaw(_ number: Int32) throws(Errno) -> TerminalSettings? {
        var settings = termios()
        guard isatty(number) == 1, tcgetattr(number, &settings) == 0 else { return nil }
        let saved = TerminalSettings(saved: settings, number: number)
        cfmakeraw(&settings)
        guard tcsetattr(number, TCSANOW, &settings) == 0 else { throw .last("tcsetattr") }
        return saved
    }

    package func restore() {
        var settings = saved
        _ = tcsetattr(number, TCSANOW, &settings)
    }
}

package enum TerminalWindow {
    /// Rows and columns; nil when `number` is no terminal, or one without a size.
    package static func size(_ number: Int32) -> (rows: Int, columns: Int)? {
        var size = winsize()
        guard ioctl(number, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0 || size.ws_col > 0 else { return nil }
        return (Int(size.ws_row), Int(size.ws_col))
    }

    package static func isTerminal(_ number: Int32) -> Bool { isatty(number) == 1 }
}
