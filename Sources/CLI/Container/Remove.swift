// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import CommandLine

/// `rm`: removes containers.
enum ContainerRemove {
    static func run(_ session: Session) throws -> Int32 {
        let force = session.flags.bool("force")
        let volumes = session.flags.bool("volumes")
        try session.eachAtOnce { client, name in
            do {
                try client.removeContainer(name.trimmingSlashes(), force: force, volumes: volumes)
            } catch let error as ClientError where force && error.isNotFound {
                // What is gone already was to be gone: said, but no failure of `rm -f`.
                return Failure.text(of: error)
            }
            return nil
        }
        return 0
    }
}

extension String {
    /// Without the slashes around it, which old names have.
    func trimmingSlashes() -> String {
        var rest = self[...]
        while rest.hasPrefix("/") { rest.removeFirst() }
        while rest.hasSuffix("/") { rest.removeLast() }
        return String(rest)
    }
}
