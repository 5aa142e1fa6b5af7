// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

/// The fixture finds what it is there to find.
@Suite(.serialized) struct FixtureTests {
    @Test func commandsReportHowTheyEnded() throws {
        let outcome = try run(["sh", "-c", "cat; echo problem >&2; exit 7"], stdin: Array("in".utf8))
        #expect(outcome.status == 7)
        #expect(outcome.text == "in")
        #expect(outcome.stderr == "problem\n")
        #expect(try run(["sh", "-c", "kill -9 $$"]).status == 137)
        #expect(throws: Failure.self) { try run(["sleep", "5"], timeout: 0.1) }
    }

    @Test func terminalsAreReal() throws {
        let terminal = try Terminal(
            ["sh", "-c", "tty; stty size; read x; echo got $x"], environment: [:], rows: 30, columns: 91)
        try terminal.expect("/dev/pts/")
        try terminal.expect("30 91")
        terminal.type("hello\r")
        try terminal.expect("got hello")
        #expect(try terminal.end() == 0)
    }

    @Test func imagesAreTheSameEachTime() throws {
        let folder = try makeTemporaryFolder("wt")
        defer { removeTree(folder) }
        for name in ["a", "b"] {
            try mustRun([Project.root + "/Scripts/make-image", "--compress", "gzip", folder + "/" + name])
        }
        #expect(readFile(folder + "/a") == readFile(folder + "/b"))
    }

    @Test func answersAreParsed() throws {
        let plain = try HTTPAnswer(Array("HTTP/1.1 404 Not Found\r\nA-B: c\r\n\r\n{\"message\":\"m\"}".utf8))
        #expect(plain.status == 404)
        #expect(plain.headers["a-b"] == "c")
        #expect(plain.message == "m")
        let chunked = try HTTPAnswer(
            Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n".utf8))
        #expect(chunked.text == "abc")
    }

    /// Leaves one thing of each kind behind, each of which the fixture has to find.
    @Test func leaksAreFound() throws {
        try TestEngine.with(image: false) { engine in
            #expect(engine.leaks().isEmpty)
            try mustRun(["mkdir", "-p", engine.dataRoot + "/containers/x", engine.folder + "/m"])
            try mustRun(["mount", "-t", "tmpfs", "none", engine.folder + "/m"])
            try mustRun(engine.inNamespace(["ip", "link", "add", "leaked", "type", "bridge"]))
            try mustRun(engine.inNamespace(["nft", "add table inet leaked; add chain inet leaked c"]))
            let process = try RunningCommand(["sleep", "60"], environment: ["WHARF_TEST": engine.name])
            let found = engine.leaks().joined(separator: "\n")
            for part in ["containers/x", "mount at", "link leaked", "table inet leaked", "process \(process.pid)"] {
                #expect(found.contains(part), "\(part) in:\n\(found)")
            }
            kill(process.pid, SIGKILL)
            _ = try process.wait()
            try mustRun(["umount", engine.folder + "/m"])
            try mustRun(["rmdir", engine.dataRoot + "/containers/x"])
            try mustRun(engine.inNamespace(["ip", "link", "del", "leaked"]))
            try mustRun(engine.inNamespace(["nft", "delete", "table", "inet", "leaked"]))
        }
    }
}
