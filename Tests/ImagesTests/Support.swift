// SPDX-License-Identifier: Apache-2.0

import Archive
import Crypto
import EngineAPI
import Glibc
import Images
import JSON
import Linux
import Logging
import MetadataStore
import OCI
import Synchronization
import Testing

/// A data root of the test's own, removed afterwards. Needs root: layers are unpacked with owners and mounted.
final class Store {
    let path: String
    var images: ImageStore
    let events = EventList()
    private var metadata: MetadataStore
    private let driver: (any LayerDriver)?

    init(driver: (any LayerDriver)? = nil) throws {
        var template = Array("/tmp/wharf-images-XXXXXX".utf8CString)
        path = try #require(mkdtemp(&template).map { String(cString: $0) })
        self.driver = driver
        metadata = try MetadataStore(path: path + "/wharf.db")
        images = try ImageStore(
            root: path, metadata: metadata, logger: Logger(label: "test"), driver: driver, onEvent: { _ in })
        try reopen()
    }

    /// As a daemon does that starts again.
    func reopen() throws {
        try metadata.close()
        metadata = try MetadataStore(path: path + "/wharf.db")
        images = try ImageStore(
            root: path, metadata: metadata, logger: Logger(label: "test"), driver: driver,
            onEvent: { [events] event in events.add(event) })
    }

    deinit {
        try? metadata.close()
        let name = String(path.dropFirst("/tmp/".count))
        try? FileDescriptor.open("/tmp", O_RDONLY | O_DIRECTORY).removeTree(name)
    }

    /// Loads the archive; returns what the client would be told.
    @discardableResult
    func load(_ archive: [UInt8]) throws -> [String] {
        let messages = MessageList()
        try images.load(from: BytesSource(archive)) { messages.add($0) }
        return messages.texts
    }

    func shell(_ command: String) throws {
        let status = system("cd \(path) && { \(command); } >/dev/null 2>\(path)/stderr")
        let output = (try? FileDescriptor.open("\(path)/stderr", O_RDONLY).readAll(limit: 1 << 20)) ?? []
        try #require(status == 0, "\(command): \(String(decoding: output, as: UTF8.self))")
    }

    func list(_ command: String) throws -> String {
        try shell("{ \(command); } > \(path)/output")
        return String(
            decoding: try FileDescriptor.open(path + "/output", O_RDONLY).readAll(limit: 1 << 20), as: UTF8.self)
    }

    /// Everything there is of content and layers; equal before and after what must leave nothing.
    func contents() throws -> String {
        try list(
            "find content layers quarantine -mindepth 1 ! -name fs ! -path '*/fs/*' 2>/dev/null | LC_ALL=C sort; true")
    }
}

final class EventList: Sendable {
    private let events = Mutex<[ImageEvent]>([])
    func add(_ event: ImageEvent) { events.withLock { $0.append(event) } }
    var all: [ImageEvent] { events.withLock { $0 } }
}

final class MessageList: Sendable {
    private let messages = Mutex<[ProgressMessage]>([])
    func add(_ message: ProgressMessage) { messages.withLock { $0.append(message) } }
    var all: [ProgressMessage] { messages.withLock { $0 } }
    var texts: [String] { all.map { $0.stream ?? "" } }
}

func sha256(_ bytes: [UInt8]) -> String {
    "sha256:"
        + SHA256.hash(data: bytes).map { byte in
            let text = String(byte, radix: 16)
            return text.utf8.count == 1 ? "0" + text : text
        }.joined()
}

/// A tar of files (nil content: a directory) by path.
func layer(_ files: [(String, String?)]) throws -> [UInt8] {
    let sink = BytesSink()
    let writer = TarWriter(sink)
    for (path, content) in files {
        var entry = TarEntry(path: RawPath(path), kind: content == nil ? .directory : .file)
        entry.mode = content == nil ? 0o755 : 0o644
        entry.modified = FileTime(seconds: 1_700_000_000)
        if let content { try writer.add(entry, Array(content.utf8)) } else { try writer.add(entry) }
    }
    try writer.finish()
    return sink.bytes
}

/// A docker-archive as `docker save` wrote it before version 25.
struct DockerArchive {
    var tags: [String] = ["test:latest"]
    var layers: [[UInt8]]
    /// The digests the configuration claims; nil: the right ones of uncompressed layers.
    var diffIDs: [String]?
    var architecture = Platform.host.architecture
    var config = ""
    var omitted: Set<String> = []

    init(_ layers: [[UInt8]]) { self.layers = layers }

    var configuration: [UInt8] {
        let ids = (diffIDs ?? layers.map(sha256)).map { "\"\($0)\"" }.joined(separator: ",")
        let history = layers.indices.map { #"{"created":"2026-01-01T00:00:00Z","created_by":"layer \#($0)"}"# }
        return Array(
            (#"{"architecture":"\#(architecture)","os":"linux","created":"2026-01-01T00:00:00Z","#
                + #""config":{"Cmd":["sh"],"Env":["PATH=/bin"]\#(config)},"rootfs":{"type":"layers","diff_ids":[\#(ids)]},"#
                + #""history":[\#(history.joined(separator: ","))]}"#).utf8)
    }

    func bytes() throws -> [UInt8] {
        let sink = BytesSink()
        let writer = TarWriter(sink)
        func add(_ path: String, _ content: [UInt8]) throws {
            if omitted.contains(path) { return }
            try writer.add(TarEntry(path: RawPath(path), kind: .file), content)
        }
        try add("config.json", configuration)
        for (index, layer) in layers.enumerated() { try add("\(index)/layer.tar", layer) }
        let tags = tags.map { "\"\($0)\"" }.joined(separator: ",")
        let names = layers.indices.map { "\"\($0)/layer.tar\"" }.joined(separator: ",")
        try add("manifest.json", Array(#"[{"Config":"config.json","RepoTags":[\#(tags)],"Layers":[\#(names)]}]"#.utf8))
        try add("repositories", Array(#"{"test":{"latest":"x"}}"#.utf8))
        try writer.finish()
        return sink.bytes
    }
}
