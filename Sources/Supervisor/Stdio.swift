// SPDX-License-Identifier: Apache-2.0

internal import ContainerLog
internal import Glibc
internal import Linux

/// The supervisor's ends of one process's standard streams, and the clients attached to them.
///
/// Output goes to the log first and then to every client; it is read only while every client that reads has room. Once
/// the process has exited, what is left (no more than the pipes hold) is read without regard to that, so that its exit
/// waits for nobody.
final class Stdio {
    let isTerminal: Bool
    let scratch: Scratch
    private let loop: EventLoop
    private let log: SharedLog?
    /// The end of a client's input ends the process's.
    private let closesInput: Bool
    private var input: InputSink?
    private var outputs: [Output] = []
    private var clients: [AttachedClient] = []
    private var draining: Drain?
    /// The clients are gone and nothing will come any more.
    private(set) var isFinished = false
    /// Called when a client has detached by keys.
    var onDetach: () -> Void = {}
    /// Called when the last client is gone after `finishClients`.
    var onFinished: () -> Void = {}
    /// Keeps the beginning of the output, for who asked for that.
    var captured: CapturedOutput?

    private final class Output {
        let stream: LogStream
        var watch: EventLoop.Watch?
        init(_ stream: LogStream) { self.stream = stream }
    }

    private struct Drain {
        let timer: EventLoop.Timer
        let done: () -> Void
    }

    init(_ ends: StdioEnds, closesInput: Bool, log: SharedLog?, scratch: Scratch, loop: EventLoop) throws(Errno) {
        isTerminal = ends.isTerminal
        // A terminal's input has no end.
        self.closesInput = closesInput && !ends.isTerminal
        self.log = log
        self.scratch = scratch
        self.loop = loop
        if let input = ends.input {
            let sink = try InputSink(input, loop)
            sink.onRoom = { [weak self] in self?.inputWasTaken() }
            self.input = sink
        }
        if let output = ends.output { try read(output, .stdout) }
        if let error = ends.error { try read(error, .stderr) }
    }

    private func read(_ descriptor: SharedDescriptor, _ stream: LogStream) throws(Errno) {
        try descriptor.descriptor.setNonBlocking()
        let output = Output(stream)
        output.watch = try loop.watch(descriptor, .readable) { [weak self, weak output] _ in
            if let output { self?.pump(output) }
        }
        outputs.append(output)
    }

    // MARK: Clients

    /// Serves a client; `client.begin()` is called. Where the output has ended already, it gets that.
    func attach(_ make: (Stdio) throws(Errno) -> AttachedClient) throws(Errno) {
        let client = try make(self)
        clients.append(client)
        client.begin()
    }

    /// Nothing will be read any more.
    var hasOutputEnded: Bool { outputs.isEmpty }
    var hasInput: Bool { input != nil }
    var inputHasRoom: Bool { input?.hasRoom ?? true }

    private func inputWasTaken() {
        for client in clients { client.inputHasRoom() }
    }

    func writeInput(_ bytes: UnsafeRawBufferPointer) { input?.write(bytes) }

    /// Returns false if the process's input goes on without the client.
    func endInputOfClient() -> Bool {
        guard closesInput else { return false }
        input?.close()
        return true
    }

    func clientHasRoom() { updateInterest() }
    func clientDetached() { onDetach() }

    func clientClosed(_ client: AttachedClient) {
        clients.removeAll { $0 === client }
        updateInterest()
        finishIfDone()
    }

    func logScanner(stdout: Bool, stderr: Bool) -> LogScanner? { log?.scanner(stdout: stdout, stderr: stderr) }
    func pendingLine(_ stream: LogStream) -> [UInt8] { log?.pending(stream) ?? [] }

    // MARK: Output

    /// What may be read now: no more than the client with the least room takes.
    private var room: Int { clients.reduce(Scratch.size) { min($0, $1.room ?? Scratch.size) } }

    private func updateInterest() {
        let goesOn = room > 0 || draining != nil
        for output in outputs {
            output.watch?.want(goesOn ? .readable : [])
            if goesOn { output.watch?.resume() }
        }
    }

    private func pump(_ output: Output) {
        let limit = draining == nil ? room : Scratch.size
        guard limit > 0, let descriptor = output.watch?.descriptor else { return hold(output) }
        let buffer = UnsafeMutableRawBufferPointer(rebasing: scratch.buffer[..<limit])
        do throws(Errno) {
            let count = try descriptor.descriptor.read(into: buffer)
            guard count > 0 else { return end(output) }
            let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            log?.append(output.stream, bytes)
            captured?.append(bytes)
            for client in clients { client.deliver(output.stream, bytes) }
            updateInterest()
        } catch {
            // A terminal without a slave reads as EIO.
            if error.code != .again { end(output) }
        }
    }

    /// A hang-up is reported even to who does not ask: with a client that has no room the loop would spin.
    private func hold(_ output: Output) {
        if let descriptor = output.watch?.descriptor, (try? descriptor.descriptor.bytesWaiting()) == 0 {
            end(output)
        } else {
            output.watch?.suspend()
        }
    }

    private func end(_ output: Output) {
        output.watch?.cancel()
        output.watch = nil
        outputs.removeAll { $0 === output }
        log?.finish(output.stream)
        guard outputs.isEmpty else { return }
        for client in clients { client.outputEnded() }
        if let draining { finishDraining(draining) }
    }

    // MARK: Ending

    /// Reads what is left, for at most so long, and calls `done`: a grandchild that has escaped may hold a pipe open
    /// for ever.
    func drain(milliseconds: Int64, _ done: @escaping () -> Void) {
        input?.cancel()
        let timer = loop.after(milliseconds: milliseconds) { [weak self] in
            guard let self else { return }
            for output in outputs { end(output) }
        }
        let drain = Drain(timer: timer, done: done)
        draining = drain
        updateInterest()
        if outputs.isEmpty { finishDraining(drain) }
    }

    private func finishDraining(_ drain: Drain) {
        drain.timer.cancel()
        draining = nil
        drain.done()
    }

    /// Closes the clients' sockets after what they have still to get.
    func finishClients() {
        isFinished = true
        for client in clients { client.finish() }
        finishIfDone()
    }

    private func finishIfDone() {
        guard isFinished, clients.isEmpty else { return }
        onFinished()
        onFinished = {}
    }
}
