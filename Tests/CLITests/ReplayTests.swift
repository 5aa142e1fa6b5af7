// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON
import Testing

@testable import CLI

/// Replays what docker 28.2 did: the same arguments and answers must give the same requests, output and status.
@Suite struct ReplayTests {
    /// The client's own version is in the output; compared apart, below.
    private static let tellsOwnVersion = [0, 1, 2]

    @Test func recordingsAreThere() {
        #expect(Transcript.all.count > 240)
    }

    @Test(arguments: Transcript.all.filter { !$0.isLater && !tellsOwnVersion.contains($0.number) })
    func replays(_ transcript: Transcript) throws {
        let (outcome, state) = try replay(transcript)
        #expect(state.problems == [])
        #expect(outcome.status == transcript.exit)
        #expect(outcome.stderr == transcript.stderr)
        if transcript.isCut {
            let length = min(outcome.stdout.count, transcript.stdout.count)
            #expect(length > 1000)
            #expect(outcome.stdout.prefix(length) == transcript.stdout.prefix(length))
        } else {
            #expect(outcome.stdout == transcript.stdout)
        }
        let asked = state.unused.filter { !Self.isOptional($0, transcript) }.map { "\($0.method) \($0.target)" }
        #expect(asked == [])
        if transcript.exchanges.contains(where: \.wantsInput) {
            #expect(String(decoding: state.input, as: UTF8.self) == transcript.stdin)
        }
    }

    /// What is not supported yet is refused by name, and nothing is asked of the engine.
    @Test(arguments: Transcript.all.filter(\.isLater))
    func refuses(_ transcript: Transcript) {
        let outcome = runProgram(transcript.arguments, environment: ["DOCKER_HOST": "unix:///nonexistent.sock"])
        #expect(outcome.stderr.contains("not supported yet"))
        #expect(outcome.status == 1 || outcome.status == 125)
        #expect(outcome.stdout.isEmpty)
    }

    @Test func versionShowsTheEngineAsDockerDoes() throws {
        let transcript = try #require(Transcript.all.first { $0.number == 0 })
        let (outcome, state) = try replay(transcript)
        #expect(state.problems == [])
        let wanted = try #require(transcript.stdout.range(of: "\nServer:"))
        let got = try #require(outcome.stdout.range(of: "\nServer:"))
        #expect(outcome.stdout[got.lowerBound...] == transcript.stdout[wanted.lowerBound...])
        #expect(outcome.stdout.hasPrefix("Client:\n Version:           28.2.2\n API version:       1.51\n"))
    }

    @Test func infoShowsTheEngineAsDockerDoes() throws {
        let transcript = try #require(Transcript.all.first { $0.number == 2 })
        let (outcome, _) = try replay(transcript)
        #expect(outcome.stdout == transcript.stdout)
        #expect(outcome.stderr == transcript.stderr)
    }

    /// Calls that the recorded client made and this one need not: nobody notices their absence.
    private static func isOptional(_ exchange: Exchange, _ transcript: Transcript) -> Bool {
        // `run -d` waits for an exit it never looks at; `attach` asked before it looked at the state; and `inspect`
        // asks for swarm objects only where there is a swarm.
        (exchange.target.contains("/wait") && transcript.arguments.contains("-d")) || exchange.target == "/info"
            || (exchange.target.contains("/wait") && transcript.arguments[0] == "attach")
    }

    private func replay(_ transcript: Transcript) throws -> (Outcome, FakeEngine.State) {
        let engine = FakeEngine(transcript.exchanges)
        var arguments = transcript.arguments
        var environment = ["DOCKER_HOST": "unix://\(engine.path)"]
        if arguments.first == "-H" { environment = [:] }
        var made: String?
        if let index = arguments.firstIndex(of: "busybox.tar") {
            let path = "/tmp/wharf-replay-\(getpid())-\(transcript.number).tar"
            close(open(path, O_CREAT | O_WRONLY, 0o600))
            arguments[index] = path
            made = path
        }
        defer { if let made { unlink(made) } }
        let outcome = runProgram(arguments, stdin: transcript.stdin, environment: environment, now: transcript.now)
        return (outcome, engine.finish())
    }
}

extension String {
    func range(of other: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(other) { return start..<index(start, offsetBy: other.count) }
            start = index(after: start)
        }
        return nil
    }
}
