// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

/// Namespaces of the host's, and of other containers.
@Suite(.serialized) struct NamespaceFlagTests {
    private static let clients = [Client.docker, .wharf]

    private func namespace(_ kind: String, of process: String = "self") throws -> String {
        try mustRun(["readlink", "/proc/\(process)/ns/\(kind)"]).text
    }

    @Test(arguments: clients)
    func theHosts(client: Client) throws {
        try TestEngine.with { engine in
            func output(_ flags: [String], _ command: String) throws -> String {
                let outcome = try engine.command(
                    ["run", "--rm"] + flags + ["busybox", "sh", "-c", "(" + command + ") 2>&1"], by: client)
                guard outcome.status == 0 else { throw Failure("\(flags) \(command): \(outcome)") }
                return outcome.text
            }
            for (flag, kind) in [("--pid", "pid"), ("--ipc", "ipc"), ("--uts", "uts"), ("--cgroupns", "cgroup")] {
                let own = try namespace(kind)
                #expect(try output([flag, "host"], "readlink /proc/self/ns/\(kind)") == own, "\(flag)")
                if kind != "cgroup" { #expect(try output([], "readlink /proc/self/ns/\(kind)") != own, "\(flag)") }
            }
            #expect(try output(["--cgroupns", "private"], "readlink /proc/self/ns/cgroup") != namespace("cgroup"))
            #expect(try output(["--userns", "host"], "readlink /proc/self/ns/user") == namespace("user"))
            #expect(try output(["--uts", "host"], "hostname") == mustRun(["hostname"]).text)
            // Its first process is one of many there, and takes the others of its group along when it ends.
            #expect(try output(["--pid", "host", "--init"], "echo $$") != "1")
            let marker = "4242\(getpid() % 10000)"
            #expect(try output(["--pid", "host"], "sleep \(marker) & echo ok") == "ok")
            #expect(eventually { !engine.processes().contains { $0.command.contains(marker) } })
            #expect(try output(["--ipc", "none"], "ls -d /dev/shm; true").contains("No such file"))
            let shared = "/dev/shm/\(engine.name)"
            try writeFile(shared, Array("seen".utf8))
            defer { unlink(shared) }
            #expect(try output(["--ipc", "host"], "cat \(shared)") == "seen")
        }
    }

    @Test(arguments: clients)
    func anotherContainers(client: Client) throws {
        try TestEngine.with { engine in
            try engine.ok(
                "run", "-d", "--name", "aa", "--ipc", "shareable", "-h", "first", "-p", "18099:80", "busybox", "sh",
                "-c",
                "echo from-a >/dev/shm/x; exec httpd -f -h /www", by: client)
            #expect(eventually { (try? engine("exec", "aa", "cat", "/dev/shm/x").text) == "from-a" })
            func output(_ flags: [String], _ command: String) throws -> String {
                let outcome = try engine.command(
                    ["run", "--rm"] + flags + ["busybox", "sh", "-c", "(" + command + ") 2>&1"], by: client)
                guard outcome.status == 0 else { throw Failure("\(flags) \(command): \(outcome)") }
                return outcome.text
            }
            let pid = try engine.inspect("aa", "{{.State.Pid}}")
            for (flag, kind) in [("--pid", "pid"), ("--ipc", "ipc"), ("--network", "net")] {
                let wanted = try namespace(kind, of: pid)
                #expect(try output([flag, "container:aa"], "readlink /proc/self/ns/\(kind)") == wanted, "\(flag)")
            }
            #expect(try output(["--pid", "container:aa"], "tr '\\0' ' ' </proc/1/cmdline").contains("httpd"))
            #expect(try output(["--ipc", "container:aa"], "cat /dev/shm/x; echo back >/dev/shm/y") == "from-a")
            #expect(try engine.ok("exec", "aa", "cat", "/dev/shm/y") == "back")
            #expect(try output(["--network", "container:aa"], "hostname; wget -q -O - 127.0.0.1").contains("It works"))
            #expect(try output(["--network", "container:aa"], "hostname") == "first")
            #expect(
                try output(["--network", "container:aa"], "cat /etc/hosts")
                    == engine.ok("exec", "aa", "cat", "/etc/hosts"))
            // A name becomes an id, and a process that is added is in the same place.
            let id = try engine.inspect("aa", "{{.Id}}")
            try engine.ok(
                "run", "-d", "--name", "bb", "--pid", "container:aa", "--network", "container:aa", "--ipc",
                "container:aa",
                "busybox", "sleep", "300", by: client)
            let modes = "{{.HostConfig.PidMode}} {{.HostConfig.NetworkMode}} {{.HostConfig.IpcMode}}"
            #expect(try engine.inspect("bb", modes).fields == Array(repeating: "container:\(id)", count: 3))
            #expect(try engine.inspect("bb", "{{json .NetworkSettings.Networks}}") == "{}")
            #expect(try engine.ok("exec", "bb", "readlink", "/proc/self/ns/pid") == namespace("pid", of: pid))
            #expect(try engine.ok("exec", "bb", "cat", "/dev/shm/x") == "from-a")
            // Over a restart of the daemon, too.
            try engine.stop(SIGKILL)
            try engine.start()
            #expect(try output(["--ipc", "container:aa"], "cat /dev/shm/x") == "from-a")
            #expect(try output(["--network", "container:bb"], "hostname") == "first")
        }
    }

