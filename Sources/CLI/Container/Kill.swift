// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import CommandLine

/// `kill`: sends containers a signal.
enum ContainerKill {
    static func run(_ session: Session) throws -> Int32 {
        let signal = session.flags.string("signal")
        try session.eachAtOnce { client, name in
            try client.killContainer(name, signal: signal)
            return nil
        }
        return 0
    }
}
