// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

/// A supervisor that lives and does nothing (SIGSTOP, a log on a disk that hangs) is one container's trouble, and that
/// one can still be removed.
@Suite(.serialized) struct StuckShimTests {
    private func with(_ body: (TestEngine, _ shim: pid_t) throws -> Void) throws {
        try TestEngine.with { engine in
            try engine.ok("run", "-d", "--name", "stuck", "-p", "18080:80", "busybox", "sleep", "300")
            try engine.ok("run", "-d", "--name", "well", "busybox", "sleep", "300")
            let shim = try engine.shim("stuck")
            kill(shim, SIGSTOP)
            defer { kill(shim, SIGCONT) }
            try body(engine, shim)
        }
    }

    @Test func othersAreServed() throws {
        try with { engine, _ in
            for arguments in [
                ["ps", "-a"], ["inspect", "stuck"], ["logs", "stuck"], ["top", "stuck"], ["info"], ["port", "stuck"],
                ["exec", "well", "true"], ["run", "--rm", "busybox", "true"], ["stop", "-t", "0", "well"],
            ] {
                let outcome = try engine.command(arguments, timeout: 5)
                #expect(outcome.status == 0, "\(arguments): \(outcome)")
            }
        }
    }

    @Test(arguments: [
        ["kill", "stuck"], ["rm", "-f", "stuck"], ["stop", "-t", "1", "stuck"], ["restart", "-t", "1", "stuck"],
    ])
    func itCanBeEnded(_ arguments: [String]) throws {
        try with { engine, shim in
            let pid = try engine.processID("stuck")
            let outcome = try engine.command(arguments, timeout: 25)
            #expect(outcome.status == 0, "\(outcome)")
            #expect(eventually { !engine.processes().contains { $0.pid == pid || $0.pid == shim } })
            switch arguments[0] {
            case "rm": #expect(try engine("inspect", "stuck").status == 1)
            case "restart": #expect(try engine.inspect("stuck", "{{.State.Status}}") == "running")
            default: #expect(try engine.inspect("stuck", "{{.State.Status}} {{.State.ExitCode}}") == "exited 137")
            }
            // What it had is free.
            try engine("rm", "-f", "stuck")
            try engine.ok("run", "--rm", "-p", "18080:80", "busybox", "true")
        }
    }

    @Test func aNewDaemonDoesNotWaitForIt() throws {
        try with { engine, shim in
            try engine.stop(SIGKILL)
            try engine.start()
            #expect(try engine.ok("ps", "--format", "{{.Names}}").linesOfText == ["well", "stuck"])
            #expect(try engine.ok("exec", "well", "echo", "hi") == "hi")
            kill(shim, SIGCONT)
            #expect(try engine.ok("exec", "stuck", "echo", "hi", timeout: 5) == "hi")
            kill(shim, SIGSTOP)
            #expect(try engine("rm", "-f", "stuck", timeout: 25).status == 0)
        }
    }
}
