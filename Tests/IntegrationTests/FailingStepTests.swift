// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

/// Every operation of many steps fails after step N, for every N (decision 0012): nothing is left half-made, and the
/// same operation then succeeds.
@Suite(.serialized) struct FailingStepTests {
    /// Runs `operation` with its first, second, … step failing until it succeeds; returns how often it failed.
    private func failEachStep(
        _ engine: TestEngine, _ file: String, _ operation: () throws -> Outcome,
        afterFailure: (Int, Outcome) throws -> Void
    ) throws -> Int {
        for number in 0..<50 {
            try writeText("\(number)\n", to: file)
            let outcome = try operation()
            if readText(file) != nil {
                unlink(file)
                #expect(outcome.status == 0, "no step failed: \(outcome)")
                return number
            }
            #expect(
                outcome.status != 0 && (outcome.stderr + outcome.stdout).contains("made to fail after step"),
                "\(outcome)")
            try afterFailure(number, outcome)
        }
        throw Failure("50 steps and no end")
    }

    private func writeText(_ text: String, to path: String) throws {
        guard let file = fopen(path, "w") else { throw Failure("\(path): errno \(errno)") }
        fputs(text, file)
        fclose(file)
    }

    private func with(_ body: (TestEngine, String) throws -> Void) throws {
        let file = try makeTemporaryFolder("ws") + "/steps"
        defer { removeTree(String(file.dropLast("/steps".count))) }
        try TestEngine.with(arguments: ["--fail-steps", file]) { try body($0, file) }
    }

    @Test func create() throws {
        try with { engine, file in
            let failures = try failEachStep(engine, file) {
                try engine(
                    "create", "--name", "c1", "-v", "/anonymous", "-v", "named:/named", "-w", "/new", "-p", "18080:80",
                    "busybox",
                    "true")
            } afterFailure: { number, _ throws in
                #expect(try engine.ok("ps", "-aq") == "", "\(number)")
                #expect(engine.leaks() == [], "\(number)")
                #expect(try engine.ok("volume", "ls", "-q").linesOfText.allSatisfy { $0 == "named" }, "\(number)")
            }
            #expect(failures >= 4)
            try engine.ok("rm", "-v", "c1")
            try engine.ok("volume", "rm", "named")
        }
    }

    @Test func start() throws {
        try with { engine, file in
            try engine.ok("create", "--name", "c1", "-p", "18080:80", "busybox", "httpd", "-f", "-h", "/www")
            let failures = try failEachStep(engine, file) {
                try engine("start", "c1")
            } afterFailure: { number, _ throws in
                #expect(try engine.inspect("c1", "{{.State.Status}} {{.State.Pid}}") == "created 0", "\(number)")
                // What a container that is not running has.
                let own = engine.dataRoot + "/containers/"
                #expect(engine.leaks { $0.contains(own) } == [], "\(number)")
            }
            #expect(failures >= 7)
            #expect(try engine.inspect("c1", "{{.State.Status}}") == "running")
            try engine.ok("rm", "-f", "c1")
            // The port and the name are free.
            try engine.ok("run", "--rm", "--name", "c1", "-p", "18080:80", "busybox", "true")
        }
    }

    @Test func run() throws {
        try with { engine, file in
            let failures = try failEachStep(engine, file) {
                try engine("run", "--rm", "-v", "/anonymous", "-p", "18080:80", "busybox", "true")
            } afterFailure: { number, outcome throws in
                if outcome.stderr.contains("could not be removed") {
                    // The client hears of it; the container is still known, and can be removed.
                    try engine.ok("rm", "-v", try engine.ok("ps", "-aq").linesOfText.joined())
                }
                // The client removes nothing: `--rm` is the engine's.
                #expect(try eventually(5) { try engine.ok("ps", "-aq") == "" }, "\(number)")
                #expect(engine.leaks() == [], "\(number)")
                #expect(try engine.ok("volume", "ls", "-q") == "", "\(number)")
            }
            #expect(failures >= 10)
        }
    }

    @Test func exec() throws {
        try with { engine, file in
            try engine.ok("run", "-d", "--name", "c1", "busybox", "sleep", "300")
            let before = engine.processes().count
            let failures = try failEachStep(engine, file) {
                try engine("exec", "c1", "true")
            } afterFailure: { number, _ throws in
                #expect(eventually(3) { engine.processes().count == before }, "\(number)")
            }
            #expect(failures == 1)
        }
    }

    @Test func remove() throws {
        try with { engine, file in
            try engine.ok("create", "--name", "c1", "-v", "/anonymous", "busybox", "true")
            let failures = try failEachStep(engine, file) {
                try engine("rm", "-v", "c1")
            } afterFailure: { number, _ throws in
                #expect(try engine.inspect("c1", "{{.State.Status}}") == "created", "\(number)")
            }
            #expect(failures == 1)
            #expect(try engine.ok("ps", "-aq") == "")
            #expect(try engine.ok("volume", "ls", "-q") == "")
        }
    }
}
