// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

/// A person at a terminal, with each client.
@Suite(.serialized) struct TerminalTests {
    @Test(arguments: Client.allCases)
    func aShellIsInteractive(client: Client) throws {
        try TestEngine.with { engine in
            let terminal = try engine.terminal(
                "run", "-it", "--rm", "--name", "c1", "busybox", "sh", by: client, rows: 33, columns: 101)
            try terminal.expect("# ")
            terminal.type("stty size; tty\r")
            try terminal.expect("33 101")
            try terminal.expect("/dev/pts/0")
            terminal.clear()
            terminal.resize(rows: 44, columns: 111)
            terminal.type("sleep 0.5; stty size\r")
            try terminal.expect("44 111")
            // Job control: the shell may stop, list and continue a job
            try terminal.expect("# ")
            terminal.clear()
            terminal.type("sleep 100\r")
            #expect(try eventually { try engine.ok("top", "c1").contains("sleep 100") })
            terminal.type("\u{1a}")
            try terminal.expect("Stopped")
            terminal.clear()
            terminal.type("jobs; kill -9 %1; wait; echo do''ne\r")
            try terminal.expect("sleep 100")
            try terminal.expect("done")
            // Ctrl-C ends the foreground process and not the shell
            terminal.clear()
            terminal.type("sleep 100\r")
            #expect(try eventually { try engine.ok("top", "c1").contains("sleep 100") })
            terminal.type("\u{3}")
            terminal.type("echo still he''re\r")
            try terminal.expect("still here")
            terminal.type("exit 5\r")
            #expect(try terminal.end() == 5)
        }
    }

    @Test(arguments: Client.allCases, ["\u{10}\u{11}", "ab"])
    func detachingLeavesItRunning(client: Client, keys: String) throws {
        try TestEngine.with { engine in
            let flag = keys == "ab" ? ["--detach-keys", "a,b"] : []
            let terminal = try Terminal(
                [client.program, "run", "-it"] + flag + ["--name", "c1", "busybox", "sh"],
                environment: engine.clientEnvironment)
            try terminal.expect("# ")
            terminal.type("echo one\r")
            try terminal.expect("one\r\n")
            terminal.type(keys)
            #expect(try terminal.end() == 0)
            #expect(try engine.inspect("c1", "{{.State.Running}}") == "true")
            let again = try Terminal([client.program, "attach"] + flag + ["c1"], environment: engine.clientEnvironment)
            again.type("echo two\r")
            try again.expect("two\r\n")
            again.type("exit 3\r")
            #expect(try again.end() == 3)
        }
    }

    @Test(arguments: Client.allCases)
    func execHasATerminal(client: Client) throws {
        try TestEngine.with { engine in
            try engine.ok("run", "-d", "--name", "c1", "busybox", "sleep", "300")
            let terminal = try engine.terminal("exec", "-it", "c1", "sh", by: client, rows: 31, columns: 99)
            try terminal.expect("# ")
            terminal.type("stty size\r")
            try terminal.expect("31 99")
            terminal.resize(rows: 41, columns: 109)
            terminal.type("sleep 0.5; stty size\r")
            try terminal.expect("41 109")
            terminal.type("exit 9\r")
            #expect(try terminal.end() == 9)
        }
    }

    /// What is attached ends with what it is attached to, and an exec can be left as a container can.
    @Test(arguments: Client.allCases)
    func leavingAndEnding(client: Client) throws {
        try TestEngine.with { engine in
            let typed = try engine.terminal("run", "-i", "--rm", "busybox", "cat", by: client)
            typed.type("hello\r")
            try typed.expect("hello\r\nhello")
            typed.type("\u{4}")
            #expect(try typed.end() == 0)

            try engine.ok("run", "-d", "-it", "--name", "c1", "busybox", "sh")
            let exec = try engine.terminal("exec", "-it", "--detach-keys", "x", "c1", "sh", by: client)
            try exec.expect("# ")
            exec.type("x")
            #expect(try exec.end() == 1)
            #expect(exec.screen.contains("read escape sequence"))

            let attached = try engine.terminal("attach", "c1", by: client)
            attached.type("echo th''ere\r")
            try attached.expect("there\r\n")
            attached.type("exit 3\r")
            #expect(try attached.end() == 3)
            let again = try engine.terminal("start", "-ai", "c1", by: client)
            try again.expect("# ")
            try engine.ok("rm", "-f", "c1")
            #expect(try again.end() == 137)
        }
    }

    /// Keys that are none end the command as docker's does; nothing has been made by then.
    @Test func keysThatThereAreNone() throws {
        try TestEngine.with { engine in
            for arguments in [["-t"], ["-i"], []] {
                let arguments = ["run", "--detach-keys", "x-y"] + arguments + ["busybox", "true"]
                let refused = try engine.command(arguments, by: .wharf)
                #expect(refused.status == 1 && refused.stderr == "Invalid detach keys (x-y) provided\n", "\(refused)")
                #expect(try engine.ok("ps", "-aq") == "")
                let docker = try engine.command(arguments, by: .docker)
                #expect(docker.status == 1, "\(docker)")
                try engine.ok("rm", try engine.ok("ps", "-aq"))
            }
            // Nobody is attached who could leave.
            try engine.ok("run", "--rm", "-d", "--detach-keys", "x-y", "busybox", "true", by: .wharf)
        }
    }

    @Test(arguments: [Client.docker, .wharf])
    func loadShowsHowFarItIs(client: Client) throws {
        try TestEngine.with(image: false) { engine in
            let archive = try Project.image("fill24.tar", ["--fill", "24", "--name", "fill:24"])
            let terminal = try engine.terminal("load", "-i", archive, by: client, columns: 120)
            #expect(try terminal.end(timeout: 30) == 0)
            let shown = terminal.screen
            // A bar that ends full, in a line that was drawn more than once.
            let bars = shown.split(separator: "Loading layer").count - 1
            #expect(bars > 1 && shown.contains("=>]"), "\(shown)")
            #expect(shown.contains("24.") && shown.contains("MB/24."), "\(shown)")
            #expect(shown.hasSuffix("Loaded image: fill:24\r\n"), "\(shown)")
            // Not a terminal: what came of it, alone.
            try engine.ok("rmi", "fill:24")
            #expect(try engine.ok("load", "-i", archive, by: client) == "Loaded image: fill:24")
        }
    }

    /// Without a terminal of the client's own, its signals pass on.
    @Test(arguments: Client.allCases)
    func signalsAreForwarded(client: Client) throws {
        try TestEngine.with { engine in
            let command = try engine.begin(
                "run", "--rm", "--name", "c1", "busybox", "sh", "-c",
                "trap 'exit 21' TERM; echo ready; while :; do sleep 0.05; done", by: client)
            #expect(eventually { command.outputSoFar == "ready\n" })
            kill(command.pid, SIGTERM)
            #expect(try command.wait(timeout: 10).status == 21)
        }
    }
}