    @Test(arguments: clients)
    func anotherThatIsNotThere(client: Client) throws {
        try TestEngine.with { engine in
            try engine.ok("run", "-d", "--name", "aa", "--ipc", "shareable", "busybox", "sleep", "300", by: client)
            try engine.ok("run", "-d", "--name", "own", "busybox", "sleep", "300", by: client)
            for (flag, name) in [("--network", "nn"), ("--pid", "pp"), ("--ipc", "ii")] {
                try engine.ok("create", "--name", name, flag, "container:aa", "busybox", "true", by: client)
            }
            let id = try engine.inspect("aa", "{{.Id}}")
            try engine.ok("kill", "aa", by: client)
            #expect(eventually { (try? engine.inspect("aa", "{{.State.Running}}")) == "false" })
            func refusal(_ arguments: String...) throws -> String {
                let outcome = try engine.command(arguments, by: client)
                #expect(outcome.status != 0, "\(arguments)")
                return outcome.stderr
            }
            #expect(try refusal("start", "nn").contains("cannot join network of a non running container: \(id)"))
            #expect(
                try refusal("start", "pp").contains("failed to join PID namespace: container \(id) is not running"))
            #expect(
                try refusal("start", "ii").contains("failed to join IPC namespace: container \(id) is not running"))
            try engine.ok("start", "aa", by: client)
            for name in ["nn", "pp", "ii"] { try engine.ok("start", name, by: client) }
            try engine.ok("rm", "-f", "aa", by: client)
            #expect(
                try refusal("start", "nn").contains(
                    "joining network namespace of container: No such container: \(id)"))
            #expect(try refusal("start", "pp").contains("No such container: \(id)"))
            #expect(
                try refusal("run", "--rm", "--ipc", "container:own", "busybox").contains(
                    "non-shareable IPC (hint: use IpcMode:shareable for the donor container)"))
            for flag in ["--pid", "--ipc", "--network"] {
                #expect(
                    try refusal("run", "--rm", flag, "container:no", "busybox").contains("No such container: no"))
            }
        }
    }

    /// What is one's own network's does not go with another's.
    @Test(arguments: clients)
    func conflicts(client: Client) throws {
        try TestEngine.with { engine in
            for (flags, text) in [
                (["-h", "x"], "conflicting options: hostname and the network mode"),
                (["--dns", "1.1.1.1"], "conflicting options: dns and the network mode"),
                (
                    ["--add-host", "a:1.2.3.4"],
                    "conflicting options: custom host-to-IP mapping and the network mode"
                ),
                (
                    ["-p", "80:80"],
                    "conflicting options: port publishing and the container type network mode"
                ),
                (["-P"], "conflicting options: port publishing and the container type network mode"),
                (["--expose", "80"], "conflicting options: port exposing and the container type network mode"),
            ] {
                let outcome = try engine.command(
                    ["run", "--rm", "--network", "container:own"] + flags + ["busybox", "true"], by: client)
                #expect(outcome.status == 125 && outcome.stderr.contains(text), "\(flags): \(outcome)")
            }
            let outcome = try engine("run", "--rm", "--uts", "host", "-h", "x", "busybox", "true", by: client)
            #expect(outcome.stderr.contains("conflicting options: hostname and the UTS mode"), "\(outcome)")
        }
    }
}
