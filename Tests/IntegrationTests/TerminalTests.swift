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
