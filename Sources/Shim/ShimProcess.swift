// SPDX-License-Identifier: Apache-2.0

internal import Glibc
package import Linux

/// A supervisor as a process, for when it can't be talked to.
package enum ShimProcess {
    /// Kills the supervisor of the container whose run directory this is: that is where it was started. Returns whether
    /// there was one. Whoever calls this ends the container's processes, too. Blocking.
    @discardableResult
    package static func kill(directory: String) throws(Errno) -> Bool {
        let home = try FileDescriptor.open(directory, O_PATH | O_DIRECTORY).status()
        var found = false
        for pid in try HostPath.names(in: "/proc").compactMap({ Int32($0) }) {
            // Held BEFORE it is looked at, so that it is the same process that is then killed.
            guard let process = try? FileDescriptor.process(pid),
                let place = try? FileDescriptor.open("/proc/\(pid)/cwd", O_PATH).status(),
                place.device == home.device, place.inode == home.inode
            else { continue }
            found = true
            try? process.signalProcess(SIGKILL)
        }
        return found
    }
}
