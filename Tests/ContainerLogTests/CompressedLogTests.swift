// SPDX-License-Identifier: Apache-2.0

import ContainerLog
import Glibc
import JSON
import Linux
import Testing

/// Files that were rotated away and compressed.
@Suite(.timeLimit(.minutes(1))) struct CompressedLogTests {
    let directory = TemporaryDirectory()

    /// What the supervisor's process does, and the supervisor after it.
    private func compressOne(_ path: String, meanwhile body: () throws -> Void = {}) throws -> Bool {
        guard let work = try RotatedLog.nextWork(path) else { return false }
        try GzipFile.compress(work.source.descriptor, into: work.target.descriptor)
        try body()
        RotatedLog.install(path, work)
        return true
    }

    @Test(arguments: [nil, 0, 3, 40, 80, 500])
    func areReadAsIfTheyWereNot(tail: Int?) throws {
        let path = directory.path("log")
        var log = try LogWriter(path: path, maximumSize: 2000, maximumFiles: 5)
        for number in 0..<200 { log.write(.stdout, "\(number)\n") }
        var query = LogQuery()
        query.tail = tail
        let before = try entries(path, query).map(\.text)
        while try compressOne(path) {}
        #expect(directory.names() == ["log", "log.1.gz", "log.2.gz", "log.3.gz", "log.4.gz"])
        #expect(try entries(path, query).map(\.text) == before)
        // Further rotations take them along, and the oldest goes.
        for number in 200..<230 { log.write(.stdout, "\(number)\n") }
        #expect(try entries(path).last?.text == "229\n")
        let names = directory.names()
        #expect(names.contains("log.1") && names.contains("log.4.gz") && !names.contains("log.5.gz"), "\(names)")
        let all = try entries(path).compactMap { Int($0.text.dropLast()) }
        #expect(all == Array((230 - all.count)..<230), "whole, and in order")
    }

    /// The file gets another number while it is compressed, or is gone.
    @Test func arePutWhereTheirFileIs() throws {
        let path = directory.path("log")
        var log = try LogWriter(path: path, maximumSize: 2000, maximumFiles: 3)
        var number = 0
        func rotate() {
            let before = log.rotation
            while log.rotation == before {
                log.write(.stdout, "\(number)\n")
                number += 1
            }
        }
        rotate()
        #expect(try compressOne(path) { rotate() })
        #expect(directory.names() == ["log", "log.1", "log.2.gz"])
        #expect(
            try compressOne(path) {
                for _ in 0..<4 { rotate() }
            })
        #expect(directory.names() == ["log", "log.1", "log.2"])
        let all = try entries(path).compactMap { Int($0.text.dropLast()) }
        #expect(all == Array((number - all.count)..<number))
    }

    /// Its files are compressed under its hands.
    @Test func aReaderGoesOn() throws {
        let path = directory.path("log")
        var log = try LogWriter(path: path, maximumSize: 2000, maximumFiles: 50)
        for number in 0..<60 { log.write(.stdout, "\(number)\n") }
        var query = LogQuery()
        query.follow = true
        let scanner = LogScanner(path: path, query: query)
        try scanner.open()
        while try compressOne(path) {}
        var texts: [String] = []
        while true {
            let batch = try scanner.read()
            if batch.isEmpty { break }
            texts += batch.map(\.text)
        }
        for number in 60..<200 { log.write(.stdout, "\(number)\n") }
        while try compressOne(path) {}
        while true {
            let batch = try scanner.read()
            if batch.isEmpty { break }
            texts += batch.map(\.text)
        }
        #expect(texts == (0..<200).map { "\($0)\n" })
    }

    @Test func attributesAreKept() throws {
        let path = directory.path("log")
        var log = try LogWriter(
            path: path, maximumSize: nil, maximumFiles: 1, attributes: #"{"a":"x \"y\"","tag":"t"}"#)
        log.write(.stderr, "line\n")
        let entry = try #require(entries(path).first)
        #expect(entry.text == "line\n" && entry.stream == .stderr)
        #expect(entry.attributes == ["a": "x \"y\"", "tag": "t"])
        #expect(
            try directory.text("log").hasPrefix(
                #"{"log":"line\n","stream":"stderr","attrs":{"a":"x \"y\"","tag":"t"},"time":""#))
    }
}
