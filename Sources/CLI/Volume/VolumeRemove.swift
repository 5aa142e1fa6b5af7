// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import CommandLine

/// `volume rm`: removes volumes.
enum VolumeRemove {
    static func run(_ session: Session) throws -> Int32 {
        let force = session.flags.bool("force")
        try session.each { client, name in
            try client.removeVolume(name, force: force)
            return name
        }
        return 0
    }
}
