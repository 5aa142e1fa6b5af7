// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON
import Linux
import Shim
import Synchronization
import Testing

/// The shim's end of the protocol, without a container.
final class FakeShim: Sendable {
    let directory: String
    private let state: Mutex<State>

    private struct State {
        var listener: SharedDescriptor?
        var socket: SharedDescriptor?
        var passed: SharedDescriptor?
    }

    init() throws {
        var template = Array("/tmp/wharf-shim-XXXXXX".utf8CString)
        directory = mkdtemp(&template).map { String(cString: $0) } ?? ""
        let opened = try FileDescriptor.open(directory, O_RDONLY | O_DIRECTORY)
        let listener = try SequencedSocket.listen(directory: opened, name: ShimConfiguration.FileName.socket)
        try listener.setNonBlocking(false)
        state = Mutex(State(listener: SharedDescriptor(listener)))
    }

    deinit {
        unlink("\(directory)/\(ShimConfiguration.FileName.socket)")
        rmdir(directory)
    }

    func accept() throws {
        try state.withLock { state in
            guard state.socket == nil, let listener = state.listener else { return }
            switch try SequencedSocket.accept(listener.descriptor) {
            case .some(let socket):
                try socket.setNonBlocking(false)
                state.socket = SharedDescriptor(socket)
            case .none: throw Errno(.again, "accept")
            }
        }
    }

    /// The next request. Waits on a thread of its own, as the test's other half needs those there are.
    func receive() async throws -> ShimRequest { try await BlockingPool.shared.run { try self.receiveBlocking() } }

    private func receiveBlocking() throws -> ShimRequest {
        try accept()
        let socket = try #require(state.withLock { $0.socket })
        var buffer = [UInt8](repeating: 0, count: Wire.maximumPacket)
        var passed: SharedDescriptor?
        let count = try buffer.withUnsafeMutableBytes { bytes in
            var packet = try socket.descriptor.receivePacket(into: bytes)
            switch packet.takeDescriptor() {
            case .some(let descriptor): passed = SharedDescriptor(descriptor)
            case .none: break
            }
            return packet.count
        }
        state.withLock { $0.passed = passed }
        return try JSON.decode(ShimRequest.self, from: Array(buffer[..<count]))
    }

    func takePassed() -> SharedDescriptor? { state.withLock { $0.passed } }

    func send(_ reply: ShimReply) throws {
        let socket = try #require(state.withLock { $0.socket })
        try socket.descriptor.sendPacket(JSON.encode(reply))
    }

    func hangUp() { state.withLock { $0.socket = nil } }
    func stopListening() { state.withLock { $0.listener = nil } }
}
