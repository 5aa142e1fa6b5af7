// SPDX-License-Identifier: Apache-2.0

internal import ContainerLog
internal import EngineAPI
internal import JSON

extension Container {
    /// The container's log as a stream that is read as it is asked for.
    func logs(_ options: LogOptions) throws(EngineError) -> ContainerLogs {
        guard options.stdout || options.stderr else {
            throw EngineError(.invalidParameter, "Bad parameters: you must choose at least one stream")
        }
        guard record.hostConfig.logConfig.type != "none" else {
            throw EngineError(.notImplemented, "configured logging driver does not support reading")
        }
        var query = LogQuery()
        query.stdout = options.stdout
        query.stderr = options.stderr
        query.tail = options.tail
        query.since = options.since
        query.until = options.until
        // A container that has not started yet may be followed into its first run.
        query.follow = options.follow && canStillWrite
        // Threads of their own: a thousand readers of a log must not stand in the way of its container's removal.
        let reader = LogReader(path: services.configuration.logPath(id), key: "log " + id, query: query)
        if query.follow { followers.add(reader) }
        let lines = LogLines(
            reader: reader, followers: followers, timestamps: options.timestamps, details: options.details)
        return ContainerLogs(
            isTerminal: record.config.tty, chunks: AsyncThrowingStream { try await lines.next() })
    }

    private var canStillWrite: Bool {
        switch phase {
        case .starting, .running, .paused, .exiting, .created: true
        case .exited, .removing, .removed: false
        }
    }
}

/// Entries as the client wants them. One caller at a time, as the reader demands.
private actor LogLines {
    private let reader: LogReader
    private let followers: FollowerRegistry
    private let timestamps: Bool
    /// Attributes, which nothing gives a message yet, and a space go before each.
    private let details: Bool

    init(reader: LogReader, followers: FollowerRegistry, timestamps: Bool, details: Bool) {
        self.reader = reader
        self.followers = followers
        self.timestamps = timestamps
        self.details = details
    }

    deinit { followers.remove(reader) }

    func next() async throws -> [LogChunk]? {
        guard let entries = try await reader.next() else {
            followers.remove(reader)
            return nil
        }
        return entries.map { entry in
            let stream: StreamFrame.Stream = entry.stream == .stderr ? .stderr : .stdout
            let prefix = (timestamps ? entry.time.paddedText + " " : "") + (details ? " " : "")
            return LogChunk(stream: stream, bytes: Array(prefix.utf8) + entry.bytes)
        }
    }
}

extension Timestamp {
    /// With nine digits of a second, always: what `logs -t` prints.
    var paddedText: String {
        let text = rfc3339
        guard text.hasSuffix("Z") else { return text }
        let body = text.dropLast()
        let digits = body.lastIndex(of: ".").map { body[$0...].dropFirst().count } ?? 0
        return body + (digits == 0 ? "." : "") + String(repeating: "0", count: 9 - digits) + "Z"
    }
}
