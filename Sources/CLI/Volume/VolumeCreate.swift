// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import CommandLine
internal import EngineAPI

/// `volume create`: makes a volume and prints its name.
enum VolumeCreate {
    static func run(_ session: Session) throws -> Int32 {
        let flags = session.flags
        if flags.isGiven("name"), !session.arguments.isEmpty {
            throw Failure(
                "conflicting options: cannot specify a volume-name through both --name and as a positional arg")
        }
        var request = VolumeCreateRequest()
        request.driver = flags.string("driver")
        request.name = session.arguments.first ?? flags.string("name")
        if flags.isGiven("label") { request.labels = KeyValues.dictionary(flags.list("label")) }
        if flags.isGiven("opt") { request.driverOpts = KeyValues.dictionary(flags.list("opt")) }
        session.console.print(try session.client().createVolume(request).name)
        return 0
    }
}
