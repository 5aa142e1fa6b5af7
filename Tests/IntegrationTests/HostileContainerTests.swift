// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON
import Testing

/// Programs that do all they can to stay, to hurt their neighbours, or to use up what is not theirs.
@Suite(.serialized) struct HostileContainerTests {
    private static let bomb = "b() { b | b & }; b; sleep 300"

    @Test(arguments: [[], ["--init"]]) func forkBomb(flags: [String]) throws {
        try TestEngine.with { engine in
            try engine.ok("run", "-d", "--name", "well", "busybox", "sleep", "300")
            let limits = ["-d", "--name", "bomb", "--pids-limit", "60"] + flags
            try engine.command(["run"] + limits + ["busybox", "sh", "-c", Self.bomb])
            usleep(500_000)
            #expect(try engine.ok("exec", "well", "echo", "hi") == "hi")
            #expect(try engine.ok("run", "--rm", "busybox", "echo", "hi") == "hi")
            try engine.ok("top", "bomb")
            try engine.ok("rm", "-f", "bomb", timeout: 15)
        }
    }

    /// -1 and 0 mean no limit.
    @Test(arguments: ["-1", "0"]) func noLimitOfProcesses(limit: String) throws {
        try TestEngine.with { engine in
            let count = "i=0; while [ $i -lt 200 ]; do sleep 5 & i=$((i+1)); done; echo $i"
            let counted = try engine.ok("run", "--rm", "--pids-limit", limit, "busybox", "sh", "-c", count)
            #expect(counted == "200")
        }
    }

    @Test(arguments: [
        "trap '' TERM INT HUP; while :; do sleep 1; done", "kill -STOP 1; sleep 300",
        "(trap '' TERM; setsid sleep 300 &); trap '' TERM; while :; do sleep 1; done",
    ])
    func whatDoesNotWantToEnd(program: String) throws {
        try TestEngine.with { engine in
            for flags in [[], ["--init"]] {
                try engine.command(["run", "-d", "--name", "c1"] + flags + ["busybox", "sh", "-c", program])
                usleep(300_000)
                #expect(try engine.ok("exec", "c1", "echo", "hi") == "hi")
                let start = now()
                try engine.ok("stop", "-t", "1", "c1")
                #expect(now() - start < 6)
                #expect(try engine.inspect("c1", "{{.State.Running}}") == "false")
                try engine.ok("rm", "c1")
            }
        }
    }

    /// Processes that left their parents end with the container's first one.
    @Test func daemonsEndWithInit() throws {
        try TestEngine.with { engine in
            let program =
                "(setsid sleep 4321 >/dev/null 2>&1 </dev/null &); (trap '' TERM HUP; sleep 4321 &); echo done"
            let start = now()
            let said = try engine.ok("run", "--name", "c1", "busybox", "sh", "-c", program)
            #expect(said == "done")
            #expect(now() - start < 6, "the output that they hold open is not waited for")
            #expect(eventually(3) { !engine.processes().contains { $0.command.contains("sleep 4321") } })
        }
    }

    /// An exec that comes as the container ends is refused or killed; it never hangs.
    @Test func execIntoADyingContainer() throws {
        try TestEngine.with { engine in
            for delay in stride(from: 50_000, through: 350_000, by: 50_000) {
                try engine.ok("run", "-d", "--rm", "--name", "c1", "busybox", "usleep", "\(delay)")
                let execs = try (0..<4).map { _ in try engine.begin("exec", "c1", "sleep", "300") }
                for exec in execs {
                    let outcome = try exec.wait(timeout: 10)
                    #expect([1, 126, 137].contains(outcome.status), "\(outcome)")
                }
                #expect(try eventually(5) { try engine.ok("ps", "-aq") == "" })
            }
        }
    }

