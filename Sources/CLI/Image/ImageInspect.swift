// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import JSON

/// `image inspect`: shows everything about images.
enum ImageInspectCommand {
    static func run(_ session: Session) throws -> Int32 {
        let client = try session.client()
        return try Inspection.run(session) { name in ("image", try client.inspectImage(name, as: JSONValue.self)) }
    }
}
