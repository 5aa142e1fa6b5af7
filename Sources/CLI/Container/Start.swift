// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import CommandLine
internal import EngineAPI
internal import Linux

/// `start`: starts containers, or one and stays connected to it.
enum ContainerStart {
    static func run(_ session: Session) throws -> Int32 {
        let flags = session.flags
        guard flags.bool("attach") || flags.bool("interactive") else {
            let client = try session.client()
            return try startAll(session, client)
        }
        guard session.arguments.count == 1 else {
            throw Failure("you cannot start and attach multiple containers at once")
        }
        return try startAttached(session)
    }

    private static func startAll(_ session: Session, _ client: EngineClient) throws -> Int32 {
        var failed: [String] = []
        for name in session.arguments {
            do {
                try client.startContainer(name, detachKeys: session.flags.string("detach-keys"))
                session.console.print(name)
            } catch {
                session.console.complain(Failure.text(of: error))
                failed.append(name)
            }
        }
        guard failed.isEmpty else {
            throw Failure("Error: failed to start containers: \(failed.joined(separator: ", "))")
        }
        return 0
    }

    private static func startAttached(_ session: Session) throws -> Int32 {
        let flags = session.flags
        let client = try session.client()
        let container: ContainerInspect = try client.inspectContainer(session.arguments[0])
        let sendsInput = flags.bool("interactive") && container.config.openStdin
        let hasTerminal = container.config.tty
        let keys = try DetachScanner(flag: flags.string("detach-keys"))
        let stream = try client.attachContainer(
            container.id, stdin: sendsInput, stdout: true, stderr: true, detachKeys: flags.string("detach-keys"))
        let plan = StreamLoop.Plan(
            stream: stream, sendsInput: sendsInput, hasTerminal: hasTerminal,
            detachKeys: hasTerminal && sendsInput ? keys : nil,
            forward: hasTerminal ? nil : { ContainerRun.forward($0, to: container.id, client) },
            resize: { try? client.resizeContainer(container.id, height: $0, width: $1) })
        let loop = try StreamLoop(plan, session.console)
        let exit = try client.waitContainer(
            container.id, condition: container.hostConfig.autoRemove ? "removed" : "next-exit")
        do {
            try client.startContainer(container.id)
        } catch {
            if container.hostConfig.autoRemove { _ = try? exit.result() }
            throw error
        }
        try loop.enterRawMode()
        loop.sendWindowSize()
        if try loop.run() == .detached { return 0 }
        try loop.wait(for: exit.response)
        return try ContainerRun.status(of: exit, session)
    }
}
