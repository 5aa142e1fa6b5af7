// SPDX-License-Identifier: Apache-2.0

internal import ContainerLog
internal import Glibc
internal import Linux
internal import Shim

/// A client's own socket, served until it goes away, detaches, or the process's output has ended.
///
/// Phases: open → finishing (what is queued is still sent) → closed. A client whose connection is gone gets nothing
/// more, but what it sent before is still given to the process.
final class AttachedClient {
    /// What may be queued for one that does not read; then the process is held back.
    static let maximumQueued = 64 * 1024
    /// How long a process that has closed its output is given to end.
    private static let exitMilliseconds: Int64 = 500
    /// How long a finishing client may read nothing.
    private static let finishMilliseconds: Int64 = 300_000

    private unowned let stdio: Stdio
    private let request: AttachRequest
    private let loop: EventLoop
    private var watch: EventLoop.Watch?
    private var outgoing = ByteQueue()
    private var detachScanner: DetachScanner
    private var replay: LogScanner?
    private var inputEnded: Bool
    private var isFinishing = false
    /// Nobody reads any more.
    private var peerIsGone = false

    init(_ socket: SharedDescriptor, _ request: AttachRequest, _ stdio: Stdio, _ loop: EventLoop) throws(Errno) {
        try socket.descriptor.setNonBlocking()
        self.stdio = stdio
        self.request = request
        self.loop = loop
        detachScanner = DetachScanner(keys: stdio.isTerminal ? request.detachKeys : [])
        inputEnded = !request.stdin || !stdio.hasInput
        watch = try loop.watch(socket, []) { [weak self] events in self?.ready(events) }
    }

    /// Begins: what was read of the client before, then its log, then both directions.
    func begin() {
        if request.replayLog { replay = stdio.logScanner(stdout: request.stdout, stderr: request.stderr) }
        if !inputEnded, !request.buffered.isEmpty { request.buffered.withUnsafeBytes { give($0) } }
        continueReplay()
        if replay == nil, !request.stream || inputEnded && stdio.hasOutputEnded { finish() }
        updateInterest()
    }

    /// The process writes no more: who does not send it anything either is done, as in Docker. Most likely the process
    /// is about to be reaped; its end comes first then, so that a client that asks for the exit code gets it.
    func outputEnded() {
        guard inputEnded else { return }
        loop.after(milliseconds: Self.exitMilliseconds) { [weak self] in self?.finish() }
    }

    var isClosed: Bool { watch == nil }
    /// How much more output it takes before the process has to wait; nil: it takes none at all.
    var room: Int? {
        guard !isClosed, !isFinishing, !peerIsGone, request.stream, replay == nil else { return nil }
        return max(0, Self.maximumQueued - outgoing.count)
    }

    /// Sends output that has just been read.
    func deliver(_ stream: LogStream, _ bytes: UnsafeRawBufferPointer) {
        guard room != nil, stream == .stdout ? request.stdout : request.stderr else { return }
        send(stream, bytes)
        updateInterest()
    }

    /// Closes the socket after what is queued has been sent.
    func finish() {
        guard !isClosed, !isFinishing else { return }
        isFinishing = true
        inputEnded = true
        if outgoing.isEmpty && replay == nil || peerIsGone { return close() }
        limitFinishing(queued: outgoing.count)
        updateInterest()
    }

    /// Reads on, the process having taken what it was given.
    func inputHasRoom() {
        pumpInput()
        updateInterest()
    }

    private func ready(_ events: Epoll.Interest) {
        if events.contains(.error) || events.contains(.hangUp) { peerIsGone = true }
        if peerIsGone {
            outgoing.removeAll()
            replay = nil
            // A closed connection is ready for ever.
            watch?.suspend()
            stdio.clientHasRoom()
        } else if events.contains(.writable) {
            flush()
        }
        pumpInput()
        if peerIsGone, inputEnded { return close() }
        updateInterest()
    }

    // MARK: Output

    private func send(_ stream: LogStream, _ bytes: UnsafeRawBufferPointer) {
        guard let descriptor = watch?.descriptor, !bytes.isEmpty else { return }
        do throws(Errno) {
            if !stdio.isTerminal { try writeHeader(stream, bytes.count, descriptor) }
            try outgoing.write(bytes, to: descriptor.descriptor)
        } catch {
            loseOutput()
        }
    }

