// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import JSON
internal import Linux
internal import OCIRuntime

/// Where errors and warnings go: to standard error for people, and to the file of `--log` for an engine, as runc has
/// it.
struct Log {
    private var path: String?
    private var isJSON = false

    mutating func configure(_ options: Options) throws(RuntimeError) {
        path = options["log"]
        switch options["log-format"] ?? "text" {
        case "text": isJSON = false
        case "json": isJSON = true
        case let other: throw RuntimeError(.invalid, "invalid log-format \"\(other)\"")
        }
        if options.isOn("debug") { add("debug", options.arguments.joined(separator: " ")) }
    }

    func tell(_ error: RuntimeError) {
        _ = RuntimeCommand.write("wharf-runtime: \(error.message)\n", to: 2)
        add("error", error.message)
    }

    /// What is no error. Standard error is the container's own, too: it is used only where there is no log.
    func warn(_ messages: [String]) {
        for message in messages {
            if path == nil { _ = RuntimeCommand.write("wharf-runtime: warning: \(message)\n", to: 2) }
            add("warning", message)
        }
    }

    private func add(_ level: String, _ message: String) {
        guard let path, let file = try? FileDescriptor.open(path, O_WRONLY | O_CREAT | O_APPEND, mode: 0o644) else {
            return
        }
        let time = Timestamp.now.rfc3339
        let line: [UInt8]
        if isJSON {
            line = (try? JSON.encode(Entry(level: level, msg: message, time: time))) ?? []
        } else {
            let quoted = JSONValue.string(message).serialized()
            line = Array("time=\"\(time)\" level=\(level) msg=".utf8) + quoted
        }
        try? file.writeAll(line + [0x0a])
    }

    private struct Entry: Encodable {
        var level: String
        var msg: String
        var time: String
    }
}
