// SPDX-License-Identifier: Apache-2.0

internal import APIClient

/// `unpause`: lets frozen containers go on.
enum ContainerUnpause {
    static func run(_ session: Session) throws -> Int32 {
        try session.eachAtOnce { client, name in
            try client.unpauseContainer(name)
            return nil
        }
        return 0
    }
}
