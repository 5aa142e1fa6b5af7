// SPDX-License-Identifier: Apache-2.0

internal import APIClient

/// `pause`: freezes containers.
enum ContainerPause {
    static func run(_ session: Session) throws -> Int32 {
        try session.eachAtOnce { client, name in
            try client.pauseContainer(name)
            return nil
        }
        return 0
    }
}
