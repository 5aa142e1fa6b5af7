// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

extension StreamSocket {
    /// Makes a socket file and binds to it. The file of a process that is dead is replaced; where somebody listens,
    /// EADDRINUSE; where the path is something else than a socket, EEXIST.
    /// - Parameter group: who may use it beside the owner; nil leaves the group as it is.
    package static func bindUnix(
        path: String, mode: UInt32 = 0o660, group: UInt32? = nil
    ) throws(Errno) -> FileDescriptor {
        try removeStale(path)
        let socket = try bind(.unix(path))
        // Nobody connects before listen(2), so the file is right before it is of use.
        if let group, chown(path, UInt32.max, group) != 0 { throw .last("chown", path) }
        guard chmod(path, mode) == 0 else { throw .last("chmod", path) }
        return socket
    }

    private static func removeStale(_ path: String) throws(Errno) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw Errno(.exists, "bind", path) }
        do throws(Errno) {
            _ = try connect(.unix(path))
            throw Errno(.addressInUse, "bind", path)
        } catch  where error.code == .connectionRefused {
            guard unlink(path) == 0 || wharf_errno() == ENOENT else { throw .last("unlink", path) }
        }
    }
}
