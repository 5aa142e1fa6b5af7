// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import CommandLine

/// `stop`: asks containers to end, kills those that don't.
enum ContainerStop {
    static func run(_ session: Session) throws -> Int32 {
        let timeout = session.flags.isGiven("timeout") ? session.flags.int("timeout") : nil
        let signal = session.flags.string("signal")
        try session.eachAtOnce { client, name in
            try client.stopContainer(name, timeout: timeout, signal: signal)
            return nil
        }
        return 0
    }
}
