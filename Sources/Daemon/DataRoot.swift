// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux

/// The directory of all that the engine keeps.
enum DataRoot {
    /// Makes it, for root alone (rule R9), whoever made it before. Refuses one whose database is lost: without their
    /// records, containers and images would be taken for what a crash left behind, and removed.
    static func prepare(_ path: String) throws {
        try HostPath.makeDirectories(path, mode: 0o700)
        let root = try FileDescriptor.open(path, O_RDONLY | O_DIRECTORY)
        if try root.status().mode & 0o077 != 0 {
            guard fchmod(root.rawValue, 0o700) == 0 else { throw Errno.last("chmod", path) }
        }
        guard isEmpty(path + "/wharf.db") else { return }
        for kind in ["containers", "content/blobs/sha256", "layers"] {
            guard let names = try? HostPath.names(in: "\(path)/\(kind)"), !names.isEmpty else { continue }
            throw ConfigurationError(
                "\(path)/wharf.db is missing or empty, but \(path)/\(kind) is not: put the database back, or choose another "
                    + "--data-root")
        }
    }

    private static func isEmpty(_ path: String) -> Bool {
        guard let file = try? FileDescriptor.open(path, O_PATH), let status = try? file.status() else { return true }
        return status.isRegular && status.size == 0
    }
}
