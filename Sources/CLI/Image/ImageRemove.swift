// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import CommandLine
internal import EngineAPI

/// `rmi`: takes names off images, and removes those that have none left.
enum ImageRemove {
    static func run(_ session: Session) throws -> Int32 {
        let force = session.flags.bool("force")
        let noPrune = session.flags.bool("no-prune")
        let client = try session.client()
        var problems: [String] = []
        var isFatal = false
        for name in session.arguments {
            do {
                for item in try client.removeImage(name, force: force, noPrune: noPrune) {
                    if let deleted = item.deleted { session.console.print("Deleted: \(deleted)") }
                    if let untagged = item.untagged { session.console.print("Untagged: \(untagged)") }
                }
            } catch {
                if !(error.isNotFound && force) { isFatal = true }
                problems.append(Failure.text(of: error))
            }
        }
        if !problems.isEmpty { throw Failure(problems.joined(separator: "\n"), status: isFatal ? 1 : 0) }
        return 0
    }
}
