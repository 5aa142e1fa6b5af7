// SPDX-License-Identifier: Apache-2.0

import Testing

/// Memory limits, as a user meets them.
@Suite(.serialized) struct MemoryTests {
    @Test(arguments: [[], ["--init"], ["-t"]])
    func tooMuchIsKilledAndSaid(_ flags: [String]) throws {
        try TestEngine.with { engine in
            let limits = ["-m", "16m", "--memory-swap", "16m", "--name", "hungry", "busybox", "tail", "/dev/zero"]
            #expect(try engine.command(["run"] + flags + limits).status == 137)
            let state = try engine.inspect("hungry", "{{.State.Status}} {{.State.ExitCode}} {{.State.OOMKilled}}")
            #expect(state == "exited 137 true")
            let events = try engine.ok(
                "events", "--since", "0", "--until", mustRun(["date", "-d", "1 sec", "+%s"]).text, "--filter",
                "container=hungry",
                "--format", "{{.Action}}"
            ).linesOfText
            #expect(events.filter { $0 == "oom" }.count == 1, "\(events)")
            let oom = events.firstIndex(of: "oom") ?? events.endIndex
            #expect(oom < events.firstIndex(of: "die") ?? 0, "\(events)")
            #expect(
                try engine.command(["run", "--rm"] + flags + limits.filter { !["--name", "hungry"].contains($0) })
                    .status == 137)
        }
    }

    /// One that survives the death of a process in it runs on, and says so while it does.
    @Test func aProcessOfManyIsKilled() throws {
        try TestEngine.with { engine in
            try engine.ok(
                "run", "-d", "--name", "c1", "-m", "16m", "--memory-swap", "16m", "busybox", "sh", "-c",
                "tail /dev/zero; echo lost it; sleep 300")
            #expect(try eventually { try engine.ok("logs", "c1").contains("lost it") })
            #expect(try eventually { try engine.inspect("c1", "{{.State.OOMKilled}}") == "true" })
            #expect(try engine.inspect("c1", "{{.State.Running}}") == "true")
        }
    }
}
