// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import EngineAPI
internal import Linux

/// Connecting with a container's own streams, as `run`, `start -a` and `attach` do.
struct ContainerStreams {
    let id: String
    let client: EngineClient
    var sendsInput: Bool
    var takesOutput = true
    var takesErrors = true
    let hasTerminal: Bool
    /// Signals of this program go to the container's process.
    var passesSignals: Bool
    /// The value of `--detach-keys`, and what it says.
    let keysFlag: String?
    let keys: DetachScanner

    /// Takes over the connection and the signals at once: what comes from now on is not lost.
    func loop(_ session: Session) throws -> StreamLoop {
        let stream = try client.attachContainer(
            id, stdin: sendsInput, stdout: takesOutput, stderr: takesErrors, detachKeys: keysFlag)
        let plan = StreamLoop.Plan(
            stream: stream, sendsInput: sendsInput, hasTerminal: hasTerminal,
            detachKeys: hasTerminal && sendsInput ? keys : nil,
            forward: passesSignals ? { [id, client] in Self.forward($0, to: id, client) } : nil,
            resize: { [id, client] in try? client.resizeContainer(id, height: $0, width: $1) })
        return try StreamLoop(plan, session.console)
    }

    /// Starts the container and stays until it has ended, whose exit code is returned, or the user detaches, which is
    /// 0.
    func start(_ session: Session, autoRemove: Bool, _ start: () throws -> Void) throws -> Int32 {
        let loop = try loop(session)
        // Asked for before the start, so that no exit is missed.
        let exit = try client.waitContainer(id, condition: autoRemove ? "removed" : "next-exit")
        do { try start() } catch {
            if autoRemove { _ = try? exit.result() }
            throw error
        }
        try loop.enterRawMode()
        loop.sendWindowSize()
        if try loop.run() == .detached { return 0 }
        return try Self.status(of: exit, after: loop)
    }

    /// The container's exit code, waited for with the signals still taken care of; an engine that can't tell is 125.
    static func status(of exit: PendingWait, after loop: StreamLoop) throws -> Int32 {
        try loop.wait(for: exit.response)
        let result: WaitResponse
        do {
            result = try exit.result()
        } catch {
            throw Failure("error waiting for container: \(Failure.text(of: error))", status: 125)
        }
        if let error = result.error {
            throw Failure("Error waiting for container: \(error.message)", status: 125)
        }
        return Int32(truncatingIfNeeded: result.statusCode)
    }

    private static func forward(_ signal: Int32, to id: String, _ client: EngineClient) {
        try? client.killContainer(id, signal: String(Signals.name(signal).dropFirst(3)))
    }
}
