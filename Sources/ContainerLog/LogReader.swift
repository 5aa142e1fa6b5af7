// SPDX-License-Identifier: Apache-2.0

/// Reads a container's log, rotated files included, oldest entry first; follows it if asked.
///
/// Pull-driven: a file is read when the next batch is asked for, on `BlockingPool`, so a slow reader holds nothing back but
/// itself. A last line that is torn (the shim was killed, or is writing it) is left for later or left out.
///
///     let reader = LogReader(path: path, key: containerID, query: query)
///     while let batch = try await reader.next() { … }       // when the container has stopped: reader.finish()
package final class LogReader: Sendable {
    /// `path` is that of the current file; `key` is `BlockingPool`'s. A log that does not exist is an empty one.
    package init(path: String, key: String, query: LogQuery) {}

    /// The next entries, at most about 64 KiB of them; nil at the end. Waits for more when following. One caller at a time.
    /// Ends early when the calling task is cancelled. Throws `Errno`.
    package func next() async throws -> [LogEntry]? { nil }

    /// Nothing will be written any more: a follower ends after what is there. May be called at any time, from anywhere.
    package func finish() {}
}
