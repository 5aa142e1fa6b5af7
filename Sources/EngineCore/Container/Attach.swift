// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Linux
internal import Shim

extension Container {
    /// Connects a client: at once if the container runs, else when it does.
    func attach(_ options: AttachOptions, stream: any ClientStream) async throws {
        let request = AttachRequest(
            stdin: options.stdin && record.config.openStdin, stdout: options.stdout, stderr: options.stderr,
            replayLog: options.logs, stream: options.stream, detachKeys: try Validation.detachKeys(options.detachKeys))
        switch await settle() {
        case .paused: throw EngineError(.conflict, "container \(id) is paused, unpause the container before attach")
        case .restarting:
            throw EngineError(.conflict, "container \(id) is restarting, wait until the container is running")
        default: break
        }
        switch phase {
        case .removed, .removing: throw ContainerTable.missing(id)
        case .running(let running):
            services.tell("attach", record)
            // Ends once the shim has the socket, or the client is gone.
            Task { await Self.give(stream, request, to: running.shim) }
        default:
            services.tell("attach", record)
            enqueue(request, stream)
        }
    }

    private func enqueue(_ request: AttachRequest, _ stream: any ClientStream) {
        let key = (attaches.last?.key ?? 0) + 1
        attaches.append(PendingAttach(key: key, request: request, stream: stream))
        stream.onClose { [weak self] in
            // Ends at once: it only takes an element out of a list.
            Task { await self?.forgetAttach(key) }
        }
    }

    private func forgetAttach(_ key: UInt64) { attaches.removeAll { $0.key == key } }

    /// Gives every waiting client's socket to the shim, before the process starts: they miss nothing.
    func giveAttaches(to shim: ShimConnection) async {
        while !attaches.isEmpty {
            let attach = attaches.removeFirst()
            await Self.give(attach.stream, attach.request, to: shim)
        }
    }

    /// The client may have gone: then there is nobody to tell.
    private static func give(_ stream: any ClientStream, _ request: AttachRequest, to shim: ShimConnection) async {
        do {
            let taken = try await stream.takeSocket()
            var request = request
            request.buffered = taken.buffered
            try await shim.send(.attach(request), descriptor: taken.intoSocket())
        } catch {
            return
        }
    }

    /// Closes the connections of clients that wait for a start that failed, or that will never come.
    func dropAttaches() {
        let dropped = attaches
        attaches = []
        for attach in dropped {
            // Ends when the head is flushed or the client is gone; the socket closes as it is let go.
            Task { _ = try? await attach.stream.takeSocket().buffered }
        }
    }
}

extension TakenSocket {
    /// The socket alone.
    consuming func intoSocket() -> FileDescriptor { socket }
}
