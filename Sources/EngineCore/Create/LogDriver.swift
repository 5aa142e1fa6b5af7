// SPDX-License-Identifier: Apache-2.0

package import EngineAPI
internal import GoTemplate
internal import JSON

/// A log driver and its options, read once and checked with Docker's texts.
///
/// All that write at all write the same local file, in the format of ContainerLog; `local` keeps it under another name
/// and compresses what it has rotated away.
package struct LogDriver: Sendable {
    package enum Kind: String, Sendable {
        case jsonFile = "json-file"
        case local, none
    }

    package let kind: Kind
    /// Bytes per file, then it rotates; nil: it never does.
    package private(set) var maximumSize: Int64? = 20_000_000
    /// The one that is written included.
    package private(set) var maximumFiles = 5
    /// Files that have been rotated away are compressed.
    package private(set) var compresses: Bool
    /// `labels`, `labels-regex`, `env`, `env-regex` and `tag`, where given.
    private var selection: [String: String] = [:]

    /// What `info` lists.
    static let names = [Kind.jsonFile, .local].map(\.rawValue)
    /// Whoever reads a log opens all of its files.
    static let mostFiles = 1000
    /// Bytes of JSON that go with every entry.
    static let longestAttributes = 64 << 10

    private static let later: Set<String> = [
        "awslogs", "fluentd", "gcplogs", "gelf", "journald", "splunk", "syslog", "etwlogs",
    ]

    package init(_ log: LogConfig) throws(EngineError) {
        guard let kind = Kind(rawValue: log.type.isEmpty ? "json-file" : log.type) else {
            if Self.later.contains(log.type) {
                throw Refusals.refusal("HostConfig.LogConfig.Type \"\(log.type)\" (--log-driver)")
            }
            throw Self.invalid("error looking up logging plugin \(log.type): plugin \"\(log.type)\" not found")
        }
        self.kind = kind
        compresses = kind == .local
        // Docker lets anything pass that means nothing.
        if kind == .none { return }
        if kind == .local { maximumSize = 20 << 20 }
        let options = log.config ?? [:]
        try Self.checkMode(options)
        for (name, value) in options.sorted(by: { $0.key < $1.key }) { try read(name, value) }
        guard !compresses || (maximumFiles > 1 && maximumSize != nil) else {
            throw Self.invalid(
                kind == .local
                    ? "compression cannot be enabled when max file count is 1"
                    : "compress cannot be true when max-file is less than 2 or max-size is not set")
        }
    }

    private mutating func read(_ name: String, _ value: String) throws(EngineError) {
        switch name {
        case "max-size":
            guard let bytes = Self.bytes(value) else {
                throw Self.invalid("invalid value for 'max-size': invalid size: '\(value)'")
            }
            maximumSize = bytes < 0 ? nil : bytes
        case "max-file":
            guard let count = Int(value), (1...Self.mostFiles).contains(count) else {
                throw Self.invalid("invalid value for 'max-file': \(value): a number from 1 to \(Self.mostFiles)")
            }
            maximumFiles = count
        case "compress":
            guard let flag = Self.flag(value) else {
                throw Self.invalid(
                    "invalid boolean value for compress: strconv.ParseBool: parsing \"\(value)\": invalid syntax")
            }
            compresses = flag
        case "labels", "env": selection[name] = value
        case "labels-regex", "env-regex":
            guard value.isEmpty || (try? LinearPattern(value)) != nil else {
                throw Self.invalid("error parsing regexp: \(name): \(value)")
            }
            selection[name] = value
        case "tag":
            do { _ = try Template(value) } catch { throw Self.invalid("\(error)") }
            selection[name] = value
        case "mode", "max-buffer-size": break
        default:
            throw Self.invalid(
                kind == .local
                    ? "unknown log opt '\(name)' for log driver local"
                    : "unknown log opt '\(name)' for json-file log driver")
        }
    }

    /// Writing to the file never makes a container wait (ContainerLog/LogWriter.swift), so both modes are the same
    /// here.
    private static func checkMode(_ options: [String: String]) throws(EngineError) {
        let mode = options["mode"] ?? ""
        guard ["", "blocking", "non-blocking"].contains(mode) else {
            throw invalid("logger: logging mode not supported: \(mode)")
        }
        guard let size = options["max-buffer-size"] else { return }
        guard mode == "non-blocking" else {
            throw invalid("logger: max-buffer-size option is only supported with 'mode=non-blocking'")
        }
        guard bytes(size) ?? -1 >= 0 else {
            throw invalid("error parsing option max-buffer-size: invalid size: '\(size)'")
        }
    }

    private static func invalid(_ text: String) -> EngineError { EngineError(.invalidParameter, text) }

    /// Docker's sizes of logs count in thousands, unlike those of memory.
    private static func bytes(_ text: String) -> Int64? {
        if text == "-1" { return -1 }
        var digits = Substring(text.lowercased())
        if digits.hasSuffix("b") { digits.removeLast() }
        var factor: Int64 = 1
        if let unit = digits.last, let power = ["k": 1, "m": 2, "g": 3, "t": 4][unit] {
            for _ in 0..<power { factor *= 1000 }
            digits.removeLast()
        }
        guard let number = Int64(digits), number > 0 else { return nil }
        let (product, isTooMuch) = number.multipliedReportingOverflow(by: factor)
        return isTooMuch ? nil : product
    }

    private static func flag(_ text: String) -> Bool? {
        switch text {
        case "1", "t", "T", "TRUE", "true", "True": true
        case "0", "f", "F", "FALSE", "false", "False": false
        default: nil
        }
    }
}

