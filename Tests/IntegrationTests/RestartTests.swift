// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON
import Testing

/// Containers that are started again by their policy.
@Suite(.serialized) struct RestartTests {
    private func state(_ engine: TestEngine, _ name: String) throws -> String {
        try engine.inspect(name, "{{.State.Status}} {{.RestartCount}} {{.State.ExitCode}}")
    }

    @Test(arguments: Client.allCases)
    func onFailureEndsWithItsCount(client: Client) throws {
        try TestEngine.with { engine in
            try engine.ok(
                "run", "-d", "--name", "bad", "--restart", "on-failure:3", "busybox", "sh", "-c", "exit 3", by: client)
            try engine.ok("run", "-d", "--name", "good", "--restart", "on-failure:3", "busybox", "true", by: client)
            #expect(try eventually { try state(engine, "bad") == "exited 3 3" })
            #expect(try state(engine, "good") == "exited 0 0")
            let events = try engine.ok(
                "events", "--since", "1h", "--until", try engine.clock(), "--filter", "container=bad", "--format",
                "{{.Action}} {{.TimeNano}}", by: client)
            let actions = events.linesOfText.map { $0.fields[0] }
            #expect(actions == ["create"] + Array(repeating: ["start", "die"], count: 4).joined(), "\(actions)")
        }
    }

    /// Each wait is twice as long as the one before.
    @Test func theBackOffDoubles() throws {
        try TestEngine.with { engine in
            try engine.ok("run", "-d", "--name", "c1", "--restart", "always", "busybox", "true")
            #expect(try eventually { try Int(engine.inspect("c1", "{{.RestartCount}}")) ?? 0 >= 4 })
            let lines = try engine.ok(
                "events", "--since", "1h", "--until", try engine.clock(), "--filter", "container=c1", "--format",
                "{{.Action}} {{.TimeNano}}"
            ).linesOfText.map(\.fields)
            let died = lines.filter { $0[0] == "die" }.compactMap { Int($0[1]) }
            let started = lines.filter { $0[0] == "start" }.compactMap { Int($0[1]) }.dropFirst()
            let waits = zip(died, started).map { ($1 - $0) / 1_000_000 }
            #expect(waits.count >= 3)
            for (wait, least) in zip(waits, [100, 200, 400, 800]) {
                #expect(wait >= least && wait < least + 1500, "\(waits)")
            }
        }
    }

