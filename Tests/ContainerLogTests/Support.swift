// SPDX-License-Identifier: Apache-2.0

import ContainerLog
import Glibc
import JSON
import Linux
import Testing

/// A directory that is removed with the test.
final class TemporaryDirectory: Sendable {
    let root: String

    init() {
        var template = Array("/tmp/wharf-log-XXXXXX".utf8CString)
        root = mkdtemp(&template).map { String(cString: $0) } ?? ""
    }

    deinit {
        for name in names() { unlink(path(name)) }
        rmdir(root)
    }

    func path(_ name: String) -> String { "\(root)/\(name)" }

    func names() -> [String] {
        guard let stream = opendir(root) else { return [] }
        defer { closedir(stream) }
        var result: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { result.append(name) }
        }
        return result.sorted()
    }

    func text(_ name: String) throws -> String {
        String(decoding: try FileDescriptor.open(path(name), O_RDONLY).readAll(limit: 100 << 20), as: UTF8.self)
    }

    func append(_ name: String, _ text: String) throws {
        try FileDescriptor.open(path(name), O_WRONLY | O_CREAT | O_APPEND).writeAll(Array(text.utf8))
    }
}

extension LogWriter {
    mutating func write(_ stream: LogStream, _ text: String) {
        Array(text.utf8).withUnsafeBytes { append(stream, $0) }
    }
}

extension LogEntry {
    var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// All entries that a query finds now.
func entries(_ path: String, _ query: LogQuery = LogQuery()) throws -> [LogEntry] {
    let scanner = LogScanner(path: path, query: query)
    try scanner.open()
    var result: [LogEntry] = []
    while true {
        let batch = try scanner.read()
        if batch.isEmpty { return result }
        result += batch
    }
}
