// SPDX-License-Identifier: Apache-2.0

/// The versions this program tells of itself.
enum ProductVersion {
    static let wharf = "0.1.0"
    /// The `docker` whose output this is.
    static let docker = "28.2.2"
    static let compiler = "swift6.3"
    static let agent = "Wharf-Client/\(wharf)"

    /// `--version`, as the name it was called by is expected to answer.
    static func line(program: String) -> String {
        program == "docker" ? "Docker version \(docker), build wharf-\(wharf)" : "Wharf version \(wharf)"
    }
}
