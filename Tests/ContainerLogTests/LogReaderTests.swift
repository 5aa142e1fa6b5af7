// SPDX-License-Identifier: Apache-2.0

import ContainerLog
import Glibc
import JSON
import Linux
import Testing

@Suite(.timeLimit(.minutes(1))) struct LogReaderTests {
    let directory = TemporaryDirectory()

    private func fill(_ path: String, _ range: Range<Int>) throws {
        for number in range {
            let stream = number % 2 == 0 ? "stdout" : "stderr"
            let time =
                "2026-01-01T00:\(number / 60 < 10 ? "0" : "")\(number / 60):\(number % 60 < 10 ? "0" : "")\(number % 60)Z"
            try directory.append("log", #"{"log":"\#(number)\n","stream":"\#(stream)","time":"\#(time)"}"# + "\n")
        }
    }

    @Test(arguments: [0, 1, 5, 99, 100, 1000])
    func tailGivesTheLastEntries(tail: Int) throws {
        let path = directory.path("log")
        try fill(path, 0..<100)
        var query = LogQuery()
        query.tail = tail
        #expect(try entries(path, query).map(\.text) == (max(0, 100 - tail)..<100).map { "\($0)\n" })
    }

    @Test(arguments: [0, 3, 40, 80, 500])
    func tailGoesBackIntoRotatedFiles(tail: Int) throws {
        let path = directory.path("log")
        var log = try LogWriter(path: path, maximumSize: 2000, maximumFiles: 5)
        for number in 0..<100 { log.write(.stdout, "\(number)\n") }
        let all = try entries(path).map(\.text)
        var query = LogQuery()
        query.tail = tail
        #expect(try entries(path, query).map(\.text) == Array(all.suffix(tail)))
    }

    @Test func tailCountsOnlyWhatMatches() throws {
        let path = directory.path("log")
        try fill(path, 0..<100)
        var query = LogQuery()
        query.tail = 3
        query.stdout = false
        #expect(try entries(path, query).map(\.text) == ["95\n", "97\n", "99\n"])
    }

    @Test func tailOfLinesLongerThanABlock() throws {
        let path = directory.path("log")
        var log = try LogWriter(path: path, maximumSize: nil, maximumFiles: 1)
        let line = String(repeating: "\u{1}", count: 16000)
        for _ in 0..<5 { log.write(.stdout, line + "\n") }
        var query = LogQuery()
        query.tail = 2
        #expect(try entries(path, query).map(\.text) == [line + "\n", line + "\n"])
    }

    @Test func sinceAndUntilAreInclusive() throws {
        let path = directory.path("log")
        try fill(path, 0..<100)
        var query = LogQuery()
        query.since = Timestamp(rfc3339: "2026-01-01T00:00:10Z")
        query.until = Timestamp(rfc3339: "2026-01-01T00:00:13Z")
        #expect(try entries(path, query).map(\.text) == ["10\n", "11\n", "12\n", "13\n"])
    }

    @Test func leavesOutWhatIsTornOrForeign() throws {
        let path = directory.path("log")
        try directory.append("log", #"{"log":"ab{"log":"# + "\nnonsense\n")
        try fill(path, 1..<2)
        try directory.append(
            "log", #"{"stream":"stdout","attrs":{"a":"b"},"time":"2026-01-01T00:00:02Z","log":"\ud83d\ude00\n"}"# + "\n"
        )
        try directory.append("log", #"{"log":"torn at the e"#)
        #expect(try entries(path).map(\.text) == ["1\n", "😀\n"])
    }

    @Test func aMissingLogIsEmpty() async throws {
        let reader = LogReader(path: directory.path("none"), key: "k", query: LogQuery())
        #expect(try await reader.next() == nil)
    }

    @Test func followsThroughRotationsUntilFinished() async throws {
        let path = directory.path("log")
        var query = LogQuery()
        query.follow = true
        let reader = LogReader(path: path, key: "k", query: query)
        // Ends with the reader, which the test finishes or cancels below.
        let reading = Task { () -> [String] in
            var result: [String] = []
            while let batch = try await reader.next() { result += batch.map(\.text) }
            return result
        }
        var log = try LogWriter(path: path, maximumSize: 5000, maximumFiles: 5)
        for number in 0..<300 {
            log.write(.stdout, "\(number)\n")
            // Slow enough that the follower is never five files behind.
            if number % 20 == 0 { try await Task.sleep(nanoseconds: 20_000_000) }
        }
        reader.finish()
        #expect(try await reading.value == (0..<300).map { "\($0)\n" })
    }

    /// What is read grows for as long as it is read, in the same file and in those it is rotated into.
    @Test(arguments: [nil, 40, 0] as [Int?], [1 << 30, 20_000])
    func withoutFollowingTheLogEndsWhereItWas(tail: Int?, fileSize: Int64) async throws {
        let path = directory.path("log")
        var log = try LogWriter(path: path, maximumSize: fileSize, maximumFiles: 5)
        // More than a batch.
        let line = String(repeating: "x", count: 1000)
        for number in 0..<100 { log.write(.stdout, "\(number) \(line)\n") }
        let there = try entries(path).map(\.text)
        var query = LogQuery()
        query.tail = tail
        let scanner = LogScanner(path: path, query: query)
        try scanner.open()
        var seen: [String] = []
        for number in 100..<1000 {
            log.write(.stdout, "\(number) \(line)\n")
            let batch = try scanner.read()
            if batch.isEmpty { break }
            seen += batch.map(\.text)
        }
        #expect(seen == Array(there.suffix(tail ?? there.count)))
        #expect(try scanner.read().isEmpty)
    }

    private func follower(_ path: String) throws -> LogScanner {
        var query = LogQuery()
        query.follow = true
        let scanner = LogScanner(path: path, query: query)
        try scanner.open()
        return scanner
    }

    private func rest(_ scanner: LogScanner) throws -> [String] {
        var result: [String] = []
        while true {
            let batch = try scanner.read()
            if batch.isEmpty { return result }
            result += batch.map(\.text)
        }
    }

    /// The order of things that hurts: the reader is behind when the log rotates, and when nothing more is written.
    @Test(arguments: [1, 2, 3, 5]) func aFollowerThatIsBehindMissesNothing(rotations: Int) throws {
        let path = directory.path("log")
        // 100 lines a file; a file is 9 batches.
        let line = String(repeating: "x", count: 6000)
        var log = try LogWriter(path: path, maximumSize: 100 * 6100, maximumFiles: 5)
        var written = 0
        let write = { (log: inout LogWriter, count: Int) in
            for _ in 0..<count {
                log.write(.stdout, "\(written) \(line)\n")
                written += 1
            }
        }
        write(&log, 50)
        let scanner = try follower(path)
        var seen = try scanner.read().map(\.text)
        for _ in 0..<rotations {
            write(&log, 100)
            seen += try scanner.read().map(\.text)
        }
        write(&log, 30)
        seen += try rest(scanner)
        #expect(seen == (0..<written).map { "\($0) \(line)\n" })
        write(&log, 150)
        #expect(try rest(scanner).count == 150)
    }

    @Test func aFollowerOfASingleFileSeesEveryRotation() throws {
        let path = directory.path("log")
        var log = try LogWriter(path: path, maximumSize: 1000, maximumFiles: 1)
        let scanner = try follower(path)
        var seen: [String] = []
        for number in 0..<100 {
            log.write(.stdout, "\(number)\n")
            seen += try rest(scanner)
        }
        #expect(seen == (0..<100).map { "\($0)\n" })
    }

    @Test(arguments: [1, 3]) func aFollowerIsToldOfWhatWasRotatedAway(files: Int) throws {
        let path = directory.path("log")
        var log = try LogWriter(path: path, maximumSize: 1000, maximumFiles: files)
        log.write(.stdout, "first\n")
        let scanner = try follower(path)
        for number in 0..<200 { log.write(.stdout, "\(number)\n") }
        let seen = try rest(scanner)
        let told = try #require(seen.firstIndex { $0.hasPrefix("[wharf: output is missing here") })
        #expect(seen.filter { $0.hasPrefix("[wharf") }.count == 1)
        #expect(seen[0] == "first\n")
        let next = try #require(Int(seen[told + 1].dropLast()))
        #expect(Array(seen[1..<told]) == (0..<(told - 1)).map { "\($0)\n" } && next > told - 1)
        #expect(Array(seen[(told + 1)...]) == (next..<200).map { "\($0)\n" })
    }

    /// In the middle of a rotation, which a kill may make last, a name is missing.
    @Test func aMissingNameHidesNothing() throws {
        let path = directory.path("log")
        var log = try LogWriter(path: path, maximumSize: 1000, maximumFiles: 5)
        for number in 0..<100 { log.write(.stdout, "\(number)\n") }
        let all = try entries(path).map(\.text)
        try #require(rename(directory.path("log.3"), directory.path("log.4")) == 0)
        let kept = try entries(path).map(\.text)
        #expect(kept.count > all.count / 2 && kept == Array(all.suffix(kept.count)))
        for number in [2, 1] {
            try #require(rename(directory.path("log.\(number)"), directory.path("log.\(number + 1)")) == 0)
            #expect(try entries(path).map(\.text) == kept)
        }
    }

    @Test func aFollowerWaitsForTheRestOfALine() async throws {
        let path = directory.path("log")
        var query = LogQuery()
        query.follow = true
        try directory.append("log", #"{"log":"whole\n","stream":"std"#)
        let reader = LogReader(path: path, key: "k", query: query)
        // Ends with the reader, which the test finishes or cancels below.
        let reading = Task { try await reader.next()?.map(\.text) }
        try await Task.sleep(nanoseconds: 50_000_000)
        try directory.append("log", #"out","time":"2026-01-01T00:00:02Z"}"# + "\n")
        #expect(try await reading.value == ["whole\n"])
    }

    @Test func followingEndsAtUntil() async throws {
        let path = directory.path("log")
        var query = LogQuery()
        query.follow = true
        query.until = Timestamp(nanoseconds: Timestamp.now.nanoseconds + 200_000_000)
        let reader = LogReader(path: path, key: "k", query: query)
        #expect(try await reader.next() == nil)
    }

    @Test func followingEndsWhenTheTaskIsCancelled() async throws {
        var query = LogQuery()
        query.follow = true
        let reader = LogReader(path: directory.path("log"), key: "k", query: query)
        // Ends with the reader, which the test finishes or cancels below.
        let reading = Task { try await reader.next() }
        try await Task.sleep(nanoseconds: 50_000_000)
        reading.cancel()
        #expect(try await reading.value == nil)
    }
}
