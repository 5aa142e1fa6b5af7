// SPDX-License-Identifier: Apache-2.0

internal import JSON
internal import Linux
internal import Synchronization

/// Reads a container's log, rotated files included, oldest entry first; follows it if asked.
///
/// Pull-driven: a file is read when the next batch is asked for, on `BlockingPool`, so a slow reader holds nothing back
/// but itself. A last line that is torn (the shim was killed, or is writing it) is left for later or left out.
///
///     let reader = LogReader(path: path, key: containerID, query: query)
///     while let batch = try await reader.next() { … }       // when the container has stopped: reader.finish()
package final class LogReader: Sendable {
    private let key: String
    private let query: LogQuery
    private let signal: ChangeSignal
    private let scanner: Mutex<Scan>
    private let isFinished = Mutex(false)

    private struct Scan {
        let scanner: LogScanner
        var isOpen = false
    }

    /// `path` is that of the current file; `key` is `BlockingPool`'s. A log that does not exist is an empty one.
    package init(path: String, key: String, query: LogQuery) {
        self.key = key
        self.query = query
        signal = ChangeSignal(path: path)
        scanner = Mutex(Scan(scanner: LogScanner(path: path, query: query)))
    }

    deinit { signal.stop() }

    /// The next entries, at most about 64 KiB of them; nil at the end. Waits for more when following. One caller at a
    /// time. Ends early when the calling task is cancelled. Throws `Errno`.
    package func next() async throws -> [LogEntry]? {
        while !Task.isCancelled {
            // Asked first, so that what was written before `finish` is read after it.
            let wasFinished = isFinished.withLock { $0 }
            let (batch, isPastEnd) = try await read()
            if !batch.isEmpty { return batch }
            if isPastEnd || !query.follow || wasFinished { return nil }
            if let until = query.until, until <= .now { return nil }
            await signal.wait(until: query.until)
        }
        return nil
    }

    /// Nothing will be written any more: a follower ends after what is there. May be called at any time, from anywhere.
    package func finish() {
        isFinished.withLock { $0 = true }
        signal.raise()
    }

    private func read() async throws -> (batch: [LogEntry], isPastEnd: Bool) {
        try await BlockingPool.shared.run(key: key) { [self] in
            try scanner.withLock { scan in
                if !scan.isOpen {
                    // Before the first look, so that no change is missed between look and watch.
                    if query.follow { signal.start() }
                    try scan.scanner.open()
                    scan.isOpen = true
                }
                return (try scan.scanner.read(), scan.scanner.isFinished)
            }
        }
    }
}
