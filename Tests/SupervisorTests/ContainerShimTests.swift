// SPDX-License-Identifier: Apache-2.0

import ContainerLog
import Glibc
import Linux
import OCI
import Shim
import Testing

@Suite(.serialized, .timeLimit(.minutes(2))) struct ContainerShimTests {
    @Test func recordsTheExitCode() async throws {
        let fixture = try ShimFixture(["sh", "-c", "exit 7"])
        try await fixture.start()
        let record = try await fixture.exit()
        #expect(record.code == 7)
        #expect(record.signal == nil)
        #expect(!record.oomKilled)
    }

    @Test func recordsTheSignal() async throws {
        let fixture = try ShimFixture(["sleep", "100"])
        try await fixture.start()
        try await fixture.connection.send(.signal(SignalRequest(signal: SIGKILL)))
        let record = try await fixture.exit()
        #expect(record.code == 137)
        #expect(record.signal == 9)
    }

    @Test func tellsThatTheProgramDoesNotExist() async throws {
        let fixture = try ShimFixture(["nosuch"])
        do {
            try await fixture.start()
            Issue.record("it started")
        } catch let failure as ShimFailure {
            #expect(failure.code == .notFound)
            #expect(failure.message.contains(#"exec: "nosuch": executable file not found in $PATH"#))
        }
    }

    @Test func keepsTheOutputsApart() async throws {
        let fixture = try ShimFixture(["sh", "-c", "echo out; echo err >&2; printf partial"])
        let client = try await fixture.attach()
        try await fixture.start()
        let (stdout, stderr) = try await client.outputs()
        #expect(stdout == "out\npartial")
        #expect(stderr == "err\n")
        _ = try await fixture.exit()
        let log = try fixture.log()
        #expect(log.filter { $0.stream == .stdout }.map(\.bytes) == [Array("out\n".utf8), Array("partial".utf8)])
        #expect(log.filter { $0.stream == .stderr }.map(\.bytes) == [Array("err\n".utf8)])
    }

    @Test func theEndOfTheClientsInputEndsTheContainers() async throws {
        let fixture = try ShimFixture(["cat"], .init(openStdin: true, stdinOnce: true))
        let client = try await fixture.attach(buffered: "read before; ")
        try await fixture.start()
        try client.write("hi\n")
        try client.endInput()
        #expect(try await client.outputs().stdout == "read before; hi\n")
        #expect(try await fixture.exit().code == 0)
    }

    @Test func aClientThatGoesAwayEndsTheInputItOwns() async throws {
        let fixture = try ShimFixture(["cat"], .init(openStdin: true, stdinOnce: true))
        do {
            let client = try await fixture.attach()
            try await fixture.start()
            try client.write("last words\n")
        }
        #expect(try await fixture.exit().code == 0)
        #expect(try fixture.log().map(\.bytes) == [Array("last words\n".utf8)])
    }

    @Test func inputThatIsNotOneClientsGoesOn() async throws {
        let fixture = try ShimFixture(["cat"], .init(openStdin: true))
        let first = try await fixture.attach()
        try await fixture.start()
        try first.write("one\n")
        #expect(try await first.read(until: "one").contains("one"))
        try first.endInput()
        #expect(try await first.readToEnd().isEmpty)
        let second = try await fixture.attach()
        try second.write("two\n")
        #expect(try await second.read(until: "two").contains("two"))
        try await fixture.connection.send(.signal(SignalRequest(signal: SIGKILL)))
        #expect(try await fixture.exit().code == 137)
    }

    @Test func everyClientGetsTheOutput() async throws {
        let fixture = try ShimFixture(["sh", "-c", "read x; echo got $x"], .init(openStdin: true, stdinOnce: true))
        let first = try await fixture.attach()
        let second = try await fixture.attach(stdin: false)
        try await fixture.start()
        try first.write("it\n")
        #expect(try await first.outputs().stdout == "got it\n")
        #expect(try await second.outputs().stdout == "got it\n")
    }

    @Test func replaysTheLogWithoutLossOrDoubling() async throws {
        let fixture = try ShimFixture(
            [
                "sh", "-c",
                "i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done; printf par; read x; echo tial",
            ],
            .init(openStdin: true, stdinOnce: true))
        try await fixture.start()
        var clients: [TestClient] = []
        for _ in 0..<5 {
            clients.append(try await fixture.attach(stdin: false, replayLog: true))
            try await Task.sleep(nanoseconds: 3_000_000)
        }
        let expected = (0..<3000).map { "line \($0)\n" }.joined()
        let input = try await fixture.attach()
        try input.write("go\n")
        for client in clients { #expect(try await client.outputs().stdout == expected + "partial\n") }
    }

    @Test func aClientThatDoesNotReadHoldsTheContainerBack() async throws {
        let fixture = try ShimFixture(["sh", "-c", "head -c 4000000 /dev/zero; echo done >&2"])
        let client = try await fixture.attach()
        try await fixture.start()
        try await Task.sleep(nanoseconds: 500_000_000)
        guard case .state(let state) = try await fixture.connection.send(.state) else { throw Errno(.io, "state") }
        #expect(state.status == .running)
        let (stdout, stderr) = try await client.outputs()
        #expect(stdout.utf8.count == 4_000_000)
        #expect(stderr == "done\n")
        #expect(try await fixture.exit().code == 0)
    }

    @Test func aClientThatIsGoneHoldsNothingBack() async throws {
        let fixture = try ShimFixture(["sh", "-c", "head -c 4000000 /dev/zero; echo done >&2"])
        do {
            let client = try await fixture.attach()
            try await fixture.start()
            _ = try await client.read(100)
        }
        #expect(try await fixture.exit().code == 0)
        let log = try fixture.log()
        #expect(log.filter { $0.stream == .stdout }.reduce(0) { $0 + $1.bytes.count } == 4_000_000)
    }

    @Test func aSlowReaderStillGetsTheEndAfterTheExit() async throws {
        let fixture = try ShimFixture(["sh", "-c", "head -c 300000 /dev/zero; echo end >&2"])
        let client = try await fixture.attach()
        try await fixture.start()
        var got = try await client.read(1000)
        try await Task.sleep(nanoseconds: 300_000_000)
        got += try await client.readToEnd()
        let frames = try Frames(got)
        #expect(frames.stdout.count == 300_000)
        #expect(frames.stderr == Array("end\n".utf8))
        #expect(try await fixture.exit().code == 0)
    }

    @Test func copiesMuchThroughInBoundedMemory() async throws {
        let fixture = try ShimFixture(["cat"], .init(openStdin: true, stdinOnce: true))
        let client = try await fixture.attach()
        try await fixture.start()
        let total = 128 << 20
        // Ends when all is written; awaited below.
        let writing = Task {
            try await BlockingPool.shared.run {
                let piece = (0..<65536).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
                for _ in 0..<(total / piece.count) { try client.socket.descriptor.writeAll(piece) }
                try client.endInput()
            }
        }
        var reader = FrameCounter()
        while true {
            let piece = try await client.read(1 << 18)
            if piece.isEmpty { break }
            reader.take(piece)
        }
        try await writing.value
        #expect(reader.payload == total)
        #expect(reader.mismatches == 0)
        #expect(try await fixture.exit().code == 0)
    }

    @Test func aTerminalIsRawResizesAndDetaches() async throws {
        let fixture = try ShimFixture(["sh"], .init(terminal: true, openStdin: true, stdinOnce: true))
        let client = try await fixture.attach()
        try await fixture.start()
        try await fixture.connection.send(.resize(ResizeRequest(execID: nil, height: 33, width: 101)))
        try client.write("stty size\n")
        #expect(try await client.read(until: "33 101").contains("33 101"))
        try client.write("echo a\u{10}b\u{10}\u{11}")
        _ = try await client.readToEnd()
        // It goes on, and somebody else may attach.
        let second = try await fixture.attach()
        try second.write("\nexit 5\n")
        _ = try await second.readToEnd()
        #expect(try await fixture.exit().code == 5)
    }

    @Test func execHasItsOwnStreamsAndCode() async throws {
        let fixture = try ShimFixture(["sleep", "100"])
        try await fixture.start()
        let client = try await fixture.exec(["sh", "-c", "cat; echo err >&2; exit 3"])
        try client.write("in")
        try client.endInput()
        let (stdout, stderr) = try await client.outputs()
        #expect(stdout == "in")
        #expect(stderr == "err\n")
        var code: Int32?
        for await event in fixture.connection.events {
            if case .execExited(execID: "e1", let record) = event {
                code = record.code
                break
            }
        }
        #expect(code == 3)
        #expect(try fixture.log().isEmpty)
        try await fixture.connection.send(.signal(SignalRequest(signal: SIGKILL, all: true)))
    }

    @Test func execOnATerminal() async throws {
        let fixture = try ShimFixture(["sleep", "100"])
        try await fixture.start()
        let client = try await fixture.exec(["sh"], terminal: true)
        try await fixture.connection.send(.resize(ResizeRequest(execID: "e1", height: 12, width: 34)))
        try client.write("stty size; exit\n")
        let text = String(decoding: try await client.readToEnd(), as: UTF8.self)
        #expect(text.contains("12 34"))
        try await fixture.connection.send(.signal(SignalRequest(signal: SIGKILL)))
        #expect(try await fixture.exit().code == 137)
    }

    @Test func goesOnWithoutADaemonAndIsFoundAgain() async throws {
        let fixture = try ShimFixture(["sh", "-c", "read x; echo $x"], .init(openStdin: true, stdinOnce: true))
        let client = try await fixture.attach()
        let pid = try await fixture.start()
        fixture.connection.close()
        try await Task.sleep(nanoseconds: 20_000_000)
        let second = try ShimConnection.connect(directory: fixture.directory)
        guard case .state(let state) = try await second.send(.state) else { throw Errno(.io, "state") }
        #expect(state.status == .running)
        #expect(state.pid == pid)
        second.close()
        try client.write("alone\n")
        #expect(try await client.outputs().stdout == "alone\n")
        #expect(try await eventually { try fixture.exitFile().code } == 0)
        #expect(try fixture.log().map(\.bytes) == [Array("alone\n".utf8)])
    }

    @Test func killingTheShimOfACreatedContainerKillsIt() async throws {
        let fixture = try ShimFixture(["sleep", "100"])
        guard case .state(let state) = try await fixture.connection.send(.state) else { throw Errno(.io, "state") }
        #expect(state.status == .created)
        kill(state.shimPid, SIGKILL)
        #expect(try await eventually { kill(state.pid, 0) == 0 ? nil : true } == true)
        // What the daemon does then.
        fixture.removeCgroups()
    }

    @Test func rotatesTheLog() async throws {
        let fixture = try ShimFixture(["seq", "1", "2000"], .init(logMaximumSize: 30_000))
        try await fixture.start()
        _ = try await fixture.exit()
        #expect(access(fixture.logPath + ".1", F_OK) == 0)
        #expect(access(fixture.logPath + ".5", F_OK) != 0)
        #expect(try fixture.log().last?.bytes == Array("2000\n".utf8))
    }

    @Test func waitingTakesLittleMemory() async throws {
        // Pages of the program count as private while only one process has them.
        let other = try ShimFixture(["true"])
        let fixture = try ShimFixture(["sleep", "100"])
        try await fixture.start()
        try await Task.sleep(nanoseconds: 1_500_000_000)
        guard case .state(let state) = try await fixture.connection.send(.state) else { throw Errno(.io, "state") }
        try await Task.sleep(nanoseconds: 1_500_000_000)
        let text = String(
            decoding: try FileDescriptor.open("/proc/\(state.shimPid)/smaps_rollup", O_RDONLY).readAll(limit: 65536),
            as: UTF8.self)
        let kilobytes = text.split(separator: "\n").filter { $0.hasPrefix("Private_") }
            .compactMap { Int($0.split(separator: " ")[1]) }.reduce(0, +)
        #expect(kilobytes < 1024)
        try await other.connection.send(.signal(SignalRequest(signal: SIGKILL)))
        _ = try await other.exit()
        try await fixture.connection.send(.signal(SignalRequest(signal: SIGKILL)))
        _ = try await fixture.exit()
    }

    /// What `body` gives once it gives something, within ten seconds.
    private func eventually<T>(_ body: () throws -> T?) async throws -> T? {
        for _ in 0..<500 {
            if let value = try? body() { return value }
            try await Task.sleep(nanoseconds: 20_000_000)
        }
        return try body()
    }
}

/// Counts what a stream of frames carries, without keeping it, and compares it with the pattern that was sent.
struct FrameCounter {
    var payload = 0
    var mismatches = 0
    private var head: [UInt8] = []
    private var left = 0

    mutating func take(_ bytes: [UInt8]) {
        for byte in bytes {
            if left == 0 {
                head.append(byte)
                if head.count == 8 {
                    left = head[4...7].reduce(0) { $0 << 8 | Int($1) }
                    head = []
                }
            } else {
                if byte != UInt8(truncatingIfNeeded: (payload & 0xFFFF) &* 31 >> 3) { mismatches += 1 }
                payload += 1
                left -= 1
            }
        }
    }
}