// MARK: What goes with every entry

extension LogDriver {
    /// JSON text, keys in order; nil: nothing does.
    func attributes(of record: ContainerRecord, host: String) throws(EngineError) -> String? {
        var found: [String: String] = [:]
        let labels = record.config.labels ?? [:]
        Self.choose(labels, names: selection["labels"], pattern: selection["labels-regex"], into: &found)
        var variables: [String: String] = [:]
        for entry in record.config.env ?? [] {
            let name = ContainerConfig.variableName(entry)
            if name.utf8.count < entry.utf8.count {
                variables[String(name)] = String(entry.dropFirst(name.count + 1))
            }
        }
        Self.choose(variables, names: selection["env"], pattern: selection["env-regex"], into: &found)
        if let tag = selection["tag"], !tag.isEmpty { found["tag"] = try Self.tag(tag, record, host: host) }
        guard !found.isEmpty else { return nil }
        let members = found.sorted { $0.key < $1.key }.map { (key: $0.key, value: JSONValue.string($0.value)) }
        let text = JSONValue.object(JSONObject(members)).serialized()
        guard text.count <= Self.longestAttributes else {
            throw Self.invalid("the labels, variables and tag that go into the log are \(text.count) bytes long")
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func choose(
        _ values: [String: String], names: String?, pattern: String?, into found: inout [String: String]
    ) {
        for name in (names ?? "").split(separator: ",").map(String.init) {
            if let value = values[name] { found[name] = value }
        }
        guard let pattern, !pattern.isEmpty, let expression = try? LinearPattern(pattern) else { return }
        for (name, value) in values where expression.isContained(in: name) { found[name] = value }
    }

    private static func tag(_ text: String, _ record: ContainerRecord, host: String) throws(EngineError) -> String {
        let value = TemplateRecord(typeName: "*logger.Info") { name, _ in
            switch name {
            case "ID": .text(String(record.id.prefix(12)))
            case "FullID", "ContainerID": .text(record.id)
            case "Name": .text(record.name)
            case "ContainerName": .text("/" + record.name)
            case "ImageID": .text(String(record.image.prefix(12)))
            case "ImageFullID", "ContainerImageID": .text(record.image)
            case "ImageName", "ContainerImageName": .text(record.config.image)
            case "DaemonName": .text("wharf")
            case "Command": .text(([record.path] + record.args).joined(separator: " "))
            case "Hostname": .text(host)
            default: nil
            }
        }
        do { return try Template(text).apply(.record(value)) } catch {
            throw invalid("failed to parse log tag: \(error)")
        }
    }
}
