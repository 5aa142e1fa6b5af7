// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON
import Testing

/// The daemon, and the shims, may die at any moment.
@Suite(.serialized) struct SurvivalTests {
    @Test func containersOutliveTheDaemon() throws {
        try TestEngine.with { engine in
            try engine.withOutside { outside in
                try engine.ok("run", "-d", "--name", "web", "-p", "18080:80", "busybox", "httpd", "-f", "-h", "/www")
                #expect(eventually { (try? engine.fetch("http://127.0.0.1:18080/").status == 0) ?? false })
                let pid = try engine.processID("web")
                let started = try engine.inspect("web", "{{.State.StartedAt}}")
                try engine.stop(SIGKILL)
                #expect(exists("/proc/\(pid)"))
                for url in ["http://127.0.0.1:18080/", "http://[::1]:18080/"] {
                    #expect(try engine.fetch(url).stdout.contains("It works"), "\(url) while no daemon runs")
                }
                #expect(
                    try outside.run(["curl", "-sS", "--max-time", "5", "http://\(outside.host):18080/"]).status == 0)
                try engine.start()
                #expect(try engine.processID("web") == pid)
                #expect(try engine.inspect("web", "{{.State.Status}} {{.State.StartedAt}}") == "running \(started)")
                #expect(try engine.fetch("http://127.0.0.1:18080/").status == 0)
                #expect(try engine.ok("exec", "web", "echo", "in") == "in")
                #expect(
                    try engine("run", "--rm", "-p", "18080:80", "busybox", "true").stderr.contains(
                        "port is already allocated"))
                try engine.ok("stop", "-t", "1", "web")
                try engine.ok("rm", "web")
            }
        }
    }

    @Test func outputHasNoHole() throws {
        try TestEngine.with { engine in
            let id = try engine.ok(
                "run", "-d", "busybox", "sh", "-c",
                "i=0; while [ $i -lt 2000 ]; do i=$((i+1)); echo $i; usleep 1000; done")
            for _ in 0..<3 {
                usleep(400_000)
                try engine.stop(SIGKILL)
                usleep(200_000)
                try engine.start()
            }
            #expect(try engine.ok("wait", id, timeout: 60) == "0")
            let numbers = try engine.ok("logs", id).linesOfText.compactMap { Int($0) }
            #expect(numbers == Array(1...2000), "\(numbers.count) lines")
        }
    }

    /// The next daemon asks the shim which execs there are, and how those ended that ended meanwhile.
    @Test(arguments: [Client.docker, .wharf])
    func execsOutliveTheDaemon(client: Client) throws {
        try TestEngine.with { engine in
            try engine.ok("run", "-d", "--name", "c1", "busybox", "sleep", "300")
            let running = try engine.begin(
                "exec", "c1", "sh", "-c", "echo running; while [ ! -e /go ]; do sleep 0.05; done; exit 7", by: client)
            let body = #"{"AttachStdout":true,"Cmd":["sh","-c","while [ ! -e /end ]; do sleep 0.05; done; exit 5"]}"#
            let ending = try #require(engine.http("POST", "/containers/c1/exec", body: body).json()["Id"]?.string)
            #expect(try engine.http("POST", "/exec/\(ending)/start", body: #"{"Detach":true}"#).status == 200)
            #expect(eventually { running.outputSoFar == "running\n" })
            let root = "/proc/\(try engine.processID("c1"))/root"
            try engine.stop(SIGKILL)
            try mustRun(["touch", root + "/end"])
            #expect(eventually { !engine.processes().contains { $0.command.contains("/end") } })
            try engine.start()
            let ended = try engine.http("GET", "/exec/\(ending)/json")
            #expect(try ended.json()["ExitCode"]?.integer == 5 && ended.json()["Running"] == false, "\(ended)")
            let other = try engine.http("GET", "/containers/c1/json").json()["ExecIDs"]
            #expect(other?.array?.count == 1, "\(String(describing: other))")
            try mustRun(["touch", root + "/go"])
            #expect(try running.wait(timeout: 10).status == 7)
        }
    }

    @Test func exitsMeanwhileAreRecorded() throws {
        try TestEngine.with { engine in
            let ended = [
                try engine.ok(
                    "run", "-d", "--name", "code", "busybox", "sh", "-c",
                    "trap 'exit 33' TERM; echo ready; while :; do sleep 0.1; done"),
                try engine.ok("run", "-d", "--name", "signal", "busybox", "sleep", "300"),
                try engine.ok("run", "-d", "--name", "gone", "--rm", "-v", "/anonymous", "busybox", "sleep", "300"),
            ]
            let last = try engine.ok("run", "-d", "--name", "stays", "busybox", "sleep", "300")
            #expect(try eventually { try engine.ok("logs", "code") == "ready" })
            let pids = try ended.map(engine.processID)
            try engine.stop(SIGKILL)
            for (pid, signal) in zip(pids, [SIGTERM, SIGKILL, SIGKILL]) { kill(pid, signal) }
            #expect(eventually { ended.allSatisfy { exists(engine.execRoot + "/containers/\($0)/exit.json") } })
            let restart = try mustRun(["date", "-u", "+%s"]).text
            try engine.start()
            #expect(try eventually { try engine.inspect("code", "{{.State.Status}}") == "exited" })
            #expect(try engine.inspect("code", "{{.State.ExitCode}} {{.State.Running}}") == "33 false")
            #expect(try engine.inspect("signal", "{{.State.ExitCode}} {{.State.Running}}") == "137 false")
            let finished = try engine.inspect("code", "{{.State.FinishedAt}}")
            let seconds = try mustRun(["date", "-u", "-d", finished, "+%s"]).text
            #expect(
                try #require(Int(seconds)) <= #require(Int(restart)),
                "the time of the exit, not of its discovery: \(finished)")
            #expect(
                try eventually {
                    try engine.ok("ps", "-a", "--format", "{{.Names}}", "--filter", "name=gone") == ""
                }, "--rm")
            #expect(list(engine.dataRoot + "/volumes") == [])
            #expect(try engine.ok("ps", "-q", "--no-trunc") == last)
        }
    }

    @Test func attachedClientsGoOn() throws {
        try TestEngine.with { engine in
            let client = try engine.begin(
                "run", "-i", "--name", "c1", "busybox", "sh", "-c",
                "echo ready; while read x; do echo got $x; done; echo bye", typing: true)
            #expect(eventually { client.outputSoFar == "ready\n" })
            try engine.stop(SIGKILL)
            client.type("one\n")
            #expect(eventually { client.outputSoFar.contains("got one") }, "the stream is the shim's")
            try engine.start()
            client.type("two\n")
            #expect(eventually { client.outputSoFar.contains("got two") })
            try engine.ok("rm", "-f", "c1")
            _ = try? client.wait(timeout: 5)
        }
    }

    @Test func aRestartedDaemonTakesOverEverything() throws {
        try TestEngine.with { engine in
            try engine.ok("run", "-d", "--name", "tty", "-it", "busybox", "sh")
            try engine.ok(
                "run", "-d", "--name", "c1", "-v", "v1:/v", "busybox", "sh", "-c",
                "trap 'exit 4' TERM; while :; do sleep 0.1; done")
            try engine.ok("tag", "busybox", "kept:1")
            for signal in [SIGKILL, SIGTERM] {
                try engine.stop(signal)
                try engine.start()
                #expect(try engine.ok("ps", "--format", "{{.Names}}").linesOfText == ["c1", "tty"])
                #expect(try engine.ok("images", "-q", "kept").linesOfText.count == 1)
                #expect(try engine.ok("volume", "ls", "-q") == "v1")
                #expect(try engine.ok("exec", "c1", "echo", "hi") == "hi")
            }
            let terminal = try engine.terminal("attach", "tty")
            terminal.type("echo a''b\r")
            try terminal.expect("ab")
            terminal.type("exit 2\r")
            #expect(try terminal.end() == 2)
            try engine.ok("stop", "c1")
            #expect(try engine.inspect("c1", "{{.State.ExitCode}}") == "4")
        }
    }

    @Test func aDeadShimIsADeadContainer() throws {
        try TestEngine.with { engine in
            try engine.ok("run", "-d", "--name", "c1", "-p", "18080:80", "busybox", "httpd", "-f", "-h", "/www")
            let pid = try engine.processID("c1")
            kill(try engine.shim("c1"), SIGKILL)
            #expect(try eventually { try engine.inspect("c1", "{{.State.Status}}") == "exited" })
            #expect(try engine.inspect("c1", "{{.State.ExitCode}} {{.State.Pid}}") == "137 0")
            #expect(eventually { !exists("/proc/\(pid)") })
            // Its resources are free again
            try engine.ok("run", "-d", "--name", "d1", "-p", "18080:80", "busybox", "httpd", "-f", "-h", "/www")
            try engine.ok("rm", "-f", "d1")
            try engine.ok("start", "c1")
            #expect(try engine.inspect("c1", "{{.State.Status}}") == "running")
        }
    }

    @Test func aShimThatDiesWhileTheDaemonIsDown() throws {
        try TestEngine.with { engine in
            try engine.ok("run", "-d", "--name", "c1", "busybox", "sleep", "300")
            let pid = try engine.processID("c1")
            let shim = try engine.shim("c1")
            try engine.stop(SIGKILL)
            kill(shim, SIGKILL)
            #expect(eventually { !exists("/proc/\(shim)") })
            try engine.start()
            #expect(try eventually { try engine.inspect("c1", "{{.State.Status}}") == "exited" })
            #expect(eventually { !exists("/proc/\(pid)") })
            try engine.ok("rm", "c1")
        }
    }

    /// Not being able to ask is no sign of an end.
    @Test func aShimThatCannotBeReachedIsLeftAlone() throws {
        try TestEngine.with { engine in
            let id = try engine.ok("run", "-d", "--name", "c1", "-p", "18080:80", "busybox", "httpd", "-f")
            let pid = try engine.processID("c1")
            try engine.stop(SIGKILL)
            // A path that leads to itself can't be looked up.
            let socket = engine.execRoot + "/containers/\(id)/shim.sock"
            try mustRun(["mv", socket, socket + "-"])
            try mustRun(["ln", "-s", "shim.sock", socket])
            try engine.start()
            #expect(try engine.ok("ps", "-aq") == "")
            #expect(engine.logTail().contains("left alone"))
            #expect(exists("/proc/\(pid)"))
            try engine.stop(SIGKILL)
            try mustRun(["mv", socket + "-", socket])
            try engine.start()
            #expect(try engine.processID("c1") == pid)
            #expect(try engine.ok("port", "c1").linesOfText.first == "80/tcp -> 0.0.0.0:18080")
        }
    }

    @Test func netdIsRestarted() throws {
        try TestEngine.with { engine in
            try engine.ok("run", "-d", "--name", "web", "-p", "18080:80", "busybox", "httpd", "-f", "-h", "/www")
            #expect(eventually { (try? engine.fetch("http://127.0.0.1:18080/").status == 0) ?? false })
            let helper = try #require(engine.processes().first { $0.isHelper })
            kill(helper.pid, SIGKILL)
            #expect(eventually { engine.processes().contains { $0.isHelper && $0.pid != helper.pid } })
            #expect(eventually { (try? engine.fetch("http://127.0.0.1:18080/").status == 0) ?? false })
            #expect(
                try engine("run", "--rm", "-p", "18080:80", "busybox", "true").status == 125,
                "the port is still reserved")
        }
    }

    @Test func aDatabaseThatIsNewerIsLeftAlone() throws {
        try TestEngine.with(image: false) { engine in
            try engine.stop(SIGTERM)
            let path = engine.dataRoot + "/wharf.db"
            func version(_ change: String) throws -> String {
                let program =
                    "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); print(c.execute('pragma user_version').fetchone()[0]); c.execute('pragma user_version = ' + sys.argv[2]); c.commit()"
                return try mustRun(["python3", "-c", program, path, change]).text
            }
            let own = try version("9999")
            let before = readFile(path)
            #expect(throws: Failure.self) { try engine.start() }
            #expect(readFile(path) == before)
            #expect(engine.logTail().contains("newer"), "\(engine.logTail())")
            #expect(try version(own) == "9999")
            try engine.start()
        }
    }
}
