// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

/// Deaths at points that nobody chose.
@Suite(.serialized) struct CrashTests {
    /// Creates, starts, execs, renames, stops and removes, and says what it asks for and what was reported as done.
    private static let load = """
        i=0
        while :; do
            i=$((i+1)); n=$1-$2-$i
            docker create --name $n -v /anonymous busybox sleep 300 >/dev/null 2>&1 || exit; echo created $n
            docker start $n >/dev/null 2>&1 || exit; echo started $n
            docker exec $n true >/dev/null 2>&1 || exit
            docker rename $n r$n >/dev/null 2>&1 || exit; echo renamed $n
            if [ $((i % 2)) = 0 ]; then
                echo stopping r$n
                docker stop -t 0 r$n >/dev/null 2>&1 || exit
                echo removing r$n
                docker rm -v r$n >/dev/null 2>&1 || exit; echo removed r$n
            else
                echo removing r$n
                docker rm -f -v r$n >/dev/null 2>&1 || exit; echo removed r$n
            fi
        done
        """

    /// Twenty times, or a minute.
    @Test func nothingDoneIsLostAndNothingIsLeftWhenTheDaemonIsKilledAnywhere() throws {
        try TestEngine.with { engine in
            let end = now() + 60
            for round in 0..<20 where now() < end {
                let workers = try (0..<2).map {
                    try RunningCommand(
                        ["sh", "-c", Self.load, "sh", "k\(round)", "\($0)"], environment: engine.clientEnvironment)
                }
                usleep(UInt32.random(in: 100_000...900_000))
                try engine.stop(SIGKILL)
                let said = try workers.map { try $0.wait(timeout: 20).stdout.linesOfText }
                try engine.start()
                try check(engine, said, "round \(round)")
            }
        }
    }

    private func check(_ engine: TestEngine, _ said: [[String]], _ round: String) throws {
        let lines = try engine.ok("ps", "-a", "--format", "{{.Names}} {{.State}}").linesOfText
        let states = Dictionary(lines.map { ($0.fields[0], $0.fields[1]) }, uniquingKeysWith: { first, _ in first })
        // Under its old name, or, where a rename was under way, its new one.
        func state(_ name: String) -> String? { states[name] ?? states["r" + name] }
        for worker in said {
            for line in worker where line.hasPrefix("removed ") {
                #expect(states[line.fields[1]] == nil, "\(round): \(line), but: \(lines)")
            }
            guard let last = worker.last?.fields, last.count == 2 else { continue }
            switch last[0] {
            case "created": #expect(state(last[1]) != nil, "\(round): \(last), but: \(lines)")
            case "started": #expect(state(last[1]) == "running", "\(round): \(last), but: \(lines)")
            case "renamed": #expect(states["r" + last[1]] == "running", "\(round): \(last), but: \(lines)")
            case "stopping": #expect(states[last[1]] != nil, "\(round): \(last), but: \(lines)")
            // Asked for, and not known to be done: either is right.
            default: break
            }
        }
        for (name, state) in states {
            #expect(["created", "running", "exited"].contains(state), "\(round): \(name) \(state)")
            try engine.ok("rm", "-f", "-v", name)
        }
        #expect(try engine.ok("volume", "ls", "-q") == "", "\(round)")
        for leak in engine.leaks() { Issue.record("\(round) left behind: \(leak)") }
    }

    /// A client was told of an exit: its code is known even if the daemon is killed at once.
    @Test func anExitThatWasToldIsKept() throws {
        try TestEngine.with { engine in
            for code in 11..<19 {
                let id = try engine.ok("run", "-d", "busybox", "sh", "-c", "sleep 0.3; exit \(code)")
                #expect(try engine.ok("wait", id) == "\(code)")
                try engine.stop(SIGKILL)
                try engine.start()
                #expect(try engine.inspect(id, "{{.State.Status}} {{.State.ExitCode}}") == "exited \(code)")
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
}
