// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON
import Testing

/// `--log-driver` and `--log-opt`.
@Suite(.serialized) struct LogDriverTests {
    private func logFolder(_ engine: TestEngine, _ id: String) -> String { "\(engine.dataRoot)/containers/\(id)" }

    @Test(arguments: Client.allCases)
    func attributesGoWithEveryLine(client: Client) throws {
        try TestEngine.with { engine in
            let id = try engine.ok(
                "run", "-d", "--name", "c1", "--label", "com.a=1 & 2", "--label", "com.b=x", "--label", "other=y",
                "--env", "STAGE=test", "--env", "SECRET=no", "--log-opt", "labels=other,missing", "--log-opt",
                "labels-regex=^com\\.", "--log-opt", "env=STAGE", "--log-opt", "env-regex=^ST", "--log-opt",
                "tag={{.Name}}/{{.ID}}", "busybox", "sh", "-c", "echo one; echo two >&2", by: client)
            #expect(try engine.ok("wait", "c1") == "0")
            let short = id.prefix(12)
            let details = "STAGE=test,com.a=1+%26+2,com.b=x,other=y,tag=c1%2F\(short)"
            let shown = try engine("logs", "--details", "c1", by: client)
            #expect(shown.stdout == "\(details) one\n" && shown.stderr == "\(details) two\n", "\(shown)")
            #expect(try engine("logs", "c1", by: client).stdout == "one\n")
            let timed = try engine.ok("logs", "-t", "--details", "c1", by: client).linesOfText[0].fields
            #expect(timed[0].hasSuffix("Z") && timed[1] == details && timed[2] == "one", "\(timed)")
            let path = try engine.inspect("c1", "{{.LogPath}}")
            let line = try JSON.parse(Array(try #require(readText(path)).linesOfText[0].utf8))
            #expect(line.keys == ["log", "stream", "attrs", "time"])
            #expect(line["attrs"]?["com.a"]?.text == "1 & 2" && line["attrs"]?["SECRET"] == nil)
        }
    }

    /// What has been rotated away is compressed beside the container, and read as if it were not.
    @Test(arguments: ["json-file", "local"])
    func rotatedFilesAreCompressed(driver: String) throws {
        try TestEngine.with { engine in
            let id = try engine.ok(
                "run", "-d", "-i", "--name", "c1", "--log-driver", driver, "--log-opt", "max-size=100k", "--log-opt",
                "max-file=4", "--log-opt", "compress=true", "busybox", "sh", "-c",
                "seq 3000; sleep 0.5; seq 3001 6000; sleep 0.5; seq 6001 7000; cat")
            let folder = logFolder(engine, id)
            let log = driver == "local" ? folder + "/local-logs/container.log" : folder + "/\(id)-json.log"
            let follower = try engine.begin("logs", "-f", "c1")
            #expect(eventually { (1...3).allSatisfy { exists("\(log).\($0).gz") && !exists("\(log).\($0)") } })
            #expect(eventually { !exists(log + ".packing") })
            try mustRun(["gzip", "-t"] + (1...3).map { "\(log).\($0).gz" })
            #expect(!exists(log + ".4") && !exists(log + ".4.gz"))
            #expect(eventually { follower.outputSoFar.hasSuffix("7000\n") })
            #expect(follower.outputSoFar.linesOfText == (1...7000).map(String.init), "the follower misses nothing")
            let kept = try engine.ok("logs", "c1").linesOfText.compactMap { Int($0) }
            #expect(kept.last == 7000 && kept.count < 7000 && kept.count > 3000)
            #expect(kept == Array((7001 - kept.count)...7000), "whole, and in order")
            #expect(try engine.ok("logs", "--tail", "2500", "c1").linesOfText == (4501...7000).map(String.init))
            let inspected = try engine.inspect("c1", "{{.LogPath}}")
            #expect(inspected == (driver == "local" ? "" : log))
            try engine.ok("kill", "c1")
            _ = try follower.wait(timeout: 5)
            #expect(try engine.ok("logs", "--tail", "1", "c1") == "7000")
        }
    }

    @Test func noneIsNotRead() throws {
        try TestEngine.with { engine in
            #expect(try engine("run", "--log-driver", "none", "--name", "c1", "busybox", "echo", "hi").stdout == "hi\n")
            for client in Client.allCases {
                let logs = try engine("logs", "c1", by: client)
                #expect(
                    logs.status == 1 && logs.stderr.contains("configured logging driver does not support reading"),
                    "\(logs)")
            }
            #expect(try engine.inspect("c1", "{{.LogPath}}{{.HostConfig.LogConfig.Type}}") == "none")
        }
    }

    @Test(arguments: [Client.docker, Client.wharf])
    func wrongOptionsAreRefused(client: Client) throws {
        try TestEngine.with { engine in
            for (options, message) in [
                (["max-size=x"], "invalid value for 'max-size': invalid size: 'x'"),
                (["nosuch=1"], "unknown log opt 'nosuch' for json-file log driver"),
                (["mode=fast"], "logger: logging mode not supported: fast"),
                (["max-buffer-size=1m"], "logger: max-buffer-size option is only supported with 'mode=non-blocking'"),
                (["compress=maybe"], "invalid boolean value for compress"),
                (["tag={{.Nope"], "template"),
            ] {
                let flags = options.flatMap { ["--log-opt", $0] }
                let outcome = try engine.command(["run"] + flags + ["busybox", "true"], by: client)
                #expect(outcome.status == 125 && outcome.stderr.contains(message), "\(options): \(outcome)")
            }
            #expect(
                try engine("run", "--log-driver", "nosuch", "busybox", "true", by: client).stderr.contains(
                    "error looking up logging plugin nosuch: plugin \"nosuch\" not found"))
            try engine.ok(
                "run", "--rm", "--log-opt", "mode=non-blocking", "--log-opt", "max-buffer-size=4m", "busybox", "true",
                by: client)
            #expect(try engine.ok("ps", "-aq") == "")
        }
    }

    @Test func theDaemonHasADriverOfItsOwn() throws {
        let flags = ["--log-driver", "local", "--log-opt", "max-size=1m", "--log-opt", "tag=x"]
        try TestEngine.with(arguments: flags) { engine in
            try engine.ok("run", "--name", "c1", "busybox", "echo", "hi")
            #expect(
                try engine.inspect("c1", "{{json .HostConfig.LogConfig}}")
                    == #"{"Type":"local","Config":{"max-size":"1m","tag":"x"}}"#)
            #expect(try engine.ok("logs", "--details", "c1") == "tag=x hi")
            try engine.ok("run", "--name", "c2", "--log-driver", "json-file", "busybox", "true")
            #expect(try engine.inspect("c2", "{{json .HostConfig.LogConfig}}") == #"{"Type":"json-file","Config":{}}"#)
            #expect(try engine.ok("info", "-f", "{{.LoggingDriver}} {{.Plugins.Log}}") == "local [json-file local]")
        }
    }
}
