// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux

/// Holds a root directory for one daemon, as long as this value lives: an flock(2) on the file `daemon.lock` in it,
/// which the kernel drops when the daemon dies.
package final class StateLock: Sendable {
    private let file: SharedDescriptor

    /// Throws `ConfigurationError` if another daemon holds the directory.
    package init(directory: String) throws {
        let path = "\(directory)/daemon.lock"
        let descriptor = try FileDescriptor.open(path, O_RDWR | O_CREAT, mode: 0o600)
        guard flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 else {
            let error = Errno.last("flock", path)
            guard error.code == .again else { throw error }
            let owner = (try? descriptor.readAll(limit: 32)).map { String(decoding: $0, as: UTF8.self) } ?? ""
            throw ConfigurationError(
                "\(directory) is in use by another daemon (pid \(owner)): stop it, or choose another directory")
        }
        guard ftruncate(descriptor.rawValue, 0) == 0 else { throw Errno.last("ftruncate", path) }
        try descriptor.writeAll(Array("\(getpid())".utf8))
        file = SharedDescriptor(descriptor)
    }
}
