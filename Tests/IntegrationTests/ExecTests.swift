// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON
import Testing

/// More processes in a running container, by each client.
@Suite(.serialized) struct ExecTests {
    @Test(arguments: Client.allCases)
    func outputsExitCodesAndFlags(client: Client) throws {
        try TestEngine.with { engine in
            try engine.ok("run", "-d", "--name", "c1", "-e", "BASE=1", "-w", "/www", "busybox", "sleep", "300")
            let outcome = try engine("exec", "c1", "sh", "-c", "echo o; echo e >&2; exit 7", by: client)
            #expect(outcome.status == 7 && outcome.stdout == "o\n" && outcome.stderr == "e\n", "\(outcome)")
            #expect(
                try engine.ok("exec", "c1", "sh", "-c", "pwd; echo $BASE", by: client).linesOfText == ["/www", "1"])
            let all = try engine(
                "exec", "-u", "www", "-w", "/tmp", "-e", "Z=1", "c1", "sh", "-c", "id -un; pwd; echo $Z; exit 7",
                by: client)
            #expect(all.status == 7 && all.stdout == "www\n/tmp\n1\n", "\(all)")
            #expect(try engine.ok("exec", "-i", "c1", "cat", by: client, stdin: "typed\n") == "typed")
            #expect(try engine.ok("exec", "c1", "cat", by: client, stdin: "dropped\n") == "")
            #expect(try engine.ok("exec", "-t", "c1", "tty", by: client).hasPrefix("/dev/pts/"))
            let missing = try engine("exec", "c1", "nosuch", by: client)
            #expect(missing.status == 127, "\(missing)")
            #expect(
                (missing.stdout + missing.stderr).contains(#"exec: "nosuch": executable file not found in $PATH"#),
                "\(missing)")
            let forbidden = try engine("exec", "c1", "/etc/passwd", by: client)
            #expect(forbidden.status == 126, "\(forbidden)")
            let folder = try engine("exec", "-w", "/nosuch", "c1", "pwd", by: client)
            #expect(folder.status != 0, "\(folder)")
            let user = try engine("exec", "-u", "nosuch", "c1", "id", by: client)
            #expect(user.status == 126 || user.status == 1, "\(user)")
            #expect((user.stdout + user.stderr).contains("unable to find user nosuch"), "\(user)")
        }
    }

    @Test(arguments: Client.allCases)
    func detachedAndPrivileged(client: Client) throws {
        try TestEngine.with { engine in
            try engine.ok("run", "-d", "--name", "c1", "busybox", "sleep", "300")
            #expect(try engine.ok("exec", "-d", "c1", "sh", "-c", "echo done >/tmp/done; sleep 300", by: client) == "")
            #expect(try eventually { try engine("exec", "c1", "cat", "/tmp/done").text == "done" })
            func capabilities(_ arguments: String...) throws -> String {
                try engine.command(["exec"] + arguments + ["c1", "grep", "CapEff", "/proc/self/status"], by: client)
                    .text
            }
            #expect(try capabilities() == "CapEff:\t00000000a80425fb")
            #expect(try capabilities("--privileged") != "CapEff:\t00000000a80425fb")
            #expect(try capabilities("-u", "www") == "CapEff:\t0000000000000000")
        }
    }

    @Test func inspectFollowsTheProcess() throws {
        try TestEngine.with { engine in
            let id = try engine.ok("run", "-d", "busybox", "sleep", "300")
            let created = try engine.http(
                "POST", "/containers/\(id)/exec",
                body: "{\"Cmd\":[\"sh\",\"-c\",\"sleep 0.3; exit 9\"],\"AttachStdout\":true}")
            #expect(created.status == 201)
            let exec = try #require(try created.json()["Id"]?.text)
            #expect(try engine.http("GET", "/exec/\(exec)/json").json()["Running"] == .bool(false))
            #expect(try engine.http("POST", "/exec/\(exec)/start", body: "{\"Detach\":true}").status == 200)
            #expect(try engine.http("GET", "/exec/\(exec)/json").json()["Running"] == .bool(true))
            #expect(
                try eventually { try engine.http("GET", "/exec/\(exec)/json").json()["ExitCode"] == .integer(9) })
            #expect(try engine.http("POST", "/exec/\(exec)/start", body: "{\"Detach\":true}").status == 409)
        }
    }

    @Test func processesEndWithTheirContainer() throws {
        try TestEngine.with { engine in
            try engine.ok("run", "-d", "--name", "c1", "busybox", "sleep", "300")
            let command = try engine.begin("exec", "c1", "sleep", "301")
            #expect(try eventually { try engine.ok("top", "c1").contains("sleep 301") })
            try engine.ok("kill", "c1")
            #expect(try command.wait(timeout: 5).status == 137)
        }
    }

    /// A client that goes away must not hold the daemon's or the shim's resources.
    @Test func clientsThatGoAwayLeaveNothing() throws {
        try TestEngine.with { engine in
            try engine.ok("run", "-d", "--name", "c1", "busybox", "sleep", "300")
            let shim = try engine.shim("c1")
            let before = list("/proc/\(shim)/fd").count
            for _ in 0..<5 {
                let command = try engine.begin("exec", "-i", "c1", "cat", typing: true)
                #expect(eventually { list("/proc/\(shim)/fd").count > before })
                kill(command.pid, SIGKILL)
                _ = try command.wait()
            }
            #expect(
                eventually { list("/proc/\(shim)/fd").count <= before },
                "\(list("/proc/\(shim)/fd").count) > \(before)")
        }
    }
}
