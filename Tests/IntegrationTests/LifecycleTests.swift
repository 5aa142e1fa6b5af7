// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON
import Testing

/// From `create` to `rm`, by each client.
@Suite(.serialized) struct LifecycleTests {
    @Test(arguments: Client.allCases)
    func createStartWaitRemove(client: Client) throws {
        try TestEngine.with { engine in
            let id = try engine.ok("create", "--name", "c1", "busybox", "sh", "-c", "sleep 0.3; exit 5", by: client)
            #expect(id.count == 64)
            #expect(try engine.inspect("c1", "{{.State.Status}} {{.State.Pid}}") == "created 0")
            #expect(try engine.ok("start", "c1", by: client) == "c1")
            #expect(try engine.inspect("c1", "{{.State.Status}} {{.State.Running}}") == "running true")
            #expect(try engine.ok("wait", "c1", by: client) == "5")
            #expect(try engine.inspect("c1", "{{.State.Status}} {{.State.ExitCode}} {{.State.Pid}}") == "exited 5 0")
            #expect(try engine.ok("wait", "c1", by: client) == "5", "waiting for what has ended answers at once")
            #expect(try engine.ok("rm", "c1", by: client) == "c1")
            #expect(try engine.ok("ps", "-aq", by: client) == "")
        }
    }

    @Test(arguments: Client.allCases)
    func startAttached(client: Client) throws {
        try TestEngine.with { engine in
            try engine.ok(
                "create", "--name", "c1", "-i", "busybox", "sh", "-c", "cat; echo err >&2; exit 4", by: client)
            let first = try engine("start", "-a", "-i", "c1", by: client, stdin: "typed\n")
            #expect(first.status == 4 && first.stdout == "typed\n" && first.stderr == "err\n", "\(first)")
            let second = try engine("start", "-a", "-i", "c1", by: client, stdin: "again\n")
            #expect(second.status == 4 && second.stdout == "again\n", "\(second)")
        }
    }

    @Test(arguments: Client.allCases)
    func attachShowsWhatComes(client: Client) throws {
        try TestEngine.with { engine in
            try engine.ok(
                "run", "-d", "-i", "--name", "c1", "busybox", "sh", "-c", "read x; echo got $x; exit 6", by: client)
            let attached = try engine.begin("attach", "c1", by: client, typing: true)
            attached.type("word\n")
            let outcome = try attached.wait(timeout: 10)
            #expect(outcome.status == 6 && outcome.text == "got word", "\(outcome)")
        }
    }

