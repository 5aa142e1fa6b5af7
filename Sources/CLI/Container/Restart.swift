// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import CommandLine

/// `restart`: stops containers and starts them again.
enum ContainerRestart {
    static func run(_ session: Session) throws -> Int32 {
        let timeout = session.flags.isGiven("timeout") ? session.flags.int("timeout") : nil
        let signal = session.flags.string("signal")
        try session.each { client, name in
            try client.restartContainer(name, timeout: timeout, signal: signal)
            return name
        }
        return 0
    }
}
