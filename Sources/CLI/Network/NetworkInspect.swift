// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import CommandLine
internal import JSON

/// `network inspect`: shows everything about networks.
enum NetworkInspectCommand {
    static func run(_ session: Session) throws -> Int32 {
        let client = try session.client()
        let query = session.flags.bool("verbose") ? [(name: "verbose", value: "true")] : []
        return try Inspection.run(session) { name in
            ("network", try client.json("GET", "/networks/\(name)", query: query, as: JSONValue.self))
        }
    }
}
