// SPDX-License-Identifier: Apache-2.0

import Testing

/// `run` and its flags, by each client.
@Suite(.serialized) struct RunTests {
    @Test(arguments: Client.allCases)
    func outputsAndExitCodesPass(client: Client) throws {
        try TestEngine.with { engine in
            let outcome = try engine("run", "--rm", "busybox", "sh", "-c", "echo o; echo e >&2; exit 3", by: client)
            #expect(outcome.status == 3 && outcome.stdout == "o\n" && outcome.stderr == "e\n", "\(outcome)")
            #expect(try engine("run", "--rm", "busybox", "false", by: client).status == 1)
            #expect(try engine("run", "--rm", "busybox", "true", by: client).status == 0)
            #expect(try engine.ok("ps", "-aq", by: client) == "")
        }
    }

    @Test(arguments: Client.allCases)
    func standardInputEndsWithTheClients(client: Client) throws {
        try TestEngine.with { engine in
            let echoed = try engine.ok("run", "-i", "--rm", "busybox", "cat", by: client, stdin: "hi\n")
            #expect(echoed == "hi")
            #expect(try engine.ok("run", "-i", "--rm", "busybox", "cat", by: client, stdin: "") == "")
            #expect(try engine.ok("run", "--rm", "busybox", "cat", by: client, stdin: "not passed on") == "")
            // Half-close: what comes after the end of input still arrives
            #expect(
                try engine.ok(
                    "run", "-i", "--rm", "busybox", "sh", "-c", "wc -c; sleep 0.3; echo late", by: client,
                    stdin: "12345"
                )
                .linesOfText == ["5", "late"])
        }
    }

    @Test(arguments: Client.allCases)
    func flagsTakeEffect(client: Client) throws {
        try TestEngine.with { engine in
            func output(_ arguments: String...) throws -> String {
                let outcome = try engine.command(["run", "--rm"] + arguments, by: client)
                guard outcome.status == 0 else { throw Failure("run \(arguments): \(outcome)") }
                return outcome.text
            }
            #expect(try output("-e", "A=1", "--env", "B=2", "busybox", "sh", "-c", "echo $A$B") == "12")
            #expect(try output("-w", "/new/folder", "busybox", "pwd") == "/new/folder")
            #expect(
                try output("-u", "1000:2000", "busybox", "id") == "uid=1000(www) gid=2000(extra) groups=2000(extra)")
            #expect(try output("-u", "www", "busybox", "id", "-u") == "1000")
            #expect(try output("--user", "www:root", "busybox", "id", "-g") == "0")
            #expect(try output("--entrypoint", "echo", "busybox", "a", "b") == "a b")
            #expect(try output("-h", "elsewhere", "busybox", "hostname") == "elsewhere")
            #expect(try output("--hostname=x", "busybox", "cat", "/etc/hostname") == "x")
            #expect(
                try output("--tmpfs", "/t:size=1m", "busybox", "sh", "-c", "df -k /t | tail -1").fields[1] == "1024")
            #expect(
                try output("--read-only", "busybox", "sh", "-c", "touch /x 2>&1; true").contains(
                    "Read-only file system"))
            #expect(try output("--read-only", "--tmpfs", "/t", "busybox", "sh", "-c", "touch /t/x && ls /t") == "x")
            #expect(
                try output("--init", "busybox", "sh", "-c", "tr '\\0' ' ' </proc/1/cmdline").contains("init -- sh -c"))
            #expect(try output("--network", "none", "busybox", "ls", "/sys/class/net") == "lo")
            #expect(
                try output(
                    "--pids-limit", "50", "busybox", "sh", "-c",
                    "cat /sys/fs/cgroup/pids/pids.max || cat /sys/fs/cgroup/pids.max") == "50")
            #expect(
                try output(
                    "-m", "64m", "busybox", "sh", "-c",
                    "cat /sys/fs/cgroup/memory/memory.limit_in_bytes || cat /sys/fs/cgroup/memory.max")
                    == "67108864")
            #expect(
                try output(
                    "--cpus", "0.5", "busybox", "sh", "-c",
                    "cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us || cat /sys/fs/cgroup/cpu.max"
                )
                .hasPrefix("50000"))
            let plain = try output("busybox", "hostname")
            #expect(plain.count == 12, "the hostname is the short ID: \(plain)")
        }
    }

    @Test(arguments: Client.allCases)
    func environmentIsDockers(client: Client) throws {
        try TestEngine.with { engine in
            let lines = try engine.ok("run", "--rm", "-h", "hh", "busybox", "env", by: client).linesOfText
            #expect(lines == ["PATH=/bin:/usr/bin", "HOSTNAME=hh", "HOME=/root"])
            #expect(
                try engine.ok("run", "--rm", "-u", "www", "busybox", "sh", "-c", "echo $HOME", by: client)
                    == "/home/www")
            #expect(try engine.ok("run", "--rm", "-t", "busybox", "sh", "-c", "echo $TERM", by: client) == "xterm")
        }
    }

    @Test(arguments: Client.allCases)
    func namesAndIDFiles(client: Client) throws {
        try TestEngine.with { engine in
            let file = engine.folder + "/cid"
            let id = try engine.ok(
                "run", "-d", "--name", "n1", "--cidfile", file, "-l", "a=b", "busybox", "sleep", "300", by: client)
            #expect(id.count == 64)
            #expect(readText(file) == id)
            #expect(try engine.inspect("n1", "{{.Id}} {{.Name}} {{.Config.Labels.a}}") == "\(id) /n1 b")
            let again = try engine("run", "--cidfile", file, "busybox", "true", by: client)
            #expect(again.status == 125)
            #expect(again.stderr.contains("container ID file found"), "\(again)")
        }
    }

    @Test(arguments: Client.allCases)
    func volumesAndBinds(client: Client) throws {
        try TestEngine.with { engine in
            let host = engine.folder + "/host"
            try mustRun(["mkdir", host])
            try writeFile(host + "/file", Array("from the host".utf8))
            func output(_ arguments: String...) throws -> String {
                try engine.command(["run", "--rm"] + arguments, by: client).text
            }
            #expect(try output("-v", host + ":/h", "busybox", "cat", "/h/file") == "from the host")
            #expect(
                try output("-v", host + ":/h:ro", "busybox", "sh", "-c", "touch /h/x 2>&1").contains(
                    "Read-only file system"))
            #expect(try output("-v", host + ":/h", "busybox", "sh", "-c", "echo back >/h/back; echo done") == "done")
            #expect(readText(host + "/back") == "back\n")
            #expect(try output("-v", host + "/file:/etc/motd", "busybox", "cat", "/etc/motd") == "from the host")
            #expect(try output("-v", "named:/data", "busybox", "sh", "-c", "echo kept >/data/f; echo ok") == "ok")
            #expect(try output("-v", "named:/data:ro", "busybox", "cat", "/data/f") == "kept")
            // A new volume starts with what the image has there
            #expect(try output("-v", "copied:/www", "busybox", "ls", "/www") == "index.html")
            #expect(try engine.ok("volume", "ls", "-q", by: client).linesOfText == ["copied", "named"])
            // Anonymous ones go with --rm, named ones stay
            #expect(try output("-v", "/anonymous", "busybox", "sh", "-c", "touch /anonymous/x; ls /anonymous") == "x")
            #expect(eventually { list(engine.dataRoot + "/volumes").filter { $0.count == 64 }.isEmpty })
            // A bind source that is missing is made
            #expect(try output("-v", engine.folder + "/made/here:/m", "busybox", "ls", "-d", "/m") == "/m")
            #expect(isFolder(engine.folder + "/made/here"))
            try engine.ok("run", "-d", "--name", "holder", "-v", "named:/data", "busybox", "sleep", "300", by: client)
            let refused = try engine("volume", "rm", "named", by: client)
            #expect(refused.status == 1 && refused.stderr.contains("volume is in use"), "\(refused)")
            try engine.ok("rm", "-f", "holder", by: client)
            #expect(try engine.ok("volume", "rm", "named", "copied", by: client).linesOfText == ["named", "copied"])
        }
    }

    /// Each flag that docker has and Wharf does not do yet is refused by name.
    @Test(arguments: [
        ["--device", "/dev/null"], ["--dns", "1.1.1.1"], ["--add-host", "a:1.2.3.4"], ["--ipc", "host"],
        ["--pid", "host"],
        ["--ulimit", "nofile=5:6"], ["--sysctl", "net.ipv4.ip_forward=1"], ["--restart", "always"], ["--link", "x:y"],
        ["--health-cmd", "true"], ["--security-opt", "no-new-privileges"], ["--gpus", "all"], ["--cpu-shares", "5"],
        ["--blkio-weight", "500"], ["--log-driver", "syslog"], ["--userns", "host"], ["--storage-opt", "size=1G"],
        ["--volumes-from", "x"], ["--oom-kill-disable"], ["--shm-size", "1m"],
        ["--group-add", "x"], ["--isolation", "process"], ["--kernel-memory", "64m"], ["--cgroupns", "host"],
    ])
    func otherFlagsAreRefusedByName(flag: [String]) throws {
        try TestEngine.with { engine in
            for client in [Client.docker, .wharf] {
                let outcome = try engine.command(["run", "--rm"] + flag + ["busybox", "true"], by: client)
                if outcome.status == 0 { continue }  // it is done by now; its own test says how
                #expect(outcome.status == 125, "\(client) \(flag): \(outcome)")
                #expect(outcome.stderr.trimmed.count > 10, "\(client) \(flag): \(outcome)")
            }
        }
    }

    @Test func aGibibytePassesThrough() throws {
        try TestEngine.with { engine in
            // 1 GiB in, 1 GiB out, compared by sum; the shim and the daemon stay small meanwhile
            let script = """
                head -c 1073741824 /dev/zero | openssl enc -aes-128-ctr -K 00 -iv 00 2>/dev/null \
                | tee >(sha256sum >\(engine.folder)/in) | \(Client.docker.program) run --name big -i busybox cat | sha256sum
                """
            let command = try RunningCommand(["bash", "-c", script], environment: engine.clientEnvironment)
            var peak = 0
            while command.isRunning {
                for process in engine.processes() where process.command.contains(anyOf: ["shim", "wharfd"]) {
                    peak = max(peak, residentKilobytes(process.pid))
                }
                _ = eventually(0.2) { !command.isRunning }
            }
            let sum = try command.wait(timeout: 240).text
            #expect(!sum.isEmpty && sum == readText(engine.folder + "/in")?.trimmed)
            #expect(peak > 0 && peak < 200_000, "\(peak) kB")
        }
    }

    private func residentKilobytes(_ pid: Int32) -> Int {
        let line = (readText("/proc/\(pid)/status") ?? "").linesOfText.first { $0.hasPrefix("VmRSS:") }
        return line.flatMap { Int($0.fields[1]) } ?? 0
    }
}
