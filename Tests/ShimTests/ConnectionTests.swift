// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON
import Linux
import OCI
import Shim
import Testing

/// The daemon's end against a shim that is played by the test.
@Suite(.timeLimit(.minutes(1))) struct ConnectionTests {
    let peer: FakeShim

    init() throws { peer = try FakeShim() }

    @Test func answersGoToWhoAsked() async throws {
        let connection = try ShimConnection.connect(directory: peer.directory)
        async let first = connection.send(.state)
        async let second = connection.send(.start)
        let requests = [try await peer.receive(), try await peer.receive()]
        #expect(Set(requests.map(\.id)).count == 2)
        // Answered in reverse.
        for request in requests.reversed() {
            switch request.body {
            case .start: try peer.send(ShimReply(id: request.id, .started(pid: 42, atNanoseconds: 7)))
            default: try peer.send(ShimReply(id: request.id, .ok))
            }
        }
        if case .ok = try await first {} else { Issue.record("state was not answered by ok") }
        if case .started(pid: 42, atNanoseconds: 7) = try await second {
        } else {
            Issue.record("start got another's answer")
        }
    }

    @Test func failuresAreThrown() async throws {
        let connection = try ShimConnection.connect(directory: peer.directory)
        async let answer = connection.send(.start)
        try await peer.send(ShimReply(id: peer.receive().id, .error(ShimFailure(.notFound, "no such program"))))
        do {
            _ = try await answer
            Issue.record("nothing was thrown")
        } catch let failure as ShimFailure {
            #expect(failure.code == .notFound)
            #expect(failure.message == "no such program")
        }
    }

    @Test func aDescriptorGoesAlong() async throws {
        let connection = try ShimConnection.connect(directory: peer.directory)
        let pipe = try Pipe()
        let writer = SharedDescriptor(try pipe.writeEnd.duplicate())
        async let answer = connection.send(
            .attach(AttachRequest(stdin: true, stdout: true, stderr: true, buffered: [0, 255])),
            descriptor: try writer.descriptor.duplicate())
        let request = try await peer.receive()
        guard case .attach(let attach) = request.body else { throw Errno(.invalidArgument, "receive") }
        #expect(attach.buffered == [0, 255])
        try #require(peer.takePassed()).descriptor.writeAll([1, 2, 3])
        try peer.send(ShimReply(id: request.id, .ok))
        _ = try await answer
        var bytes: [UInt8] = [0, 0, 0, 0]
        #expect(try bytes.withUnsafeMutableBytes { try pipe.readEnd.read(into: $0) } == 3)
    }

    @Test func largeRequestsArriveWhole() async throws {
        let connection = try ShimConnection.connect(directory: peer.directory)
        var process = RuntimeSpec.Process(args: ["sh"])
        process.env = (0..<2000).map { "VARIABLE_\($0)=" + String(repeating: "x", count: 150) }
        let exec = ExecRequest(execID: "e", process: process, privileged: false, attach: nil)
        async let answer = connection.send(.exec(exec))
        let request = try await peer.receive()
        guard case .exec(let received) = request.body else { throw Errno(.invalidArgument, "receive") }
        #expect(received.process == process)
        try peer.send(ShimReply(id: request.id, .ok))
        _ = try await answer
    }

    @Test func eventsComeInOrderAndEndWithTheConnection() async throws {
        let connection = try ShimConnection.connect(directory: peer.directory)
        try peer.accept()
        try peer.send(ShimReply(id: 0, .outOfMemory))
        let record = ExitRecord(code: 137, signal: 9, oomKilled: true, atNanoseconds: 5)
        try peer.send(ShimReply(id: 0, .exited(record)))
        peer.hangUp()
        var events: [ShimReply.Body] = []
        for await event in connection.events { events.append(event) }
        #expect(events.count == 2)
        if case .exited(let last) = events.last { #expect(last == record) } else { Issue.record("no exited") }
    }

    @Test func aShimThatDiesFailsWhatIsWaiting() async throws {
        let connection = try ShimConnection.connect(directory: peer.directory)
        // Ends when the peer hangs up.
        let answer = Task { try await connection.send(.start) }
        _ = try await peer.receive()
        peer.hangUp()
        await #expect(throws: Errno.self) { try await answer.value }
        await #expect(throws: Errno.self) { try await connection.send(.state) }
    }

    @Test func nobodyListensThrows() throws {
        peer.stopListening()
        #expect(throws: Errno.self) { try ShimConnection.connect(directory: peer.directory) }
    }
}
