// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@Suite(.serialized) struct LogTests {
    @Test(arguments: Client.allCases)
    func linesAndStreams(client: Client) throws {
        try TestEngine.with { engine in
            try engine.ok(
                "run", "--name", "c1", "busybox", "sh", "-c",
                "for i in 1 2 3 4 5; do echo line$i; usleep 20000; done; echo err >&2")
            let all = try engine("logs", "c1", by: client)
            #expect(all.stdout == "line1\nline2\nline3\nline4\nline5\n" && all.stderr == "err\n", "\(all)")
            let last = try engine("logs", "-n", "2", "c1", by: client)
            #expect((last.stdout + last.stderr).linesOfText.count == 2, "\(last)")
            #expect(try engine.ok("logs", "--tail=0", "c1", by: client) == "")
            #expect(try engine.ok("logs", "--tail=all", "c1", by: client).linesOfText.count == 5)
            let stamped = try engine.ok("logs", "-t", "c1", by: client).linesOfText
            #expect(
                stamped.allSatisfy { $0.contains("T") && $0.fields[0].hasSuffix("Z") && $0.fields[0].count >= 20 },
                "\(stamped)")
            #expect(try engine.ok("logs", "--since", "1h", "c1", by: client).linesOfText.count == 5)
            #expect(try engine.ok("logs", "--until", "1h", "c1", by: client) == "")
            let third = try #require(stamped.first { $0.hasSuffix("line3") }).fields[0]
            #expect(
                try engine.ok("logs", "--since", third, "c1", by: client).linesOfText == ["line3", "line4", "line5"])
        }
    }

    @Test(arguments: Client.allCases)
    func following(client: Client) throws {
        try TestEngine.with { engine in
            try engine.ok(
                "run", "-d", "-i", "--name", "c1", "busybox", "sh", "-c",
                "echo first; sleep 1; echo second; sleep 0.5; echo third")
            let follower = try engine.begin("logs", "-f", "c1", by: client)
            #expect(eventually { follower.outputSoFar == "first\n" })
            #expect(eventually { follower.outputSoFar.contains("second") })
            let outcome = try follower.wait(timeout: 5)
            #expect(outcome.status == 0 && outcome.stdout == "first\nsecond\nthird\n", "\(outcome)")
        }
    }

    /// Rotated several times while the follower reads, which is slower than what writes; all of it is kept.
    @Test(arguments: Client.allCases)
    func followersThatFallBehindGetEverything(client: Client) throws {
        try TestEngine.with { engine in
            let id = try engine.ok("run", "-d", "busybox", "seq", "1000000")
            let outcome = try engine("logs", "-f", id, by: client, timeout: 120)
            #expect(outcome.status == 0)
            let lines = outcome.stdout.utf8.split(separator: UInt8(ascii: "\n"))
            #expect(lines.count == 1_000_000)
            #expect(lines.last.map { String(Substring($0)) } == "1000000")
        }
    }

    /// More than is kept, to a client that reads nothing until the container has ended.
    @Test func followersAreToldOfWhatIsLost() throws {
        try TestEngine.with { engine in
            let id = try engine.ok("run", "-d", "busybox", "sh", "-c", "sleep 0.5; seq 3000000")
            let follower = try RawConnection(engine.socket)
            follower.send("GET /v1.51/containers/\(id)/logs?follow=1&stdout=1&stderr=1 HTTP/1.0\r\nHost: x\r\n\r\n")
            #expect(try engine.ok("wait", id, timeout: 60) == "0")
            #expect(follower.read(timeout: 60))
            let text = String(decoding: follower.received, as: UTF8.self)
            #expect(text.contains("[wharf: output is missing here: the log was rotated away before it was read]"))
            #expect(text.hasSuffix("3000000\n"))
        }
    }

    @Test func linesWithoutEndAndLongOnesArrive() throws {
        try TestEngine.with { engine in
            try engine.ok(
                "run", "--name", "c1", "busybox", "sh", "-c", "printf no-end; head -c 100000 /dev/zero | tr '\\0' x")
            let text = try engine("logs", "c1").stdout
            #expect(text.utf8.count == 100_006, "\(text.utf8.count)")
            #expect(text.hasPrefix("no-endxxx"))
        }
    }

    /// A follower that does not read holds nothing back.
    @Test func slowFollowersDoNotDelayTheContainer() throws {
        try TestEngine.with { engine in
            let id = try engine.ok(
                "run", "-d", "busybox", "sh", "-c", "sleep 0.5; head -c 20000000 /dev/zero | tr '\\0' '\\n'; echo end")
            let follower = try RawConnection(engine.socket)
            follower.send("GET /v1.51/containers/\(id)/logs?follow=1&stdout=1&stderr=1 HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(try engine.ok("wait", id, timeout: 60) == "0")
            withExtendedLifetime(follower) {}
        }
    }

    @Test func logsAreDockersFormatAndRotate() throws {
        try TestEngine.with { engine in
            let id = try engine.ok("run", "-d", "busybox", "sh", "-c", "echo hello; echo problem >&2")
            try engine.ok("wait", id)
            let path = try engine.inspect(id, "{{.LogPath}}")
            #expect(path == engine.dataRoot + "/containers/\(id)/\(id)-json.log")
            let lines = (readText(path) ?? "").linesOfText
            #expect(lines.count == 2)
            #expect(lines.contains { $0.hasPrefix(#"{"log":"hello\n","stream":"stdout","time":""#) }, "\(lines)")
        }
    }
}
