// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import EngineAPI

/// `wait`: prints exit codes as containers end.
enum ContainerWaitCommand {
    static func run(_ session: Session) throws -> Int32 {
        try session.each { client, name in
            let result = try client.waitContainer(name).result()
            if let error = result.error { throw Failure(error.message) }
            return String(result.statusCode)
        }
        return 0
    }
}
