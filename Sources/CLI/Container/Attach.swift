// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import CommandLine
internal import EngineAPI
internal import Linux

/// `attach`: connects to a running container.
enum ContainerAttach {
    static func run(_ session: Session) throws -> Int32 {
        let flags = session.flags
        let client = try session.client()
        let name = session.arguments[0]
        let keys = try DetachScanner(flag: flags.string("detach-keys"))
        let container: ContainerInspect = try client.inspectContainer(name)
        try check(container.state)
        let sendsInput = !flags.bool("no-stdin") && container.config.openStdin
        let hasTerminal = container.config.tty
        if sendsInput, hasTerminal, !TerminalWindow.isTerminal(session.console.input) {
            throw Failure("the input device is not a TTY")
        }
        let exit = try client.waitContainer(container.id)
        let streams = ContainerStreams(
            id: container.id, client: client, sendsInput: sendsInput, hasTerminal: hasTerminal,
            passesSignals: flags.bool("sig-proxy") && !hasTerminal, keysFlag: flags.string("detach-keys"), keys: keys)
        let loop = try streams.loop(session)
        try loop.enterRawMode()
        if hasTerminal { redraw(container.id, client, session) }
        if try loop.run() == .detached { throw Failure("read escape sequence", status: 1) }
        return try ContainerStreams.status(of: exit, after: loop)
    }

    private static func check(_ state: ContainerState) throws {
        if !state.running { throw Failure("You cannot attach to a stopped container, start it first") }
        if state.paused { throw Failure("You cannot attach to a paused container, unpause it first") }
        if state.restarting {
            throw Failure("You cannot attach to a restarting container, wait until it is running")
        }
    }

    /// Programs draw anew when the size changes: another size first, then the right one.
    private static func redraw(_ id: String, _ client: EngineClient, _ session: Session) {
        guard let size = TerminalWindow.size(session.console.output) else { return }
        try? client.resizeContainer(id, height: size.rows + 1, width: size.columns + 1)
        try? client.resizeContainer(id, height: size.rows, width: size.columns)
    }
}
