// SPDX-License-Identifier: Apache-2.0

package import EngineAPI
package import JSON

/// What `attach` connects.
package struct AttachOptions: Sendable {
    package var stdin: Bool
    package var stdout: Bool
    package var stderr: Bool
    /// First what the log has so far.
    package var logs: Bool
    /// Then what comes.
    package var stream: Bool
    /// As on the command line (`ctrl-p,ctrl-q`); nil: the default.
    package var detachKeys: String?

    package init(stdin: Bool, stdout: Bool, stderr: Bool, logs: Bool, stream: Bool, detachKeys: String?) {
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.logs = logs
        self.stream = stream
        self.detachKeys = detachKeys
    }
}

/// What `logs` asks for.
package struct LogOptions: Sendable {
    package var stdout: Bool
    package var stderr: Bool
    package var follow: Bool
    package var since: Timestamp?
    package var until: Timestamp?
    /// Prefixes each line with its time.
    package var timestamps: Bool
    /// Lines from the end; nil: all.
    package var tail: Int?
    /// Prefixes each line with the labels and variables the log was told to keep.
    package var details: Bool

    package init(
        stdout: Bool, stderr: Bool, follow: Bool = false, since: Timestamp? = nil, until: Timestamp? = nil,
        timestamps: Bool = false, tail: Int? = nil, details: Bool = false
    ) {
        self.stdout = stdout
        self.stderr = stderr
        self.follow = follow
        self.since = since
        self.until = until
        self.timestamps = timestamps
        self.tail = tail
        self.details = details
    }
}

/// A piece of a container's log.
package struct LogChunk: Sendable, Equatable {
    package var stream: StreamFrame.Stream
    package var bytes: [UInt8]

    package init(stream: StreamFrame.Stream, bytes: [UInt8]) {
        self.stream = stream
        self.bytes = bytes
    }
}

/// A container's log, read as it is asked for: a reader that pauses holds nothing but its place.
package struct ContainerLogs: Sendable {
    /// Decides the media type: a terminal's output is sent raw.
    package var isTerminal: Bool
    /// Each a frame of its own; those that come together are written together.
    package var chunks: AsyncThrowingStream<[LogChunk], any Error>

    package init(isTerminal: Bool, chunks: AsyncThrowingStream<[LogChunk], any Error>) {
        self.isTerminal = isTerminal
        self.chunks = chunks
    }
}

/// What `wait` waits for.
package enum WaitCondition: String, Sendable {
    case notRunning = "not-running"
    case nextExit = "next-exit"
    case removed
}
