// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

/// wharf-runtime as the runtime of other engines, which know it only by runc's command line.
@Suite(.serialized) struct OtherEngineTests {
    @Test(arguments: OtherEngine.Kind.allCases)
    func runs(kind: OtherEngine.Kind) throws {
        try OtherEngine.with(kind) { engine in
            let both = try engine.container("--rm", "busybox", "sh", "-c", "echo out; echo err >&2; exit 7")
            #expect(both.status == 7 && both.stdout == "out\n" && both.stderr == "err\n", "\(both)")
            let typed = try engine.container("--rm", "-i", "busybox", "cat", stdin: "typed\n")
            #expect(typed.stdout == "typed\n", "\(typed)")
            let missing = try engine.container("--rm", "busybox", "nosuch")
            #expect(missing.status == 127 && missing.stderr.contains("nosuch"), "\(missing)")
            let forbidden = try engine.container("--rm", "busybox", "/etc/passwd")
            #expect(forbidden.status == 126, "\(forbidden)")
            let terminal = try engine.container("--rm", "-t", "busybox", "tty")
            #expect(terminal.text == "/dev/pts/0", "\(terminal)")
            let limits = "cat /sys/fs/cgroup/memory/memory.limit_in_bytes || cat /sys/fs/cgroup/memory.max"
            let limited = try engine.container("--rm", "-m", "64m", "busybox", "sh", "-c", limits)
            #expect(limited.text == "67108864", "\(limited)")
            let other = try engine.container(
                "--rm", "-u", "7:8", "-w", "/tmp", "-e", "A=b", "--read-only", "busybox",
                "sh", "-c", "id -u; id -g; pwd; echo $A; touch /x")
            #expect(other.stdout == "7\n8\n/tmp\nb\n" && other.stderr.contains("Read-only file system"), "\(other)")
        }
    }

    @Test(arguments: OtherEngine.Kind.allCases)
    func execs(kind: OtherEngine.Kind) throws {
        try OtherEngine.with(kind) { engine in
            #expect(try engine.container("-d", "--name", "c1", "busybox", "sleep", "300").status == 0)
            let exec = try engine.run("exec", "-e", "A=b", "-w", "/tmp", "c1", "sh", "-c", "echo $A; pwd >&2; exit 9")
            #expect(exec.status == 9 && exec.stdout == "b\n" && exec.stderr == "/tmp\n", "\(exec)")
            let typed = try engine.run("exec", "-i", "c1", "cat", stdin: "typed\n")
            #expect(typed.stdout == "typed\n", "\(typed)")
            #expect(try engine.ok("exec", "-t", "c1", "tty").hasPrefix("/dev/pts/"))
            // dockerd 20.10 tells its clients 126 of both.
            #expect(try [126, 127].contains(engine.run("exec", "c1", "nosuch").status))
            #expect(try engine.run("exec", "c1", "/etc/passwd").status == 126)
            #expect(try engine.ok("exec", "-u", "7", "c1", "id", "-u") == "7")
            try engine.ok("exec", "-d", "c1", "touch", "/tmp/made")
            #expect(try eventually { try engine.run("exec", "c1", "ls", "/tmp/made").status == 0 })
            #expect(try engine.ok("top", "c1").contains("sleep 300"))
        }
    }

    @Test(arguments: OtherEngine.Kind.allCases)
    func attachesAndStops(kind: OtherEngine.Kind) throws {
        try OtherEngine.with(kind) { engine in
            let script = "echo hello; trap 'echo bye; exit 3' TERM; while :; do sleep 0.1; done"
            #expect(try engine.container("-d", "--name", "c1", "busybox", "sh", "-c", script).status == 0)
            #expect(try eventually { try engine.ok("logs", "c1") == "hello" })
            let attached = try engine.begin("attach", "--sig-proxy=false", "c1")
            usleep(500_000)
            try engine.ok("stop", "-t", "20", "c1")
            let outcome = try attached.wait()
            // podman's attach does not tell how it ended.
            #expect(outcome.status == (kind == .podman ? 0 : 3) && outcome.stdout.hasPrefix("bye\n"), "\(outcome)")
            #expect(try engine.inspect("c1", "{{.State.ExitCode}}") == "3")
            try engine.ok("start", "c1")
            try engine.ok("kill", "c1")
            #expect(try eventually { try engine.inspect("c1", "{{.State.ExitCode}}") == "137" })
            try engine.ok("rm", "c1")
        }
    }

    @Test(arguments: OtherEngine.Kind.allCases)
    func pausesMeasuresAndUpdates(kind: OtherEngine.Kind) throws {
        try OtherEngine.with(kind) { engine in
            let work = "while :; do :; done"
            #expect(
                try engine.container("-d", "--name", "c1", "-m", "64m", "busybox", "sh", "-c", work).status == 0)
            let format = kind == .podman ? "{{.Name}} {{.MemUsage}}" : "{{.Name}} {{.MemUsage}} {{.PIDs}}"
            let stats = try engine.ok("stats", "--no-stream", "--format", format, "c1")
            #expect(stats.hasPrefix("c1 ") && stats.contains(kind == .podman ? "/ 67.11MB" : "/ 64MiB 1"), "\(stats)")
            try engine.ok("pause", "c1")
            #expect(try engine.inspect("c1", "{{.State.Status}}") == "paused")
            let pid = try engine.inspect("c1", "{{.State.Pid}}")
            let used = try #require(readText("/proc/\(pid)/stat"))
            usleep(300_000)
            #expect(readText("/proc/\(pid)/stat") == used)
            try engine.ok("unpause", "c1")
            #expect(try engine.inspect("c1", "{{.State.Status}}") == "running")
            if kind == .dockerd {
                try engine.ok("update", "-m", "80m", "--memory-swap", "80m", "c1")
                let limits = "cat /sys/fs/cgroup/memory/memory.limit_in_bytes || cat /sys/fs/cgroup/memory.max"
                #expect(try engine.ok("exec", "c1", "sh", "-c", limits) == "83886080")
            }
            try engine.ok("kill", "-s", "KILL", "c1")
            #expect(try eventually { try engine.inspect("c1", "{{.State.Status}}") == "exited" })
            #expect(try engine.inspect("c1", "{{.State.ExitCode}}") == "137")
            try engine.ok("rm", "c1")
            #expect(try engine.ok("ps", "-aq") == "")
        }
    }

    /// One that runs is killed, and everything of it is gone.
    @Test(arguments: OtherEngine.Kind.allCases)
    func removesByForce(kind: OtherEngine.Kind) throws {
        try OtherEngine.with(kind) { engine in
            #expect(try engine.container("-d", "--name", "c1", "busybox", "sleep", "300").status == 0)
            let pid = try #require(pid_t(try engine.inspect("c1", "{{.State.Pid}}")))
            try engine.remove("c1")
            #expect(eventually { kill(pid, 0) != 0 })
        }
    }
}
