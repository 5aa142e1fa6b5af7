// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import CommandLine
internal import JSON

/// `container inspect`: shows everything about containers.
enum ContainerInspectCommand {
    static func run(_ session: Session) throws -> Int32 {
        let client = try session.client()
        let size = session.flags.bool("size")
        return try Inspection.run(session) { name in
            ("container", try client.inspectContainer(name, size: size, as: JSONValue.self))
        }
    }
}
