// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

/// Flags that limit a container, or set the kernel up for it: what is inside is what was asked for.
@Suite(.serialized) struct LimitFlagTests {
    private static let clients = [Client.docker, .wharf]

    /// What `command` prints in a container with these flags.
    private func output(
        _ engine: TestEngine, _ client: Client, _ flags: [String], _ command: String
    ) throws -> String {
        let outcome = try engine.command(
            ["run", "--rm"] + flags + ["busybox", "sh", "-c", "(" + command + ") 2>&1"], by: client)
        guard outcome.status == 0 else { throw Failure("run \(flags) \(command): \(outcome)") }
        return outcome.text
    }

    /// On a host with cgroup v1 the file is `one` below a hierarchy, with v2 it is `two`.
    private func file(_ one: String, _ two: String) -> String {
        "cat /sys/fs/cgroup/\(one) 2>/dev/null || cat /sys/fs/cgroup/\(two)"
    }

    @Test(arguments: clients)
    func processorsAndMemoryAreThose(client: Client) throws {
        try TestEngine.with { engine in
            let allowed = "grep Cpus_allowed_list /proc/self/status"
            #expect(try output(engine, client, ["--cpuset-cpus", "0"], allowed).fields.last == "0")
            let shares = try output(engine, client, ["--cpu-shares", "512"], file("cpu/cpu.shares", "cpu.weight"))
            #expect(["512", "20"].contains(shares))
            let flags = ["--cpu-period", "50000", "--cpu-quota", "10000"]
            let quota = "cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu/cpu.cfs_period_us"
            #expect(
                try output(engine, client, flags, "\(quota) 2>/dev/null || cat /sys/fs/cgroup/cpu.max").fields
                    == ["10000", "50000"])
            let reservation = file("memory/memory.soft_limit_in_bytes", "memory.low")
            #expect(try output(engine, client, ["--memory-reservation", "32m"], reservation) == "33554432")
            let shm = "df -k /dev/shm | tail -1"
            #expect(try output(engine, client, ["--shm-size", "1m"], shm).fields[1] == "1024")
            let files = "ulimit -Sn; ulimit -Hn"
            #expect(try output(engine, client, ["--ulimit", "nofile=100:200"], files).fields == ["100", "200"])
            let nodes = "grep Mems_allowed_list /proc/self/status"
            #expect(try output(engine, client, ["--cpuset-mems", "0"], nodes).fields.last == "0")
            #expect(try output(engine, client, ["--oom-score-adj", "500"], "cat /proc/self/oom_score_adj") == "500")
            guard isFolder("/sys/fs/cgroup/memory") else { return }
            // Only cgroup v1 has these.
            let memory = "/sys/fs/cgroup/memory/memory."
            #expect(try output(engine, client, ["--memory-swappiness", "7"], "cat \(memory)swappiness") == "7")
            let disabled = try output(engine, client, ["-m", "64m", "--oom-kill-disable"], "cat \(memory)oom_control")
            #expect(disabled.contains("oom_kill_disable 1"))
            let body =
                #"{"Image":"busybox","Cmd":["cat","\#(memory)kmem.tcp.limit_in_bytes"],"HostConfig":{"KernelMemoryTCP":67108864}}"#
            #expect(try engine.http("POST", "/containers/create?name=tcp", body: body).status == 201)
            #expect(try engine.ok("start", "-a", "tcp", by: client) == "67108864")
            let realtime = "cat /sys/fs/cgroup/cpu/cpu.rt_period_us"
            #expect(try output(engine, client, ["--cpu-rt-period", "500000"], realtime) == "500000")
        }
    }

    @Test(arguments: clients)
    func blockDevicesAreLimited(client: Client) throws {
        try TestEngine.with { engine in
            let disk = try #require(list("/sys/block").sorted().last { readText("/sys/block/\($0)/dev") != nil })
            let number = try #require(readText("/sys/block/\(disk)/dev")?.trimmed)
            let node = engine.folder + "/disk"
            try mustRun(["mknod", node, "b"] + number.split(separator: ":").map(String.init))
            // Docker's clients take devices below /dev only.
            let path = "/dev/../" + node.dropFirst()
            let flags = [
                "--device-read-bps", "\(path):1mb", "--device-write-bps", "\(path):2mb", "--device-read-iops",
                "\(path):100", "--device-write-iops", "\(path):200",
            ]
            let text = try output(
                engine, client, flags, "cat /sys/fs/cgroup/blkio/blkio.throttle.*_device /sys/fs/cgroup/io.max; true")
            if isFolder("/sys/fs/cgroup/blkio") {
                for value in ["1048576", "2097152", "100", "200"] {
                    #expect(text.linesOfText.contains("\(number) \(value)"), "\(value) in \(text)")
                }
            } else {
                #expect(text.contains("\(number) rbps=1048576 wbps=2097152 riops=100 wiops=200"), "\(text)")
            }
            let weight = try output(
                engine, client, ["--blkio-weight", "500"],
                "cat /sys/fs/cgroup/blkio/blkio*weight /sys/fs/cgroup/io*weight; true")
            #expect(weight.contains("500") || weight.contains("default 4950"), "\(weight)")
            let missing = try engine("run", "--rm", "--device-read-bps", "/dev/nosuch:1mb", "busybox", by: client)
            #expect(missing.stderr.contains("stat /dev/nosuch: no such file or directory"), "\(missing)")
        }
    }

    @Test(arguments: clients)
    func theGroupIsWhereItWasAsked(client: Client) throws {
        try TestEngine.with { engine in
            let parent = engine.cgroupParent + "/deeper"
            let id = try engine.ok(
                "run", "-d", "--cgroup-parent", parent, "--annotation", "a.b=c", "busybox", "sleep", "300", by: client)
            let pid = try engine.inspect(id, "{{.State.Pid}}")
            #expect(readText("/proc/\(pid)/cgroup")?.contains("\(parent)/\(id)") == true)
            #expect(try engine.inspect(id, "{{.HostConfig.CgroupParent}}") == parent)
            #expect(try engine.inspect(id, "{{.HostConfig.Annotations}}") == "map[a.b:c]")
            let specification = readText("\(engine.execRoot)/containers/\(id)/config.json") ?? ""
            #expect(specification.contains(#""annotations":{"a.b":"c"}"#))
            // What the daemon itself does to the group finds it.
            try engine.ok("pause", id, by: client)
            try engine.ok("unpause", id, by: client)
            #expect(try engine.ok("top", id, by: client).contains("sleep 300"))
            try engine.stop(SIGKILL)
            try engine.start()
            #expect(try engine.inspect(id, "{{.State.Status}}") == "running")
            try engine.ok("rm", "-f", id, by: client)
            #expect(readText("/proc/\(pid)/cgroup")?.contains(id) != true)
            // As with Docker, the parent stays.
            for group in engine.cgroups() where group.hasSuffix("/deeper") { rmdir(group) }
        }
    }

    @Test(arguments: clients)
    func settingsOfNamespaces(client: Client) throws {
        try TestEngine.with { engine in
            let flags = ["--sysctl", "net.ipv4.ip_default_ttl=77", "--sysctl", "kernel.msgmax=9000"]
            let command = "cat /proc/sys/net/ipv4/ip_default_ttl /proc/sys/kernel/msgmax"
            #expect(try output(engine, client, flags, command).linesOfText == ["77", "9000"])
            let hosts = try engine(
                "run", "--rm", "--network", "host", "--sysctl", "net.ipv4.ip_default_ttl=77", "busybox", "true",
                by: client)
            #expect(hosts.status == 125)
            #expect(
                hosts.stderr.contains(
                    "sysctl \"net.ipv4.ip_default_ttl\" not allowed in host network namespace"), "\(hosts)")
            let ipc = try engine(
                "run", "--rm", "--ipc", "host", "--sysctl", "kernel.msgmax=9000", "busybox", "true", by: client)
            #expect(
                ipc.stderr.contains("sysctl \"kernel.msgmax\" is not allowed in the hosts ipc namespace"), "\(ipc)")
            let body = #"{"Image":"busybox","HostConfig":{"Sysctls":{"kernel.panic":"1"}}}"#
            let made = try engine.http("POST", "/containers/create?name=pp", body: body)
            #expect(made.status == 201)
            let started = try engine("start", "pp", by: client)
            #expect(
                started.stderr.contains("sysctl \"kernel.panic\" is not in a separate kernel namespace"), "\(started)")
        }
    }

    /// A limit that the kernel does not know is left out, and told of.
    @Test func whatTheKernelLacksIsWarnedOf() throws {
        try TestEngine.with { engine in
            let body = #"{"Image":"busybox","HostConfig":{"KernelMemory":67108864}}"#
            let old = try engine.http("POST", "/containers/create", version: "v1.41", body: body)
            #expect(old.status == 201)
            #expect(
                old.text.contains(
                    "Your kernel does not support kernel memory limit capabilities or the cgroup is not mounted. Limitation discarded."
                ), "\(old.text)")
            let new = try engine.http("POST", "/containers/create", version: "v1.42", body: body)
            #expect(new.status == 201 && !new.text.contains("kernel memory"), "\(new.text)")
        }
    }
}
