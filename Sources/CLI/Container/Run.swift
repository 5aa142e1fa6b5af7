// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import CommandLine
internal import EngineAPI
internal import Linux

/// `run`: makes a container, starts it, and stays connected unless told not to.
enum ContainerRun {
    static func run(_ session: Session) throws -> Int32 {
        let help = HelpHint(session)
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
        let isAttached = config.attachStdin || config.attachStdout || config.attachStderr
        // A bad key sequence is told of before anything is made.
        let keys = isAttached ? try DetachScanner(flag: flags.string("detach-keys")) : nil
        let id: String
        do {
            try help.on { try ContainerCreate.check(session) }
            id = try ContainerCreate.create(session, request)
        } catch let failure as Failure where failure.text.isEmpty || failure.status == 125 {
            throw failure
        } catch { throw Self.failure(error, help) }
        let client = try session.client()
        guard let keys else {
            // The container is there, whether it starts or not.
            defer { session.console.print(id) }
            try start(id, client, help)
            return 0
        }
        let streams = ContainerStreams(
            id: id, client: client, sendsInput: config.attachStdin, takesOutput: config.attachStdout,
            takesErrors: config.attachStderr, hasTerminal: config.tty, passesSignals: flags.bool("sig-proxy"),
            keysFlag: flags.string("detach-keys"), keys: keys)
        return try streams.start(session, autoRemove: request.hostConfig.autoRemove) { try start(id, client, help) }
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
