// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import CommandLine
internal import EngineAPI
internal import Linux

/// `start`: starts containers, or one and stays connected to it.
enum ContainerStart {
    static func run(_ session: Session) throws -> Int32 {
        let flags = session.flags
        for name in ["checkpoint", "checkpoint-dir"] where flags.isGiven(name) {
            throw Failure("\"--\(name)\" is only supported on a Docker daemon with experimental features enabled")
        }
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
        let hasTerminal = container.config.tty
        let streams = ContainerStreams(
            id: container.id, client: client, sendsInput: flags.bool("interactive") && container.config.openStdin,
            hasTerminal: hasTerminal, passesSignals: !hasTerminal, keysFlag: flags.string("detach-keys"),
            keys: try DetachScanner(flag: flags.string("detach-keys")))
        return try streams.start(session, autoRemove: container.hostConfig.autoRemove) {
            try client.startContainer(container.id)
        }
    }
}
