// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

/// Containers of other OCI runtimes (`--runtime`), which their shims call by the command line.
@Suite(.serialized) struct RuntimeChoiceTests {
    /// Debian's crun refuses the hybrid cgroup layout: it is shown none.
    private static let crun = """
        #!/bin/sh
        exec unshare -m sh -c '
            [ ! -d /sys/fs/cgroup/unified ] || mount -t tmpfs none /sys/fs/cgroup/unified
            exec crun "$@"' crun "$@"

        """

    @Test func theBuiltInNameIsReserved() throws {
        let outcome = try run([
            Project.programs + "/wharfd", "--validate", "--config-file", "/nosuch", "--add-runtime", "wharf-runtime=/x",
        ])
        #expect(
            outcome.status != 0 && outcome.stderr.contains("runtime name 'wharf-runtime' is reserved"), "\(outcome)")
    }

    static func engine(_ body: (TestEngine) throws -> Void) throws {
        let folder = try makeTemporaryFolder("wr")
        defer { _ = try? run(["rm", "-rf", folder]) }
        let program = folder + "/crun", file = folder + "/daemon.json"
        try writeFile(program, Array(crun.utf8))
        chmod(program, 0o755)
        let programs = #""crun": {"path": "\#(program)"}, "runc": {"path": "runc"}, "absent": {"path": "/nosuch"}"#
        let runtimes = #"{"runtimes": {\#(programs)}}"#
        try writeFile(file, Array(runtimes.utf8))
        try TestEngine.with(arguments: ["--config-file", file], body)
    }

    @Test func areListedAndChosen() throws {
        try Self.engine { engine in
            let info = try engine.ok("info", "-f", "{{range $n, $r := .Runtimes}}{{$n}} {{end}}{{.DefaultRuntime}}")
            #expect(info == "absent crun runc wharf-runtime wharf-runtime")
            let unknown = try engine("run", "--rm", "--runtime", "nosuch", "busybox", "true")
            #expect(unknown.status == 125, "\(unknown)")
            #expect(unknown.stderr.contains("unknown or invalid runtime name: nosuch"), "\(unknown)")
            let absent = try engine("run", "--rm", "--runtime", "absent", "busybox", "true")
            #expect(absent.status != 0 && absent.stderr.contains("/nosuch can't be executed"), "\(absent)")
        }
    }

    @Test(arguments: ["runc", "crun"])
    func runsAndEnds(runtime: String) throws {
        try Self.engine { engine in
            let outcome = try engine(
                "run", "--rm", "--runtime", runtime, "busybox", "sh", "-c", "echo out; echo err >&2; exit 7")
            #expect(outcome.status == 7 && outcome.stdout == "out\n" && outcome.stderr == "err\n", "\(outcome)")
            let missing = try engine("run", "--rm", "--runtime", runtime, "busybox", "nosuch")
            #expect(missing.status == 127 && missing.stderr.contains("nosuch"), "\(missing)")
            let typed = try engine(
                "run", "--rm", "-i", "--runtime", runtime, "busybox", "cat", stdin: "typed\n")
            #expect(typed.stdout == "typed\n", "\(typed)")
            let pid1 = try engine.ok("run", "--rm", "--init", "--runtime", runtime, "busybox", "cat", "/proc/1/comm")
            #expect(pid1 == "docker-init")
            let terminal = try engine.ok("run", "--rm", "-t", "--runtime", runtime, "busybox", "tty")
            #expect(terminal == "/dev/pts/0")
            let limit = try engine.ok(
                "run", "--rm", "--pids-limit", "50", "--runtime", runtime, "busybox", "sh", "-c",
                "cat /sys/fs/cgroup/pids/pids.max || cat /sys/fs/cgroup/pids.max")
            #expect(limit == "50")
        }
    }

    @Test(arguments: ["runc", "crun"])
    func execsLogsSignalsAndStops(runtime: String) throws {
        try Self.engine { engine in
            let script = "echo hello; echo there >&2; trap 'echo bye; exit 3' TERM; while :; do sleep 0.1; done"
            try engine.ok("run", "-d", "--name", "c1", "--runtime", runtime, "busybox", "sh", "-c", script)
            #expect(try engine.inspect("c1", "{{.HostConfig.Runtime}} {{.State.Status}}") == "\(runtime) running")
            let exec = try engine("exec", "-e", "A=b", "-w", "/tmp", "c1", "sh", "-c", "echo $A; pwd >&2; exit 9")
            #expect(exec.status == 9 && exec.stdout == "b\n" && exec.stderr == "/tmp\n", "\(exec)")
            #expect(try engine.ok("exec", "-i", "c1", "cat", stdin: "typed\n") == "typed")
            #expect(try engine.ok("exec", "-t", "c1", "tty").hasPrefix("/dev/pts/"))
            let missing = try engine("exec", "c1", "nosuch")
            #expect(missing.status == 127, "\(missing)")
            #expect(try engine.ok("top", "c1").contains("sleep 0.1"))

            try engine.ok("pause", "c1")
            #expect(try engine.inspect("c1", "{{.State.Status}}") == "paused")
            try engine.ok("unpause", "c1")
            try engine.ok("stop", "-t", "10", "c1")
            #expect(try engine.inspect("c1", "{{.State.ExitCode}}") == "3")
            let logs = try engine("logs", "c1")
            #expect(logs.stdout == "hello\nbye\n" && logs.stderr == "there\n", "\(logs)")
            try engine.ok("start", "c1")
            try engine.ok("kill", "c1")
            #expect(try engine.inspect("c1", "{{.State.ExitCode}}") == "137")
            try engine.ok("rm", "c1")
        }
    }

    /// The root file system is mounted where only the shim sees it.
    @Test func noMountOfTheMachines() throws {
        try Self.engine { engine in
            try engine.ok("run", "-d", "--name", "c1", "--runtime", "runc", "busybox", "sleep", "300")
            #expect(readText("/proc/self/mountinfo")?.contains(engine.folder) == false)
            #expect(try engine.ok("exec", "c1", "cat", "/etc/motd").contains("make-image"))
        }
    }

    /// What a container mounts in a shared bind reaches the machine, and the other way round. (crun 1.8 itself does not
    /// keep a bind's propagation: docs/runtime-conformance.md.)
    @Test(arguments: ["runc", "wharf-runtime"])
    func sharedBindsReachTheMachine(runtime: String) throws {
        try Self.engine { engine in
            let folder = engine.folder + "/shared"
            try mustRun(["sh", "-c", "mkdir $0 && mount -t tmpfs none $0 && mount --make-shared $0", folder])
            defer { _ = try? run(["umount", "-R", folder]) }
            let script = "mkdir /s/inner && mount -t tmpfs none /s/inner && touch /s/inner/x && sleep 300"
            try engine.ok(
                "run", "-d", "--name", "c1", "--cap-add", "SYS_ADMIN", "-v", folder + ":/s:rshared", "--runtime",
                runtime, "busybox", "sh", "-c", script)
            #expect(eventually { readFile(folder + "/inner/x") != nil })
            let late = "mkdir $0/late && mount -t tmpfs none $0/late && touch $0/late/x"
            try mustRun(["sh", "-c", late, folder])
            #expect(try engine.ok("exec", "c1", "ls", "/s/late") == "x")
            try engine.ok("rm", "-f", "c1")
        }
    }

    @Test func survivesTheDaemon() throws {
        try Self.engine { engine in
            try engine.ok("run", "-d", "--name", "c1", "--runtime", "runc", "busybox", "sleep", "300")
            let pid = try engine.processID("c1")
            try engine.stop(SIGKILL)
            try engine.start()
            #expect(try engine.processID("c1") == pid)
            #expect(try engine.ok("exec", "c1", "echo", "still") == "still")
            try engine.ok("rm", "-f", "c1")
            #expect(kill(pid, 0) != 0)
        }
    }
}
