// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import EngineAPI

/// `top`: lists a container's processes.
enum ContainerTop {
    static func run(_ session: Session) throws -> Int32 {
        let options = session.arguments.dropFirst().joined(separator: " ")
        let answer = try session.client().top(session.arguments[0], arguments: options)
        session.console.print(
            TextTable.format([answer.titles] + answer.processes, minimumWidth: 20), terminator: "")
        return 0
    }
}
