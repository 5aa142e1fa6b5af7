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
        guard let path = services.configuration.logPath(record) else {
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
        let reader = LogReader(path: path, key: "log " + id, query: query)
        if query.follow { followers.add(reader) }
        let lines = LogLines(
            reader: reader, followers: followers, timestamps: options.timestamps, details: options.details)
        return ContainerLogs(
            isTerminal: record.config.tty, chunks: AsyncThrowingStream { try await lines.next() })
    }

    private var canStillWrite: Bool {
        switch phase {
        case .starting, .running, .paused, .exiting, .created: true
        case .restarting, .exited, .removing, .removed: false
        }
    }
}

/// Entries as the client wants them. One caller at a time, as the reader demands.
private actor LogLines {
    private let reader: LogReader
    private let followers: FollowerRegistry
    private let timestamps: Bool
    /// Attributes and a space go before each.
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
            let prefix = (timestamps ? entry.time.paddedText + " " : "") + (details ? entry.details + " " : "")
            return LogChunk(stream: stream, bytes: Array(prefix.utf8) + entry.bytes)
        }
    }
}

extension LogEntry {
    /// `--details`: the attributes in order, each as a form would send it.
    fileprivate var details: String {
        attributes.sorted { $0.key < $1.key }.map { "\(Self.escaped($0.key))=\(Self.escaped($0.value))" }
            .joined(separator: ",")
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: " "): result += "+"
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.count < 2 ? "0" : "") + digits
            }
        }
        return result
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
