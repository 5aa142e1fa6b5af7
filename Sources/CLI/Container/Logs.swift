// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import CommandLine
internal import EngineAPI
internal import HTTPClient
internal import JSON

/// `logs`: shows what a container printed.
enum ContainerLogsCommand {
    static func run(_ session: Session) throws -> Int32 {
        let flags = session.flags
        let now = session.console.now()
        let client = try session.client()
        let container: ContainerInspect = try client.inspectContainer(session.arguments[0])
        let response = try client.logs(
            container.id, follow: flags.bool("follow"), timestamps: flags.bool("timestamps"),
            since: try time("since", flags, now),
            until: try time("until", flags, now), tail: flags.string("tail"),
            details: flags.bool("details"))
        var splitter = FrameSplitter(isMultiplexed: !container.config.tty)
        while let piece = try response.next() {
            try splitter.feed(piece, to: session.console)
        }
        return 0
    }

    private static func time(_ name: String, _ flags: FlagValues, _ now: Timestamp) throws -> String? {
        do { return try GoText.timestamp(flags.string(name), now: now) } catch {
            throw Failure("invalid value for \"\(name)\": \(Failure.text(of: error))")
        }
    }
}
