// SPDX-License-Identifier: Apache-2.0

internal import APIClient

/// `rename`: gives a container another name.
enum ContainerRename {
    static func run(_ session: Session) throws -> Int32 {
        let old = session.arguments[0].trimmed()
        let new = session.arguments[1].trimmed()
        guard !old.isEmpty, !new.isEmpty else {
            throw Failure("Error: Neither old nor new names may be empty")
        }
        let client = try session.client()
        do {
            try client.renameContainer(old, to: new)
        } catch {
            throw Failure("\(Failure.text(of: error))\nError: failed to rename container named \(old)")
        }
        return 0
    }
}
