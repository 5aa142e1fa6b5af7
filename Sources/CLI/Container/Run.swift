// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import CommandLine
internal import EngineAPI
internal import Linux

/// `run`: makes a container, starts it, and stays connected unless told not to.
enum ContainerRun {
    static func run(_ session: Session) throws -> Int32 {
        let help = HelpHint(session, "run")
        let flags = session.flags
        if flags.bool("detach"), flags.isGiven("attach") {
            throw Failure("conflicting options: cannot specify both --attach and --detach")
        }
        var request = try help.on {
            try CreateRequestBuilder.build(
                flags, arguments: session.arguments, environment: session.console.environment)
        }
        let config = request.config
        if config.attachStdin, config.tty, !TerminalWindow.isTerminal(session.console.input) {
            throw Failure("the input device is not a TTY")
        }
        if config.tty, let size = TerminalWindow.size(session.console.output) {
            request.hostConfig.consoleSize = ConsoleSize(height: size.rows, width: size.columns)
        }
        // A bad key sequence is told of before anything is made.
        let keys = config.tty ? try help.on { try DetachScanner(flag: flags.string("detach-keys")) } : nil
        let id: String
        do {
            try help.on { try ContainerCreate.check(session) }
            id = try ContainerCreate.create(session, request)
        } catch let failure as Failure where failure.text.isEmpty || failure.status == 125 {
            throw failure
        } catch { throw Self.failure(error, help) }
        let client = try session.client()
        guard config.attachStdin || config.attachStdout || config.attachStderr else {
            if flags.bool("detach") || flags.isGiven("attach") {
                // The container is there, whether it starts or not.
                defer { session.console.print(id) }
                try start(id, client, help)
                return 0
            }
            return 0
        }
        return try attached(session, id, request, keys, client, help)
    }

    private static func attached(
        _ session: Session, _ id: String, _ request: ContainerCreateRequest, _ keys: DetachScanner?,
        _ client: EngineClient, _ help: HelpHint
    ) throws -> Int32 {
        let config = request.config
        let flags = session.flags
        let stream = try help.on {
            try client.attachContainer(
                id, stdin: config.attachStdin, stdout: config.attachStdout, stderr: config.attachStderr,
                detachKeys: flags.string("detach-keys"))
        }
        let plan = StreamLoop.Plan(
            stream: stream, sendsInput: config.attachStdin, hasTerminal: config.tty,
            detachKeys: config.attachStdin ? keys : nil,
            forward: flags.bool("sig-proxy") ? { Self.forward($0, to: id, client) } : nil,
            resize: { try? client.resizeContainer(id, height: $0, width: $1) })
        let loop = try StreamLoop(plan, session.console)
        // Asked for before the start, so that no exit is missed.
        let exit = try help.on {
            try client.waitContainer(id, condition: request.hostConfig.autoRemove ? "removed" : "next-exit")
        }
        do {
            try client.startContainer(id)
        } catch {
            if request.hostConfig.autoRemove { _ = try? exit.result() }
            throw failure(error, help)
        }
        try loop.enterRawMode()
        loop.sendWindowSize()
        if try loop.run() == .detached { return 0 }
        try loop.wait(for: exit.response)
        return try status(of: exit, session)
    }

    /// The container's exit code; an engine that could not tell is 125.
    static func status(of exit: PendingWait, _ session: Session) throws -> Int32 {
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

    static func forward(_ signal: Int32, to id: String, _ client: EngineClient) {
        try? client.killContainer(id, signal: String(Signals.name(signal).dropFirst(3)))
    }

    private static func start(_ id: String, _ client: EngineClient, _ help: HelpHint) throws {
        do { try client.startContainer(id) } catch { throw failure(error, help) }
    }

    /// 127 for a program that is not there, 126 for one that can't be executed, else 125.
    private static func failure(_ error: any Error, _ help: HelpHint) -> Failure {
        let text = Failure.text(of: error)
        let isThere = { (part: String) in text.contains(part) }
        var status: Int32 = 125
        if isThere("executable file not found") || isThere("no such file or directory") { status = 127 }
        if isThere("permission denied") || isThere("is a directory") { status = 126 }
        return help.worded(text, status: status)
    }
}
