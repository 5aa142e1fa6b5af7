// SPDX-License-Identifier: Apache-2.0

package import Linux

/// Starts `wharf-runtime` processes that outlive the daemon: shims and netd.
///
/// The program is copied into one sealed memfd when the daemon starts (rule R11), and every supervisor is executed from
/// that: no container can write it, a package upgrade does not change it under a running daemon, and all supervisors
/// share its pages. What is started is nobody's child (its parent is init), in a session of its own, outside the cgroup of
/// the daemon's systemd unit.
package final class ShimLauncher: Sendable {
    /// Seals the program at `executable`. `cgroupParent` is the daemon's (`/wharf`): supervisors go to `supervisors` below it,
    /// where the daemon itself is not in the root of the hierarchy.
    package init(executable: String, cgroupParent: String) throws(Errno) {
        throw Errno(.notImplemented, "seal", executable)
    }

    /// Starts the shim of the container whose run directory (0700, with `config.json` and `shim.json`) this is, and returns a
    /// connection to it. It creates the container at once; whether that worked is the answer to `start`. Blocking.
    package func launch(
        directory: String, rootfs: SharedDescriptor?, networkNamespace: SharedDescriptor?
    )
        throws(Errno) -> ShimConnection
    {
        throw Errno(.notImplemented, "launch", directory)
    }

    /// Starts `wharf-runtime arguments…` in `directory`, detached, with the sealed program at descriptor 4 and each of
    /// `descriptors` at its number (3 or more, not 4); standard error is appended to `log` in `directory`. Returns its
    /// process id. Blocking.
    @discardableResult
    package func spawn(
        _ arguments: [String], directory: String, log: String,
        descriptors: [(descriptor: SharedDescriptor, number: Int32)]
    ) throws(Errno) -> Int32 {
        throw Errno(.notImplemented, "spawn", directory)
    }
}
