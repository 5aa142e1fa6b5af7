// SPDX-License-Identifier: Apache-2.0

import Archive
import Glibc
import Linux
import Testing

/// A directory of the test's own, removed afterwards.
final class Scratch {
    let path: String

    init() {
        var template = Array("/tmp/wharf-archive-XXXXXX".utf8CString)
        path = mkdtemp(&template).map { String(cString: $0) } ?? "/nonexistent"
    }

    deinit {
        let name = String(path.dropFirst("/tmp/".count))
        try? FileDescriptor.open("/tmp", O_RDONLY | O_DIRECTORY).removeTree(name)
    }

    /// Runs a shell command in the directory.
    func shell(_ command: String) throws {
        let status = system("cd \(path) && { \(command); } >\(path)/.output 2>&1")
        let output = (try? bytes(".output")).map { String(decoding: $0, as: UTF8.self) } ?? ""
        try #require(status == 0, "\(command): \(output)")
    }

    func bytes(_ name: String) throws -> [UInt8] {
        try FileDescriptor.open("\(path)/\(name)", O_RDONLY).readAll(limit: 1 << 28)
    }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        try FileDescriptor.open("\(path)/\(name)", O_CREAT | O_WRONLY | O_TRUNC).writeAll(bytes)
    }

    /// Unpacks a tar, in whatever compression, into the new directory `name`.
    @discardableResult
    func unpack(
        _ tar: [UInt8], into name: String, _ whiteouts: Whiteouts = .asFiles, limits: ArchiveLimits = .default
    ) throws -> Extraction {
        mkdir("\(path)/\(name)", 0o755)
        let root = try FileDescriptor.open("\(path)/\(name)", O_RDONLY | O_DIRECTORY)
        var options = ExtractionOptions(whiteouts: whiteouts)
        options.limits = limits
        options.restoreOwners = getuid() == 0
        let source = try Decompressed(BytesSource(tar), limits: limits).source
        let reader = TarReader(source, limits: limits, requireEnd: true)
        let result = try extract(reader, into: root, options)
        try reader.drain()
        return result
    }

    func exists(_ name: String) -> Bool {
        var status = stat()
        return lstat("\(path)/\(name)", &status) == 0
    }
}

/// A tar of these entries; a file's content is its second member.
func tar(_ entries: [(TarEntry, [UInt8])]) throws -> [UInt8] {
    let sink = BytesSink()
    let writer = TarWriter(sink)
    for (entry, bytes) in entries {
        if entry.kind == .file { try writer.add(entry, bytes) } else { try writer.add(entry) }
    }
    try writer.finish()
    return sink.bytes
}

func file(_ path: String, _ content: String = "x") -> (TarEntry, [UInt8]) {
    (TarEntry(path: RawPath(path), kind: .file), Array(content.utf8))
}

func entry(_ path: String, _ kind: TarEntry.Kind, mode: UInt32 = 0o755) -> (TarEntry, [UInt8]) {
    (TarEntry(path: RawPath(path), kind: kind, mode: mode), [])
}
