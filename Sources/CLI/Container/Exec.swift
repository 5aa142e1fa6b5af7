// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import CommandLine
internal import EngineAPI
internal import Linux

/// `exec`: runs another program in a running container.
enum ContainerExec {
    static func run(_ session: Session) throws -> Int32 {
        let flags = session.flags
        let client = try session.client()
        let name = session.arguments[0]
        let request = try self.request(session)
        if request.attachStdin, request.tty, !TerminalWindow.isTerminal(session.console.input) {
            throw Failure("the input device is not a TTY")
        }
        // The engine says what is wrong with keys that can't be read.
        let keys = try? DetachScanner(flag: flags.string("detach-keys"))
        // Said first, so that nothing is begun in a container that is not there.
        let _: ContainerInspect = try client.inspectContainer(name)
        let id = try client.createExec(name, request)
        if request.detach {
            try client.startDetachedExec(id, terminal: request.tty)
            return 0
        }
        let stream = try client.startExec(
            id, ExecStartRequest(detach: false, tty: request.tty, consoleSize: request.consoleSize))
        let plan = StreamLoop.Plan(
            stream: stream, sendsInput: request.attachStdin, hasTerminal: request.tty,
            detachKeys: request.tty && request.attachStdin ? keys : nil, forward: nil,
            resize: { try? client.resizeExec(id, height: $0, width: $1) })
        let loop = try StreamLoop(plan, session.console)
        try loop.enterRawMode()
        loop.sendWindowSize()
        if try loop.run() == .detached { throw Failure("read escape sequence", status: 1) }
        let result = try client.inspectExec(id)
        return Int32(truncatingIfNeeded: result.exitCode ?? 0)
    }

    private static func request(_ session: Session) throws -> ExecCreateRequest {
        let flags = session.flags
        var request = ExecCreateRequest(user: flags.text("user"))
        request.privileged = flags.bool("privileged")
        request.tty = flags.bool("tty")
        request.workingDir = flags.text("workdir")
        request.detach = flags.bool("detach")
        request.cmd = Array(session.arguments.dropFirst())
        request.detachKeys = flags.text("detach-keys")
        let env = try Environment.list(
            flags.list("env"), files: flags.list("env-file"), environment: session.console.environment)
        request.env = env.isEmpty ? nil : env
        if !request.detach {
            request.attachStdout = true
            request.attachStderr = true
            request.attachStdin = flags.bool("interactive")
        }
        if request.tty, let size = TerminalWindow.size(session.console.output) {
            request.consoleSize = ConsoleSize(height: size.rows, width: size.columns)
        }
        return request
    }
}