    @Test(arguments: Client.allCases)
    func whatARestartingContainerRefuses(client: Client) throws {
        try TestEngine.with { engine in
            let id = try engine.ok(
                "run", "-d", "--name", "c1", "--restart", "always", "busybox", "sh", "-c", "exit 1", by: client)
            // From the seventh on it waits for more than six seconds.
            #expect(try eventually(60) { try Int(engine.inspect("c1", "{{.RestartCount}}")) ?? 0 >= 7 })
            #expect(
                try engine.inspect("c1", "{{.State.Running}} {{.State.Restarting}} {{.State.Pid}} {{.State.Status}}")
                    == "true true 0 restarting")
            let status = try engine.ok("ps", "--format", "{{.Status}}", by: client)
            #expect(status.hasPrefix("Restarting (1) ") && status.hasSuffix(" ago"), "\(status)")
            let filtered = try engine.ok("ps", "-q", "--no-trunc", "--filter", "status=restarting", by: client)
            #expect(filtered == id)
            let wait = "is restarting, wait until the container is running"
            #expect(try engine("exec", "c1", "true", by: client).stderr.contains("Container c1 \(wait)"))
            #expect(try engine("pause", "c1", by: client).stderr.contains("Container \(id) \(wait)"))
            #expect(try engine("top", "c1", by: client).stderr.contains("Container \(id) \(wait)"))
            let attach = try engine("attach", "c1", by: client)
            #expect(attach.status == 1 && attach.stderr.lowercased().contains("restarting container"), "\(attach)")
            let rm = try engine("rm", "c1", by: client)
            #expect(
                rm.status == 1
                    && rm.stderr.contains(
                        "container is restarting: stop the container before removing or force remove"),
                "\(rm)")
            #expect(try http(engine, "POST", "/containers/c1/start") == 304)
            // Its log is whole, and following it ends.
            #expect(try engine("logs", "-f", "c1", by: client).status == 0)
            try engine.ok("stop", "c1", by: client)
            #expect(try engine.inspect("c1", "{{.State.Status}} {{.State.Restarting}}") == "exited false")
            let count = try engine.inspect("c1", "{{.RestartCount}}")
            // A start by hand counts from the beginning.
            try engine.ok("start", "c1", by: client)
            #expect(try eventually { try Int(engine.inspect("c1", "{{.RestartCount}}")) ?? 0 >= 1 })
            #expect(try Int(engine.inspect("c1", "{{.RestartCount}}")) ?? 99 < Int(count) ?? 0)
            try engine.ok("rm", "-f", "c1", by: client)
            #expect(try engine.ok("ps", "-aq") == "")
        }
    }

    private func http(_ engine: TestEngine, _ method: String, _ path: String) throws -> Int {
        try engine.http(method, path).status
    }

    /// A stop on the way to the next start: it must not come.
    @Test func whatIsStoppedStaysStopped() throws {
        try TestEngine.with { engine in
            for (name, command) in [("kill", "kill"), ("stop", "stop")] {
                let script = "trap 'exit 5' TERM; while :; do sleep 0.05; done"
                try engine.ok(
                    "run", "-d", "--name", name, "--restart", "always", "busybox", "sh", "-c", script)
                #expect(try eventually { try engine.inspect(name, "{{.State.Status}}") == "running" })
                try engine.ok(command, name)
                #expect(try engine.inspect(name, "{{.State.Status}}") == "exited")
            }
            // Ended by something else it is started again.
            try engine.ok("run", "-d", "--name", "other", "--restart", "unless-stopped", "busybox", "sleep", "300")
            kill(try engine.processID("other"), SIGKILL)
            #expect(try eventually { try state(engine, "other") == "running 1 0" })
            #expect(try engine.inspect("kill", "{{.State.Status}} {{.RestartCount}}") == "exited 0")
            #expect(try engine.inspect("stop", "{{.State.Status}} {{.RestartCount}}") == "exited 0")
        }
    }

    @Test func aDaemonStartsWhatItsPolicySays() throws {
        try TestEngine.with { engine in
            let policies = [
                ("always", "always"), ("unless", "unless-stopped"), ("failure", "on-failure"), ("no", "no"),
            ]
            for (name, policy) in policies {
                // Stopped by hand, and ended while no daemon was there.
                for kind in ["stopped", "ended"] {
                    try engine.ok(
                        "run", "-d", "--name", "\(name)-\(kind)", "--restart", policy, "busybox", "sleep", "300")
                }
                try engine.ok("kill", "\(name)-stopped")
            }
            try engine.ok("create", "--name", "created", "--restart", "always", "busybox", "sleep", "300")
            let pids = try policies.map { try engine.processID("\($0.0)-ended") }
            try engine.stop(SIGKILL)
            for pid in pids { kill(pid, SIGKILL) }
            #expect(eventually { pids.allSatisfy { !exists("/proc/\($0)") } })
            try engine.start()
            let expected = [
                "always-ended": "running", "always-stopped": "running", "unless-ended": "running",
                "unless-stopped": "exited", "failure-ended": "running", "failure-stopped": "exited",
                "no-ended": "exited", "no-stopped": "exited", "created": "created",
            ]
            let found = {
                Dictionary(
                    uniqueKeysWithValues: try engine.ok("ps", "-a", "--format", "{{.Names}} {{.State}}").linesOfText
                        .map { ($0.fields[0], $0.fields[1]) })
            }
            #expect(try eventually { try found() == expected })
            #expect(try engine.inspect("always-ended", "{{.RestartCount}}") == "1")
        }
    }

    /// Between the end and the next start the daemon is killed, again and again.
    @Test func theDaemonDiesInTheBackOff() throws {
        try TestEngine.with { engine in
            try engine.ok(
                "run", "-d", "--name", "c1", "--restart", "always", "busybox", "sh", "-c", "echo run; sleep 0.1; exit 1"
            )
            for round in 1...8 {
                usleep(UInt32.random(in: 20_000...700_000))
                try engine.stop(SIGKILL)
                try engine.start()
                let before = try #require(Int(engine.inspect("c1", "{{.RestartCount}}")))
                #expect(
                    try eventually(20) { try Int(engine.inspect("c1", "{{.RestartCount}}")) ?? 0 > before },
                    "round \(round)")
                // Long waits would make a long test.
                if round % 3 == 0 {
                    try engine.ok("stop", "-t", "0", "c1")
                    try engine.ok("start", "c1")
                }
            }
            // Every run was counted once: one line each.
            try engine.ok("stop", "-t", "0", "c1")
            let runs = try engine.ok("logs", "c1").linesOfText.count
            #expect(runs >= 9, "\(runs)")
        }
    }

    @Test func waitingAndAttachingEndWithEachRun() throws {
        try TestEngine.with { engine in
            let run = try engine("run", "--name", "c1", "--restart", "always", "busybox", "sh", "-c", "echo hi; exit 4")
            #expect(run.status == 4 && run.stdout == "hi\n", "\(run)")
            #expect(try engine("wait", "c1").stdout == "4\n")
            try engine.ok("rm", "-f", "c1")
        }
    }

    @Test(arguments: Client.allCases)
    func wrongPoliciesAreRefused(client: Client) throws {
        try TestEngine.with { engine in
            let answers = [
                (["--rm", "--restart", "always"], "conflicting options: cannot specify both --restart and --rm"),
                (["--restart", "sometimes"], "invalid restart policy: unknown policy 'sometimes'"),
                (["--restart", "always:3"], "maximum retry count can only be used with 'on-failure'"),
                (["--restart", "on-failure:x"], "maximum retry count must be an integer"),
                (["--restart", "on-failure:-1"], "maximum retry count cannot be negative"),
            ]
            for (flags, message) in answers {
                let outcome = try engine.command(["run"] + flags + ["busybox", "true"], by: client)
                #expect(outcome.status == 125, "\(flags): \(outcome)")
                // The older client words its own refusals in another way.
                if client != .docker20 { #expect(outcome.stderr.contains(message), "\(flags): \(outcome)") }
            }
            let body =
                #"{"Image":"busybox","Cmd":["true"],"HostConfig":{"AutoRemove":true,"RestartPolicy":{"Name":"always"}}}"#
            let answer = try engine.http("POST", "/containers/create", body: body)
            #expect(answer.status == 400)
            #expect(answer.message == "can't create 'AutoRemove' container with restart policy")
        }
    }
}
