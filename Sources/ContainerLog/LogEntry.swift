// SPDX-License-Identifier: Apache-2.0

package import JSON

/// Which of a process's outputs; the raw value is the one of stdcopy frames.
package enum LogStream: UInt8, Sendable, Equatable {
    case stdout = 1
    case stderr = 2
}

/// One line of the log, or a part of a line longer than 16 KiB.
package struct LogEntry: Sendable, Equatable {
    package var stream: LogStream
    /// When the shim read it.
    package var time: Timestamp
    /// As it was written, newline included; without one if the line goes on in the next entry of the stream, or the
    /// process ended there.
    package var bytes: [UInt8]
    /// What the log was told to keep of the container: labels, variables, a tag.
    package var attributes: [String: String]

    package init(stream: LogStream, time: Timestamp, bytes: [UInt8], attributes: [String: String] = [:]) {
        self.stream = stream
        self.time = time
        self.bytes = bytes
        self.attributes = attributes
    }
}

/// What of a log is wanted.
package struct LogQuery: Sendable, Equatable {
    package var stdout = true
    package var stderr = true
    /// The last so many entries of those that match otherwise; nil: all.
    package var tail: Int?
    /// Entries at or after this time.
    package var since: Timestamp?
    /// Entries at or before this time; following ends there.
    package var until: Timestamp?
    /// Waits for what comes, until `LogReader.finish()`.
    package var follow = false

    package init() {}
}