    /// The stdcopy frame's head: the stream, three zeros, the length in network order.
    private func writeHeader(_ stream: LogStream, _ count: Int, _ descriptor: SharedDescriptor) throws(Errno) {
        var header = (UInt32(stream.rawValue).littleEndian, UInt32(count).bigEndian)
        var failure: Errno?
        withUnsafeBytes(of: &header) { header in
            do throws(Errno) { try outgoing.write(header, to: descriptor.descriptor) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    private func flush() {
        guard let descriptor = watch?.descriptor else { return }
        do throws(Errno) {
            try outgoing.flush(to: descriptor.descriptor)
        } catch {
            return loseOutput()
        }
        continueReplay()
        if outgoing.isEmpty {
            if replay == nil, !request.stream { finish() }
            if isFinishing, replay == nil { return close() }
            stdio.clientHasRoom()
        }
    }

    private func loseOutput() {
        peerIsGone = true
        outgoing.removeAll()
        replay = nil
        if inputEnded { close() } else { stdio.clientHasRoom() }
    }

    /// Sends the log until the queue is full. Where it ends, what the writer still holds follows, and then live output:
    /// nothing can come in between, as all of it happens on this thread.
    private func continueReplay() {
        while let scanner = replay, outgoing.isEmpty, !peerIsGone {
            let batch = (try? scanner.read()) ?? []
            for entry in batch { entry.bytes.withUnsafeBytes { send(entry.stream, $0) } }
            guard batch.isEmpty else { continue }
            replay = nil
            // One that wants no live output ends with the last complete line.
            guard request.stream else { return }
            if request.stdout { stdio.pendingLine(.stdout).withUnsafeBytes { send(.stdout, $0) } }
            if request.stderr { stdio.pendingLine(.stderr).withUnsafeBytes { send(.stderr, $0) } }
        }
    }

    // MARK: Input

    private func pumpInput() {
        var rounds = 0
        while !inputEnded, stdio.inputHasRoom, rounds < 16, let descriptor = watch?.descriptor {
            rounds += 1
            let buffer = stdio.scratch.buffer
            do throws(Errno) {
                let count = try descriptor.descriptor.read(into: buffer)
                if count == 0 {
                    endInput()
                } else {
                    give(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                }
            } catch {
                if error.code == .again { return }
                peerIsGone = true
                endInput()
            }
        }
    }

    private func give(_ bytes: UnsafeRawBufferPointer) {
        guard stdio.isTerminal, !request.detachKeys.isEmpty else { return stdio.writeInput(bytes) }
        let (forward, isDetached) = detachScanner.scan(bytes)
        forward.withUnsafeBytes { stdio.writeInput($0) }
        guard isDetached else { return }
        stdio.clientDetached()
        finish()
    }

    /// The client has sent all it will. Where that does not end the process's input, it ends the session, as Docker
    /// does.
    private func endInput() {
        inputEnded = true
        if !stdio.endInputOfClient() || stdio.hasOutputEnded { finish() }
    }

    // MARK: Ending

    private func updateInterest() {
        guard let watch else { return }
        var interest: Epoll.Interest = []
        if !inputEnded, stdio.inputHasRoom { interest.insert(.readable) }
        if !outgoing.isEmpty { interest.insert(.writable) }
        watch.want(interest)
    }

    private func limitFinishing(queued: Int) {
        loop.after(milliseconds: Self.finishMilliseconds) { [weak self] in
            guard let self, !isClosed else { return }
            if outgoing.count >= queued { close() } else { limitFinishing(queued: outgoing.count) }
        }
    }

    private func close() {
        guard let watch, let descriptor = watch.descriptor else { return }
        // What is unread when a Unix socket closes resets the connection; so first nothing can come any more, then it
        // is read.
        _ = shutdown(descriptor.rawValue, Int32(SHUT_RDWR))
        withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 16) { buffer in
            while let count = try? descriptor.descriptor.read(into: buffer), count > 0 {}
        }
        self.watch = nil
        watch.cancel()
        outgoing.removeAll()
        replay = nil
        stdio.clientClosed(self)
    }
}
