// SPDX-License-Identifier: Apache-2.0

internal import JSON
internal import Linux
internal import Logging

/// The daemon's own log: one line each, to standard error or to a file.
struct LineLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    private let label: String
    private let output: SharedDescriptor
    private let showsTime: Bool

    /// `showsTime`: journald adds its own.
    init(label: String, level: Logger.Level, output: SharedDescriptor, showsTime: Bool) {
        self.label = label
        self.logLevel = level
        self.output = output
        self.showsTime = showsTime
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Bytes of one value: clients' requests are quoted, and those may be megabytes.
    private static let maximumValue = 1024

    private static func shortened(_ text: String) -> String {
        guard text.utf8.count > maximumValue else { return text }
        return String(decoding: text.utf8.prefix(maximumValue), as: UTF8.self) + "… (\(text.utf8.count) bytes)"
    }

    func log(event: LogEvent) {
        var text = showsTime ? Timestamp.now.rfc3339 + " " : ""
        text += "\(event.level) \(label): \(event.message)"
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) { text += " \(key)=\(Self.shortened("\(value)"))" }
        // One line is one event, whatever a message quotes; one write, so that lines of many threads don't mix.
        let bytes = Array(text.utf8).map { $0 == UInt8(ascii: "\n") ? UInt8(ascii: " ") : $0 } + [UInt8(ascii: "\n")]
        try? output.descriptor.writeAll(bytes)
    }
}
