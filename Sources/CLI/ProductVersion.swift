// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI

/// What this program says besides its own version.
extension ProductVersion {
    /// The `docker` whose output this is.
    static let docker = "28.2.2"
    static let compiler = "swift6.3"
    static let agent = "Wharf-Client/\(wharf)"

    /// `--version`, as the name it was called by is expected to answer.
    static func line(program: String) -> String {
        program == "docker" ? "Docker version \(docker), build wharf-\(wharf)" : "Wharf version \(wharf)"
    }
}
