// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON
import Testing

/// Health checks: what a client sees of them.
@Suite(.serialized) struct HealthTests {
    private func health(_ engine: TestEngine, _ name: String) throws -> String {
        try engine.inspect(name, "{{.State.Health.Status}}")
    }

    private func log(_ engine: TestEngine, _ name: String) throws -> [JSONValue] {
        try engine.http("GET", "/containers/\(name)/json").json()["State"]?["Health"]?["Log"]?.elements ?? []
    }

    @Test(arguments: Client.allCases)
    func becomesHealthyAndUnhealthy(client: Client) throws {
        try TestEngine.with { engine in
            try engine.ok(
                "run", "-d", "--name", "c1", "--health-cmd", "test -e /tmp/ok && echo fine", "--health-interval",
                "300ms", "--health-retries", "2", "busybox", "sleep", "300", by: client)
            #expect(
                try engine.inspect("c1", "{{.State.Health.Status}} {{.State.Health.FailingStreak}}") == "starting 0")
            #expect(try engine.ok("ps", "--format", "{{.Status}}", by: client).hasSuffix("(health: starting)"))
            #expect(try engine.ok("ps", "-q", "--filter", "health=starting", by: client) != "")
            #expect(try eventually { try health(engine, "c1") == "unhealthy" })
            try engine.ok("exec", "c1", "touch", "/tmp/ok", by: client)
            #expect(try eventually { try health(engine, "c1") == "healthy" })
            #expect(try engine.ok("ps", "--format", "{{.Status}}", by: client).hasSuffix(" (healthy)"))
            #expect(try engine.ok("ps", "-q", "--filter", "health=healthy", by: client) != "")
            #expect(try engine.ok("ps", "-q", "--filter", "health=none", by: client) == "")
            let last = try #require(log(engine, "c1").last)
            #expect(last["ExitCode"]?.text == "0" && last["Output"]?.text == "fine\n", "\(last)")
            try engine.ok("exec", "c1", "rm", "/tmp/ok", by: client)
            #expect(try eventually { try health(engine, "c1") == "unhealthy" })
            #expect(try eventually { try log(engine, "c1").count == 5 })
            let events = try engine.ok(
                "events", "--since", "1h", "--until", try engine.clock(), "--filter", "container=c1", "--filter",
                "event=health_status", "--format", "{{.Action}}", by: client)
            #expect(
                events.linesOfText
                    == ["health_status: unhealthy", "health_status: healthy", "health_status: unhealthy"])
            let execs = try engine.ok(
                "events", "--since", "1h", "--until", try engine.clock(), "--filter", "container=c1", "--format",
                "{{.Action}}",
                by: client
            ).linesOfText
            let command = "/bin/sh -c test -e /tmp/ok && echo fine"
            #expect(execs.contains("exec_create: " + command) && execs.contains("exec_start: " + command))
            #expect(execs.contains("exec_die"))
            try engine.ok("kill", "c1")
            // Nobody looks after it any more.
            #expect(try health(engine, "c1") == "unhealthy")
            #expect(try engine.ok("ps", "-a", "--format", "{{.Status}}").hasPrefix("Exited (137)"))
        }
    }

    @Test func aCheckThatTakesTooLongIsKilled() throws {
        try TestEngine.with { engine in
            try engine.ok(
                "run", "-d", "--name", "c1", "--health-cmd", "echo begun; exec sleep 4321", "--health-interval",
                "100ms",
                "--health-timeout", "400ms", "--health-retries", "1", "busybox", "sleep", "300")
            #expect(try eventually { try health(engine, "c1") == "unhealthy" })
            let first = try #require(log(engine, "c1").first)
            #expect(first["ExitCode"]?.text == "-1")
            #expect(first["Output"]?.text == "Health check exceeded timeout (400ms): begun\n", "\(first)")
            // One at a time, and none is left.
            #expect(try engine.ok("top", "c1").linesOfText.count { $0.contains("sleep 4321") } <= 1)
            try engine.ok("pause", "c1")
            try engine.ok("unpause", "c1")
        }
    }

    @Test func outputIsCut() throws {
        try TestEngine.with { engine in
            try engine.ok(
                "run", "-d", "--name", "c1", "--health-cmd", "head -c 9000 /dev/zero | tr '\\0' x; exit 7",
                "--health-interval", "100ms", "--health-start-period", "1h", "--health-start-interval", "100ms",
                "busybox", "sleep", "300")
            #expect(try eventually { try !log(engine, "c1").isEmpty })
            let first = try #require(log(engine, "c1").first)
            #expect(first["ExitCode"]?.text == "7")
            #expect(first["Output"]?.text == String(repeating: "x", count: 4096) + "...")
            // In the start period failures don't count.
            #expect(try eventually { try log(engine, "c1").count == 5 })
            #expect(
                try engine.inspect("c1", "{{.State.Health.Status}} {{.State.Health.FailingStreak}}") == "starting 0")
        }
    }

    @Test func aPausedContainerIsNotChecked() throws {
        try TestEngine.with { engine in
            try engine.ok(
                "run", "-d", "--name", "c1", "--health-cmd", "echo x >>/tmp/checks", "--health-interval", "100ms",
                "busybox", "sleep", "300")
            #expect(try eventually { try health(engine, "c1") == "healthy" })
            try engine.ok("pause", "c1")
            let execs = {
                try engine.ok(
                    "events", "--since", "1h", "--until", try engine.clock(), "--filter", "event=exec_create",
                    "--format", "x"
                ).linesOfText.count
            }
            let before = try execs()
            usleep(700_000)
            #expect(try execs() == before)
            try engine.ok("unpause", "c1")
            #expect(try eventually { try execs() > before })
            #expect(try eventually { try health(engine, "c1") == "healthy" })
        }
    }

    @Test func checksGoOnWithTheNextDaemon() throws {
        try TestEngine.with { engine in
            try engine.ok(
                "run", "-d", "--name", "c1", "--health-cmd", "test ! -e /tmp/bad", "--health-interval", "200ms",
                "--health-retries", "1", "busybox", "sleep", "300")
            #expect(try eventually { try health(engine, "c1") == "healthy" })
            for signal in [SIGKILL, SIGTERM] {
                try engine.stop(signal)
                try engine.start()
                #expect(try health(engine, "c1") == "healthy")
            }
            try engine.ok("exec", "c1", "touch", "/tmp/bad")
            #expect(try eventually { try health(engine, "c1") == "unhealthy" })
        }
    }

    @Test(arguments: Client.allCases)
    func imagesHaveChecksToo(client: Client) throws {
        try TestEngine.with { engine in
            let config =
                #"{"Env":["PATH=/bin"],"Cmd":["sleep","300"],"Healthcheck":{"Test":["CMD","/bin/false"],"Interval":100000000,"Retries":1}}"#
            let archive = try Project.image("healthcheck.tar", ["--name", "checked:1", "--config", config])
            try engine.ok("load", "-q", "-i", archive)
            try engine.ok("run", "-d", "--name", "own", "checked:1", by: client)
            #expect(try eventually { try health(engine, "own") == "unhealthy" })
            try engine.ok("run", "-d", "--name", "mine", "--health-cmd", "true", "checked:1", by: client)
            #expect(try eventually { try health(engine, "mine") == "healthy" }, "the interval is the image's")
            try engine.ok("run", "-d", "--name", "off", "--no-healthcheck", "checked:1", by: client)
            #expect(try engine.ok("ps", "--format", "{{.Status}}", "--filter", "name=off").contains("health") == false)
            #expect(try engine.ok("ps", "--format", "{{.Names}}", "--filter", "health=none") == "off")
        }
    }

    @Test func wrongChecksAreRefused() throws {
        try TestEngine.with { engine in
            for (check, message) in [
                (#"{"Test":["CMD","x"],"Interval":5}"#, "Interval in Healthcheck cannot be less than 1ms"),
                (#"{"Test":["CMD","x"],"Timeout":-5}"#, "Timeout in Healthcheck cannot be less than 1ms"),
                (#"{"Test":["CMD","x"],"StartPeriod":7}"#, "StartPeriod in Healthcheck cannot be less than 1ms"),
                (#"{"Test":["CMD","x"],"StartInterval":7}"#, "StartInterval in Healthcheck cannot be less than 1ms"),
                (#"{"Test":["CMD","x"],"Retries":-1}"#, "Retries in Healthcheck cannot be negative"),
                (#"{"Test":["CMD"]}"#, "Missing command after CMD in Healthcheck"),
            ] {
                let body = #"{"Image":"busybox","Cmd":["true"],"Healthcheck":\#(check)}"#
                let answer = try engine.http("POST", "/containers/create", body: body)
                #expect(answer.status == 400 && answer.message == message, "\(check): \(answer)")
            }
            for flags in [
                ["--health-interval", "-1s"], ["--health-retries", "-1"], ["--health-start-period", "-1s"],
            ] {
                let docker = try engine.command(["create"] + flags + ["busybox"], by: .docker)
                let wharf = try engine.command(["create"] + flags + ["busybox"], by: .wharf)
                #expect(
                    docker.status == wharf.status && docker.stderr == wharf.stderr.replacing("wharf", with: "docker"),
                    "\(docker) \(wharf)")
            }
        }
    }
}
