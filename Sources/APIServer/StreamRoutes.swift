// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import EngineCore
internal import HTTPMessage
internal import HTTPTransport

/// Routes whose answers are a container's streams.
enum StreamRoutes {
    @Sendable static func logs(_ call: Call) async throws -> HTTPReply {
        let options = LogOptions(
            stdout: call.flag("stdout"), stderr: call.flag("stderr"), follow: call.flag("follow"),
            since: try call.time("since"), until: try call.time("until"), timestamps: call.flag("timestamps"),
            tail: lines(call.text("tail")), details: call.flag("details"))
        guard options.stdout || options.stderr else {
            throw EngineError(.invalidParameter, "Bad parameters: you must choose at least one stream")
        }
        let logs = try await call.engine.logs(call.id, options)
        let type = Compatibility.streamType(call.version, isTerminal: logs.isTerminal)
        return Reply.stream(type: type) { writer in
            for try await chunks in logs.chunks {
                try await writer.write(chunks.flatMap { logs.isTerminal ? $0.bytes : framed($0) })
            }
            // Not the log's end: the client must not take it for that.
            try Task.checkCancellation()
        }
    }

    private static func framed(_ chunk: LogChunk) -> [UInt8] {
        StreamFrame.header(chunk.stream, length: chunk.bytes.count) + chunk.bytes
    }

    /// As Docker: what is not a number of lines means all of them.
    private static func lines(_ text: String?) -> Int? { text.flatMap(Int.init).flatMap { $0 < 0 ? nil : $0 } }

    @Sendable static func attach(_ call: Call) async throws -> HTTPReply {
        try await call.discardBody()
        let options = AttachOptions(
            stdin: call.flag("stdin"), stdout: call.flag("stdout"), stderr: call.flag("stderr"),
            logs: call.flag("logs"), stream: call.flag("stream"), detachKeys: call.text("detachKeys"))
        let isTerminal = try call.engine.attachIsTerminal(call.id)
        let stream = call.request.upgrade(head(call, isTerminal: isTerminal, common: false))
        try await call.engine.attachContainer(call.id, options, stream: HijackedClient(stream: stream))
        return HTTPReply(status: 101, body: .upgrade(stream))
    }

    /// What a client is answered whose connection becomes a stream: it may have asked for an upgrade, or not.
    static func head(_ call: Call, isTerminal: Bool, common: Bool) -> HTTPResponseHead {
        guard call.request.head.upgrade != nil else {
            return HTTPResponseHead(status: 200, headers: ["Content-Type": "application/vnd.docker.raw-stream"])
        }
        var headers: HTTPHeaders = [
            "Content-Type": Compatibility.streamType(call.version, isTerminal: isTerminal),
            "Connection": "Upgrade", "Upgrade": "tcp",
        ]
        if common { for field in Reply.headers().fields { headers.add(field.name, field.value) } }
        return HTTPResponseHead(status: 101, headers: headers)
    }
}

/// The engine's view of a connection that becomes a stream.
struct HijackedClient: ClientStream {
    let stream: UpgradeStream

    func takeSocket() async throws -> TakenSocket {
        let taken = try await stream.takeSocket()
        let buffered = taken.buffered
        return TakenSocket(socket: taken.release(), buffered: buffered)
    }

    func onClose(_ body: @escaping @Sendable () -> Void) { stream.onClose(body) }
}
