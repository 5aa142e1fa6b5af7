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

    /// Twenty times: killed at any point of a load of creates, starts, execs, renames, stops and removals.
    @Test func nothingDoneIsLostAndNothingIsLeftWhenTheDaemonIsKilledAnywhere() throws {
        try TestEngine.with { engine in
            var random = SystemRandomNumberGenerator()
            var alive: [String: Bool] = [:]
            let end = now() + 60
            for round in 0..<20 where now() < end {
                let script = """
                    say() { echo "$*"; }
                    i=0
                    while :; do
                        i=$((i+1)); n=$1-$2-$i
                        docker create --name $n -v /anonymous busybox sleep 300 >/dev/null 2>&1 || exit; say created $n
                        docker start $n >/dev/null 2>&1 || exit; say started $n
                        docker exec $n true >/dev/null 2>&1 || exit
                        docker rename $n r$n >/dev/null 2>&1 || exit; say renamed $n
                        if [ $((i % 2)) = 0 ]; then
                            say stopping r$n
                            docker stop -t 0 r$n >/dev/null 2>&1 || exit; say stopped r$n
                            say removing r$n
                            docker rm -v r$n >/dev/null 2>&1 || exit; say removed r$n
                        else
                            say removing r$n
                            docker rm -f -v r$n >/dev/null 2>&1 || exit; say removed r$n
                        fi
                    done
                    """
                let workers = try (0..<2).map {
                    try RunningCommand(
                        ["sh", "-c", script, "sh", "k\(round)", "\($0)"], environment: engine.clientEnvironment)
                }
                usleep(UInt32.random(in: 100_000...900_000, using: &random))
                try engine.stop(SIGKILL)
                let said = try workers.map { try $0.wait(timeout: 20).stdout.linesOfText }
                try engine.start()
                for line in said.joined() {
                    let words = line.fields
                    guard words.count == 2 else { continue }
                    switch words[0] {
                    case "created": alive[words[1]] = true
                    case "renamed":
                        alive[words[1]] = nil
                        alive["r" + words[1]] = true
                    // Asked for, and not known to be done: either is right.
                    case "removing": alive[words[1]] = false
                    case "removed": alive[words[1]] = nil
                    default: break
                    }
                }
                let lines = try engine.ok("ps", "-a", "--format", "{{.Names}} {{.State}}").linesOfText
                let states = Dictionary(lines.map { ($0.fields[0], $0.fields[1]) }, uniquingKeysWith: { a, _ in a })
                for (name, isSure) in alive where isSure {
                    // A rename that was under way may be done.
                    #expect(
                        states[name] != nil || states["r" + name] != nil, "round \(round): \(name) is lost: \(lines)")
                }
                for words in said.map({ $0.last?.fields ?? [] })
                where words.first == "started" || words.first == "renamed" {
                    let state = states[words[1]] ?? states["r" + words[1]]
                    #expect(state == "running", "round \(round): \(words[1]) was reported as started: \(lines)")
                }
                for (name, state) in states {
                    #expect(["created", "running", "exited"].contains(state), "\(name) \(state)")
                    try engine.ok("rm", "-f", "-v", name)
                }
                alive = [:]
                #expect(try engine.ok("volume", "ls", "-q") == "", "round \(round)")
                for leak in engine.leaks() { Issue.record("round \(round) left behind: \(leak)") }
            }
        }
    }

    /// `rm -f` finds the container running, and its supervisor ends before it is asked.
    @Test func forcedRemovalOfWhatEndsMeanwhile() throws {
        try TestEngine.with { engine in
            for round in 0..<12 {
                let name = "c\(round)"
                try engine.ok(
                    "run", "-d", round % 2 == 0 ? "--rm" : "--init", "--name", name, "busybox", "sleep", "300")
                let shim = try engine.shim(name)
                let pid = try engine.processID(name)
                let removal = try engine.begin("rm", "-f", name)
                usleep(UInt32(round / 4) * 10_000)
                kill(round % 3 == 0 ? pid : shim, SIGKILL)
                let outcome = try removal.wait(timeout: 15)
                // With `--rm` it may be gone before the client's request is read.
                let isGone =
                    outcome.stderr.contains("No such container") || outcome.stderr.contains("already in progress")
                #expect(outcome.status == 0 || (round % 2 == 0 && isGone), "\(round): \(outcome)")
                #expect(try eventually(5) { try engine.ok("ps", "-aq") == "" }, "\(round)")
            }
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
