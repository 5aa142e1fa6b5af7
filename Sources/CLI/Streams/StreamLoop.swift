// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import EngineAPI
internal import HTTPClient
internal import Linux

/// Connects this program's streams with a container's: one thread, one loop over poll(2), one buffer for each way.
final class StreamLoop {
    /// What a loop is told to do; nothing of it changes while it runs.
    struct Plan {
        var stream: HijackedStream
        /// Whether standard input goes to the container.
        var sendsInput: Bool
        var hasTerminal: Bool
        var detachKeys: DetachScanner?
        /// Passes a signal on; nil: signals end this program, with the terminal put back.
        var forward: ((Int32) -> Void)?
        /// Tells the engine of the window's size.
        var resize: ((_ rows: Int, _ columns: Int) -> Void)?
    }

    enum Outcome { case ended, detached }

    private static let bufferBytes = 64 << 10

    private let plan: Plan
    private let console: Console
    private let socket: Int32
    private let signals: SignalDescriptor
    private var settings: TerminalSettings?
    private var splitter: FrameSplitter
    private var keys: DetachScanner?
    /// Read from standard input and not sent yet.
    private var pending: [UInt8] = []
    private var sent = 0
    private var inputIsOpen: Bool
    private var streamIsOpen = true
    private var buffer = [UInt8](repeating: 0, count: StreamLoop.bufferBytes)

    /// Takes over the signals at once: what comes from now on is not lost.
    init(_ plan: Plan, _ console: Console) throws {
        self.plan = plan
        self.console = console
        socket = plan.stream.socket.rawValue
        splitter = FrameSplitter(isMultiplexed: plan.stream.isMultiplexed ?? !plan.hasTerminal)
        inputIsOpen = plan.sendsInput
        keys = plan.detachKeys
        let taken = plan.forward == nil ? ProxiedSignals.ending : ProxiedSignals.passedOn
        signals = try SignalDescriptor(taken + [ProxiedSignals.windowChanged])
    }

    deinit { settings?.restore() }

    /// Puts the terminal into raw mode, if there is one at both ends.
    func enterRawMode() throws {
        if plan.hasTerminal, plan.sendsInput { settings = try TerminalSettings.makeRaw(console.input) }
    }

    /// Tells the engine of the window's size.
    func sendWindowSize() {
        guard plan.hasTerminal, let size = TerminalWindow.size(console.output) else { return }
        plan.resize?(size.rows, size.columns)
    }

    /// Copies until the container's side ends or the user detaches.
    func run() throws -> Outcome {
        defer { leaveRawMode() }
        if !plan.stream.buffered.isEmpty { try splitter.feed(plan.stream.buffered, to: console) }
        while streamIsOpen {
            var entries = [
                PollSet.Entry(socket, read: true, write: !pending.isEmpty),
                PollSet.Entry(console.input, read: inputIsOpen && pending.isEmpty),
                PollSet.Entry(signals.descriptor.rawValue, read: true),
            ]
            try PollSet.wait(&entries)
            if entries[2].isReadable { try takeSignals() }
            if entries[1].isReadable, try takeInput() == .detached { return .detached }
            if entries[0].isWritable { try sendPending() }
            if entries[0].isReadable { try takeOutput() }
        }
        return .ended
    }

    /// Waits for something else on the same signals: the exit that the engine tells of.
    func wait(for response: HTTPResponse) throws {
        while !response.connection.hasBuffered {
            var entries = [
                PollSet.Entry(response.connection.descriptor, read: true),
                PollSet.Entry(signals.descriptor.rawValue, read: true),
            ]
            try PollSet.wait(&entries)
            if entries[1].isReadable { try takeSignals() }
            if entries[0].isReadable { return }
        }
    }

    func leaveRawMode() {
        settings?.restore()
        settings = nil
    }

    // MARK: One step

    private func takeOutput() throws {
        let count: Int
        do throws(Errno) {
            count = try readSocket()
        } catch {
            // A reset is an end: the exit code is asked for elsewhere.
            streamIsOpen = false
            return
        }
        if count == 0 {
            streamIsOpen = false
            return
        }
        try buffer.withUnsafeBytes { bytes in
            try splitter.feed(UnsafeRawBufferPointer(rebasing: bytes[..<count]), to: console)
        }
    }

    private func readSocket() throws(Errno) -> Int {
        try read(socket)
    }

    private func read(_ number: Int32) throws(Errno) -> Int {
        var result: Result<Int, Errno> = .success(0)
        buffer.withUnsafeMutableBytes { bytes in
            do throws(Errno) { result = .success(try RawDescriptor.read(number, into: bytes)) } catch {
                result = .failure(error)
            }
        }
        return try result.get()
    }

    private func takeInput() throws -> Outcome {
        let count = (try? read(console.input)) ?? 0
        if count == 0 {
            inputIsOpen = false
            // Half-close: the container's standard input ends, its output goes on.
            try? StreamSocket.shutdownWrite(socket)
            return .ended
        }
        if keys != nil {
            let filtered = buffer.withUnsafeBytes { bytes in
                keys?.scan(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            }
            guard let filtered else { return .ended }
            pending = filtered.forward
            if filtered.isDetached {
                try? sendPending()
                return .detached
            }
        } else {
            pending = Array(buffer[..<count])
        }
        sent = 0
        try sendPending()
        return .ended
    }

    private func sendPending() throws {
        do throws(Errno) {
            let count = try sendOnce()
            sent += count
        } catch {
            // The container closed its input, or is gone: what it printed still counts.
            inputIsOpen = false
            sent = pending.count
        }
        if sent >= pending.count {
            pending = []
            sent = 0
        }
    }

    private func sendOnce() throws(Errno) -> Int {
        var result: Result<Int, Errno> = .success(0)
        pending.withUnsafeBytes { bytes in
            do throws(Errno) {
                result = .success(try StreamSocket.send(socket, UnsafeRawBufferPointer(rebasing: bytes[sent...])))
            } catch { result = .failure(error) }
        }
        return try result.get()
    }

    private func takeSignals() throws {
        while let signal = try signals.next() {
            if signal == ProxiedSignals.windowChanged {
                sendWindowSize()
            } else if let forward = plan.forward {
                forward(signal)
            } else {
                leaveRawMode()
                throw Failure.status(128 + signal)
            }
        }
    }
}
