// SPDX-License-Identifier: Apache-2.0

package import JSON
internal import Linux

/// What a run of the program meets outside: its streams, environment and clock.
package struct Console: Sendable {
    package var input: Int32
    package var output: Int32
    package var error: Int32
    package var environment: [String: String]
    package var now: @Sendable () -> Timestamp

    package init(
        input: Int32 = 0, output: Int32 = 1, error: Int32 = 2, environment: [String: String],
        now: @escaping @Sendable () -> Timestamp = { Timestamp.now }
    ) {
        self.input = input
        self.output = output
        self.error = error
        self.environment = environment
        self.now = now
    }

    /// Writes to standard output. A reader that went away is no error: SIGPIPE ends the program.
    func print(_ text: String, terminator: String = "\n") {
        try? RawDescriptor.writeAll(output, Array((text + terminator).utf8))
    }

    func complain(_ text: String, terminator: String = "\n") {
        try? RawDescriptor.writeAll(error, Array((text + terminator).utf8))
    }
}
