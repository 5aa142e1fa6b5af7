// SPDX-License-Identifier: Apache-2.0

import EngineAPI
import JSON
import Testing

@testable import CLI

@Suite struct OutputTests {
    @Test(
        arguments: [
            (0, "0B"), (1, "1B"), (999, "999B"), (1000, "1kB"), (4100, "4.1kB"), (8192, "8.19kB"),
            (2_069_000, "2.07MB"),
            (4_189_203, "4.19MB"), (999_499, "999kB"), (999_600, "1e+03kB"), (123_456_789_012, "123GB"),
        ])
    func sizes(_ bytes: Int64, _ wanted: String) { #expect(Human.size(bytes) == wanted) }

    @Test(arguments: [(67_108_864, "64MiB"), (25_276_000_000, "23.54GiB"), (1_052_770, "1.004MiB")])
    func binarySizes(_ bytes: Int64, _ wanted: String) { #expect(Human.binarySize(bytes) == wanted) }

    @Test func portsAreGrouped() {
        func port(_ ip: String?, _ inside: UInt16, _ outside: UInt16? = nil, _ type: String = "tcp") -> PortSummary {
            PortSummary(ip: ip, privatePort: inside, publicPort: outside, type: type)
        }
        #expect(Ports.text([]) == "")
        #expect(Ports.text([port(nil, 80), port(nil, 81), port(nil, 443)]) == "80-81/tcp, 443/tcp")
        #expect(
            Ports.text([
                port("0.0.0.0", 80, 8080), port("::", 80, 8080), port("0.0.0.0", 9, 9), port("0.0.0.0", 10, 10),
            ])
                == "0.0.0.0:9-10->9-10/tcp, 0.0.0.0:8080->80/tcp, [::]:8080->80/tcp")
        #expect(Ports.text([port(nil, 53, nil, "udp"), port(nil, 53)]) == "53/tcp, 53/udp")
    }

    @Test func tablesAlign() {
        #expect(
            TextTable.format([["A", "B"], ["longer than ten", "x"]]) == "A                 B\nlonger than ten   x\n")
        #expect(TextTable.format([["A", "B"], ["é…", ""]]) == "A         B\né…        \n")
    }

    @Test func natural() {
        #expect(NaturalOrder.isBefore("a2", "a10"))
        #expect(!NaturalOrder.isBefore("a10", "a2"))
        #expect(NaturalOrder.isBefore("a", "b"))
        #expect(NaturalOrder.isBefore("a01", "a2"))
    }

    @Test func timesThatAreNone() {
        let now = Timestamp(seconds: 0)
        for (text, problem) in [
            ("1d", "failed to parse value as time or duration: \"1d\""),
            ("2020-13-01", "parsing time \"2020-13-01\": month out of range"),
            ("2020-01-32", "parsing time \"2020-01-32\": day out of range"),
        ] {
            #expect {
                _ = try GoText.timestamp(text, now: now)
            } throws: { Failure.text(of: $0) == problem }
        }
    }

    @Test(arguments: [
        (":", "anonymous(\":\")"), ("/a", "anonymous(\"/a\")"), ("x:/m", "anonymous(\"x:/m\")"),
        ("xy:/m:ro", "bind(\"xy:/m:ro\")"), ("/a:/b", "bind(\"/a:/b\")"),
    ])
    func volumes(_ text: String, _ wanted: String) throws { #expect("\(try VolumeSpec.parse(text))" == wanted) }

    /// Docker makes the file first: no container whose ID can't be told, no call, and the status of a missing file.
    @Test func aFileForTheIDThatCannotBeMade() {
        let outcome = runProgram(
            ["run", "--cidfile", "/nonexistent/cid", "busybox"],
            environment: ["DOCKER_HOST": "unix:///nonexistent.sock"])
        #expect(outcome.status == 127)
        #expect(
            outcome.stderr == """
                docker: failed to create the container ID file: open /nonexistent/cid: no such file or directory

                Run 'docker run --help' for more information

                """)
    }

    @Test func times() throws {
        let now = Timestamp(seconds: 1_795_219_236)
        #expect(try GoText.timestamp("1h", now: now) == "1795215636")
        #expect(try GoText.timestamp("1795219236.5", now: now) == "1795219236.5")
        #expect(try GoText.timestamp("2026-11-21T00:00:36Z", now: now) == "1795219236.000000000")
        #expect(try GoText.timestamp(nil, now: now) == nil)
        #expect(throws: Failure.self) { try GoText.timestamp("yesterday", now: now) }
    }
}

@Suite struct HostTests {
    @Test func hostsThatCannotBeReached() {
        let missing = runProgram(["ps"], environment: ["DOCKER_HOST": "unix:///nonexistent.sock"])
        #expect(missing.status == 1)
        #expect(
            missing.stderr
                == "Cannot connect to the Docker daemon at unix:///nonexistent.sock. Is the docker daemon running?\n")
        let run = runProgram(["run", "b"], called: "wharf", environment: ["WHARF_HOST": "unix:///nonexistent.sock"])
        #expect(run.status == 125)
        #expect(
            run.stderr
                == "wharf: Cannot connect to the Docker daemon at unix:///nonexistent.sock. Is the docker daemon running?"
                + "\n\nRun 'wharf run --help' for more information\n")
    }

    @Test(
        arguments: [
            (["--context", "other", "ps"], 1), (["--tlsverify", "ps"], 125), (["--tlscacert", "x", "ps"], 125),
            (["--config", "/x", "ps"], 125), (["-c", "default", "-H", "unix:///x", "ps"], 1),
            (["-l", "loud", "ps"], 1),
        ])
    func whatIsNotSupportedIsRefused(_ arguments: [String], _ status: Int) {
        let outcome = runProgram(arguments)
        #expect(outcome.status == Int32(status))
        #expect(!outcome.stderr.isEmpty && outcome.stdout.isEmpty)
    }

    @Test func versionLines() {
        #expect(runProgram(["--version"]).stdout == "Docker version 28.2.2, build wharf-0.1.0\n")
        #expect(runProgram(["-v"], called: "wharf").stdout == "Wharf version 0.1.0\n")
    }
}
