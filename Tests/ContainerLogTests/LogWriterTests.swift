// SPDX-License-Identifier: Apache-2.0

import ContainerLog
import Glibc
import JSON
import Linux
import Testing

@Suite struct LogWriterTests {
    let directory = TemporaryDirectory()

    @Test func writesLinesAsDockersJSONFileDriverDoes() throws {
        let path = directory.path("log")
        do {
            var log = try LogWriter(path: path, maximumSize: nil, maximumFiles: 1)
            log.write(.stdout, "hi\n\"<a>&\\\t\u{1}\r\n")
            log.write(.stderr, "é\u{2028}")
            log.write(.stderr, "!\n")
            log.finish(.stderr)
        }
        let lines = try directory.text("log").split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[0].hasPrefix(#"{"log":"hi\n","stream":"stdout","time":"20"#))
        #expect(lines[0].hasSuffix(#"Z"}"#))
        #expect(lines[1].hasPrefix(#"{"log":"\"\u003ca\u003e\u0026\\\u0009\u0001\r\n","stream":"stdout""#))
        #expect(lines[2].hasPrefix(#"{"log":"é\u2028!\n","stream":"stderr""#))
    }

    /// How many files there may be is a client's choice: only those that are there cost anything.
    @Test(.timeLimit(.minutes(1))) func manyFilesAreNoWork() throws {
        var log = try LogWriter(path: directory.path("log"), maximumSize: 1, maximumFiles: 100_000_000)
        for number in 1...50 { log.write(.stdout, "\(number)\n") }
        #expect(try directory.text("log").contains("\"50\\n\""))
        #expect(try directory.text("log.1").contains("\"49\\n\""))
        #expect(try directory.text("log.49").contains("\"1\\n\""))
    }

    @Test func theOldestFileGivesWay() throws {
        var log = try LogWriter(path: directory.path("log"), maximumSize: 1, maximumFiles: 3)
        for number in 1...5 { log.write(.stdout, "\(number)\n") }
        #expect(try directory.text("log.2").contains("\"3\\n\""))
        #expect(access(directory.path("log.3"), F_OK) != 0)
    }

    @Test func keepsAPartialLineUntilItEnds() throws {
        let path = directory.path("log")
        var log = try LogWriter(path: path, maximumSize: nil, maximumFiles: 1)
        log.write(.stdout, "no newline")
        #expect(try directory.text("log") == "")
        #expect(log.pending(.stdout) == Array("no newline".utf8))
        log.finish(.stdout)
        #expect(try entries(path).map(\.text) == ["no newline"])
    }

    @Test(arguments: [16383, 16384, 16385, 40000])
    func splitsLongLinesEvery16KiB(length: Int) throws {
        let path = directory.path("log")
        var log = try LogWriter(path: path, maximumSize: nil, maximumFiles: 1)
        log.write(.stdout, String(repeating: "x", count: length) + "\nnext\n")
        let read = try entries(path)
        #expect(read.map(\.text).joined() == String(repeating: "x", count: length) + "\nnext\n")
        #expect(read.allSatisfy { $0.bytes.count <= 16384 })
        #expect(read.dropLast(2).allSatisfy { !$0.text.hasSuffix("\n") })
        #expect(read.last?.text == "next\n")
    }

    @Test func doesNotCutACharacterInTwo() throws {
        let path = directory.path("log")
        var log = try LogWriter(path: path, maximumSize: nil, maximumFiles: 1)
        let line = "x" + String(repeating: "€", count: 12000) + "\n"
        // In pieces that end anywhere.
        let bytes = Array(line.utf8)
        for start in stride(from: 0, to: bytes.count, by: 1000) {
            bytes[start..<min(start + 1000, bytes.count)].withUnsafeBytes { log.append(.stdout, $0) }
        }
        #expect(try entries(path).map(\.text).joined() == line)
    }

    @Test func binaryOutputBecomesValidJSON() throws {
        let path = directory.path("log")
        var log = try LogWriter(path: path, maximumSize: nil, maximumFiles: 1)
        let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
        bytes.withUnsafeBytes { log.append(.stdout, $0) }
        log.finish(.stdout)
        for line in try directory.text("log").split(separator: "\n") {
            _ = try JSON.parse(Array(line.utf8))
        }
        #expect(try !entries(path).isEmpty)
    }

    @Test func rotatesAndKeepsTheNewestFiles() throws {
        let path = directory.path("log")
        var log = try LogWriter(path: path, maximumSize: 1000, maximumFiles: 3)
        for number in 0..<100 { log.write(.stdout, "line \(number)\n") }
        #expect(directory.names() == ["log", "log.1", "log.2"])
        for name in directory.names() { #expect(try directory.text(name).utf8.count <= 1000) }
        let numbers = try entries(path).map(\.text)
        #expect(numbers.last == "line 99\n")
        let first = try #require(numbers.first?.dropFirst(5).dropLast().description)
        #expect(numbers == (try #require(Int(first))..<100).map { "line \($0)\n" })
    }

    @Test func aTornLastLineDoesNotSwallowTheNextOne() throws {
        let path = directory.path("log")
        try directory.append("log", #"{"log":"torn"#)
        var log = try LogWriter(path: path, maximumSize: nil, maximumFiles: 1)
        log.write(.stdout, "whole\n")
        #expect(try entries(path).map(\.text) == ["whole\n"])
    }
}
