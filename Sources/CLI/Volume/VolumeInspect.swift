// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import JSON

/// `volume inspect`: shows everything about volumes.
enum VolumeInspect {
    static func run(_ session: Session) throws -> Int32 {
        let client = try session.client()
        return try Inspection.run(session) { name in ("volume", try client.inspectVolume(name, as: JSONValue.self)) }
    }
}
