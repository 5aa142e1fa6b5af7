// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import CommandLine
internal import EngineAPI

/// `diff`: shows what a container changed of its files.
enum ContainerDiff {
    static func run(_ session: Session) throws -> Int32 {
        let name = session.arguments[0]
        guard !name.isEmpty else { throw Failure("container name cannot be empty") }
        for change in try session.client().changes(name) ?? [] {
            let letter = [0: "C", 1: "A", 2: "D"][change.kind] ?? "?"
            session.console.print("\(letter) \(change.path)")
        }
        return 0
    }
}