    @Test(arguments: Client.allCases)
    func stopTermsThenKills(client: Client) throws {
        try TestEngine.with { engine in
            try engine.ok(
                "run", "-d", "--name", "polite", "busybox", "sh", "-c",
                "trap 'exit 3' TERM; echo ready; while :; do sleep 0.1; done")
            try engine.ok(
                "run", "-d", "--name", "deaf", "busybox", "sh", "-c",
                "trap '' TERM; echo ready; while :; do sleep 0.1; done")
            for name in ["polite", "deaf"] { #expect(try eventually { try engine.ok("logs", name) == "ready" }) }
            #expect(try engine.ok("stop", "polite", by: client) == "polite")
            #expect(try engine.inspect("polite", "{{.State.ExitCode}}") == "3")
            let start = now()
            #expect(try engine.ok("stop", "-t", "1", "deaf", by: client) == "deaf")
            #expect((0.9...9).contains(now() - start), "\(now() - start) s")
            #expect(try engine.inspect("deaf", "{{.State.ExitCode}} {{.State.OOMKilled}}") == "137 false")
            #expect(try engine.ok("stop", "deaf", by: client) == "deaf", "stopping what has stopped is no error")
        }
    }

    @Test(arguments: Client.allCases)
    func killSendsAnySignal(client: Client) throws {
        try TestEngine.with { engine in
            for (signal, code) in [("KILL", "137"), ("SIGUSR1", "42"), ("12", "43")] {
                try engine.ok(
                    "run", "-d", "--name", "c1", "busybox", "sh", "-c",
                    "trap 'exit 42' USR1; trap 'exit 43' USR2; echo ready; while :; do sleep 0.05; done")
                #expect(try eventually { try engine.ok("logs", "c1") == "ready" })
                #expect(try engine.ok("kill", "-s", signal, "c1", by: client) == "c1")
                #expect(try engine.ok("wait", "c1", by: client) == code)
                try engine.ok("rm", "c1", by: client)
            }
        }
    }

    @Test(arguments: Client.allCases)
    func restartAndRename(client: Client) throws {
        try TestEngine.with { engine in
            let id = try engine.ok("run", "-d", "--name", "a1", "busybox", "sleep", "300", by: client)
            let first = try engine.processID("a1")
            #expect(try engine.ok("restart", "-t", "1", "a1", by: client) == "a1")
            #expect(try engine.processID("a1") != first)
            try engine.ok("rename", "a1", "b1", by: client)
            #expect(try engine.inspect("b1", "{{.Id}} {{.Name}}") == "\(id) /b1")
            try engine.ok("run", "-d", "--name", "a1", "busybox", "sleep", "300", by: client)
            #expect(try engine.ok("rm", "-f", "a1", "b1", by: client).linesOfText == ["a1", "b1"])
        }
    }

    @Test(arguments: Client.allCases)
    func pauseAndUnpause(client: Client) throws {
        try TestEngine.with { engine in
            try engine.ok(
                "run", "-d", "--name", "c1", "busybox", "sh", "-c",
                "i=0; while :; do i=$((i+1)); echo $i; sleep 0.05; done")
            #expect(try engine.ok("pause", "c1", by: client) == "c1")
            #expect(
                try engine.inspect("c1", "{{.State.Status}} {{.State.Paused}} {{.State.Running}}") == "paused true true"
            )
            usleep(100_000)
            let before = try engine.ok("logs", "c1").linesOfText.count
            usleep(300_000)
            #expect(try engine.ok("logs", "c1").linesOfText.count == before)
            let refused = try engine("exec", "c1", "true", by: client)
            #expect(
                refused.status == 1 && refused.stderr.contains("is paused, unpause the container before exec"),
                "\(refused)")
            #expect(try engine.ok("unpause", "c1", by: client) == "c1")
            #expect(try eventually { try engine.ok("logs", "c1").linesOfText.count > before })
        }
    }

    /// The headers of /wait come at once, its body when the condition is met.
    @Test(arguments: ["not-running", "next-exit", "removed"])
    func waitConditions(condition: String) throws {
        try TestEngine.with { engine in
            let id = try engine.ok("run", "-d", "busybox", "sh", "-c", "sleep 300")
            let wait = try RawConnection(engine.socket)
            wait.send(
                "POST /v1.51/containers/\(id)/wait?condition=\(condition) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            )
            let gotHead = wait.read(timeout: 2) { String(decoding: $0, as: UTF8.self).contains("\r\n\r\n") }
            #expect(gotHead && wait.text.hasPrefix("HTTP/1.1 200"), "\(wait.text)")
            #expect(!wait.read(timeout: 0.3) { String(decoding: $0, as: UTF8.self).contains("StatusCode") })
            try engine.ok("kill", id)
            if condition == "removed" {
                #expect(!wait.read(timeout: 0.3) { String(decoding: $0, as: UTF8.self).contains("StatusCode") })
                try engine.ok("rm", id)
            }
            #expect(wait.read(timeout: 5))
            #expect(try HTTPAnswer(wait.received).json()["StatusCode"] == .integer(137))
        }
    }

    @Test func waitForTheNextExitOfWhatIsStopped() throws {
        try TestEngine.with { engine in
            let id = try engine.ok("create", "busybox", "sh", "-c", "exit 8")
            let wait = try RawConnection(engine.socket)
            wait.send(
                "POST /v1.51/containers/\(id)/wait?condition=next-exit HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            )
            wait.read(timeout: 2) { String(decoding: $0, as: UTF8.self).contains("\r\n\r\n") }
            try engine.ok("start", id)
            #expect(wait.read(timeout: 5))
            #expect(try HTTPAnswer(wait.received).json()["StatusCode"] == .integer(8))
            let bad = try engine.http("POST", "/containers/\(id)/wait?condition=never")
            #expect(bad.status == 400 && bad.message.contains("never"), "\(bad)")
        }
    }

    @Test func outOfMemoryIsSeen() throws {
        try TestEngine.with { engine in
            let outcome = try engine(
                "run", "--name", "c1", "-m", "16m", "--memory-swap", "16m", "busybox", "tail", "/dev/zero")
            #expect(outcome.status == 137, "\(outcome)")
            #expect(try engine.inspect("c1", "{{.State.OOMKilled}} {{.State.ExitCode}}") == "true 137")
        }
    }

    @Test func processLimitHolds() throws {
        try TestEngine.with { engine in
            let outcome = try engine(
                "run", "--rm", "--pids-limit", "5", "busybox", "sh", "-c", "for i in 1 2 3 4 5 6 7; do sleep 1 & done")
            #expect(outcome.status == 2 && outcome.stderr.contains("can't fork"), "\(outcome)")
        }
    }

    @Test func initReapsAndForwards() throws {
        try TestEngine.with { engine in
            try engine.ok(
                "run", "-d", "--init", "--name", "c1", "busybox", "sh", "-c",
                "(sleep 0.2 &) ; trap 'exit 7' TERM; echo ready; while :; do sleep 0.1; done")
            #expect(try eventually { try engine.ok("logs", "c1") == "ready" })
            // The shell's own children are zombies too, each for a moment.
            #expect(
                try eventually {
                    let processes = try engine.ok("exec", "c1", "ps", "-o", "stat,args").linesOfText
                    return !processes.contains { $0.hasPrefix("Z") || $0.hasSuffix("sleep 0.2") }
                })
            try engine.ok("stop", "-t", "5", "c1")
            #expect(try engine.inspect("c1", "{{.State.ExitCode}}") == "7")
        }
    }
}