    /// A flood of output while no daemon runs stays within the log's files, and the shim's memory.
    @Test func floodWithoutADaemon() throws {
        try TestEngine.with { engine in
            let id = try engine.command(
                ["run", "-d", "--log-opt", "max-size=1m", "--log-opt", "max-file=3", "busybox", "yes", "flood"]
            ).text
            let shim = try engine.shim(id)
            try engine.stop(SIGKILL)
            usleep(1_500_000)
            let folder = "\(engine.dataRoot)/containers/\(id)"
            let logs = list(folder).filter { $0.contains("-json.log") }
            // One may just be on its way to another name.
            #expect((1...3).contains(logs.count), "\(logs)")
            for log in logs { #expect((readFile("\(folder)/\(log)")?.count ?? 0) <= 1_000_000, "\(log)") }
            let memory = privateKilobytes(shim)
            #expect(memory < 16384, "\(memory) KB")
            try engine.start()
            try engine.ok("stop", "-t", "0", id)
            // The last line may be cut, as the process was killed.
            let last = try engine.ok("logs", "-n", "1", id)
            #expect(!last.isEmpty && "flood".hasPrefix(last), "\(last)")
        }
    }

    /// Input for a program that does not read it stays with the client.
    @Test func inputThatNobodyReads() throws {
        try TestEngine.with { engine in
            let id = try engine.ok("run", "-di", "busybox", "sleep", "300")
            let client = try RawConnection(engine.socket)
            client.send(Storm.upgrade("/containers/\(id)/attach?stream=1&stdin=1"))
            client.read { String(decoding: $0, as: UTF8.self).contains("\r\n\r\n") }
            _ = fcntl(client.descriptor, F_SETFL, O_NONBLOCK)
            let part = [UInt8](repeating: 65, count: 65536)
            var sent = 0
            for _ in 0..<100 {
                sent += max(0, send(client.descriptor, part, part.count, Int32(MSG_NOSIGNAL)))
                usleep(5_000)
            }
            #expect(sent < 4 << 20, "\(sent)")
            #expect(try privateKilobytes(engine.shim(id)) < 4096)
            #expect(try engine.ok("exec", id, "echo", "hi") == "hi")
            client.vanish()
        }
    }

    /// What a container leaves in its file system can be removed, whatever it is.
    @Test func oddFiles() throws {
        try TestEngine.with { engine in
            let program = """
                i=0; while [ $i -lt 1500 ]; do mkdir dddddddddddddddddddd; cd dddddddddddddddddddd; i=$((i+1)); done
                cd /; mkdir -p a; ln -s / a/root; mkfifo a/fifo; chmod 000 a; touch "$(printf 'n\\nl')" ' ' -- -rf; echo made
                """
            #expect(try engine.ok("run", "--name", "c1", "busybox", "sh", "-c", program, timeout: 60) == "made")
            try engine.ok("rm", "c1", timeout: 60)
            #expect(try engine.ok("run", "--rm", "busybox", "sh", "-c", program, timeout: 60) == "made")
        }
    }

    /// A container that replaces the engine's files in its root finds them again at its next start, and nothing else
    /// happens.
    @Test func theEnginesFilesAreReplaced() throws {
        try TestEngine.with { engine in
            let mark = engine.folder + "/mark"
            let program =
                "umount /etc/hosts /etc/resolv.conf; rm -f /etc/hosts /etc/resolv.conf; "
                + "ln -s \(mark) /etc/hosts; ln -s /etc /etc/resolv.conf; echo done"
            try engine.ok("run", "--name", "c1", "--privileged", "busybox", "sh", "-c", program)
            #expect(try engine("start", "-a", "c1").status != 0, "a directory is no place for a file")
            #expect(!exists(mark))
            try engine.ok("rm", "c1")
        }
    }

    private func privateKilobytes(_ pid: pid_t) -> Int {
        (readText("/proc/\(pid)/smaps_rollup") ?? "").linesOfText
            .filter { $0.hasPrefix("Private_Dirty") }.compactMap { Int($0.fields[1]) }.reduce(0, +)
    }
}
