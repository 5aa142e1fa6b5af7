// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import CommandLine
internal import JSON

/// `inspect`: shows everything about an object of any kind; the first kind that has one of that name counts.
enum InspectAny {
    private static let kinds = [
        "config", "container", "image", "network", "node", "plugin", "secret", "service", "task", "volume",
    ]

    static func run(_ session: Session) throws -> Int32 {
        let kind = session.flags.text("type")
        guard session.flags.isGiven("type") == false || kinds.contains(kind) else {
            if kind.isEmpty { throw Failure("type is empty: must be one of \(list)") }
            throw Failure("unknown type: \"\(kind)\": must be one of \(list)")
        }
        let client = try session.client()
        let size = session.flags.bool("size")
        return try Inspection.run(session) { name in
            if !kind.isEmpty { return try Self.found(kind, name, client, size: size, session) }
            for kind in ["container", "image", "network", "volume", "plugin"] {
                do {
                    return try Self.found(kind, name, client, size: size, session)
                } catch let error as ClientError where isMissing(error) {}
            }
            throw Failure("Error: No such object: \(name)")
        }
    }

    private static var list: String { kinds.map { "\"\($0)\"" }.joined(separator: ", ") }

    /// There is none of that kind, or an engine like this one knows nothing of the kind.
    private static func isMissing(_ error: ClientError) -> Bool { error.isNotFound || error.status == 501 }

    private static func found(
        _ kind: String, _ name: String, _ client: EngineClient, size: Bool, _ session: Session
    ) throws -> Inspection.Found {
        let value = try find(kind, name, client, size: size)
        if size, kind != "container" { session.console.complain("WARNING: --size ignored for \(kind)") }
        return (kind, value)
    }

    static func find(_ kind: String, _ name: String, _ client: EngineClient, size: Bool) throws -> JSONValue {
        switch kind {
        case "container": return try client.inspectContainer(name, size: size, as: JSONValue.self)
        case "image": return try client.inspectImage(name, as: JSONValue.self)
        case "network": return try client.inspectNetwork(name, as: JSONValue.self)
        case "volume": return try client.inspectVolume(name, as: JSONValue.self)
        case "plugin": return try client.json("GET", "/plugins/\(name)/json")
        default: return try client.json("GET", "/\(kind)s/\(name)")
        }
    }
}
