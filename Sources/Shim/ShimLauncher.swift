// SPDX-License-Identifier: Apache-2.0

internal import Glibc
package import Linux

/// What a shim is handed open, beside its listener.
package struct ShimDescriptors: Sendable {
    package var rootfs: SharedDescriptor?
    package var networkNamespace: SharedDescriptor?
    package var pidNamespace: SharedDescriptor?
    package var ipcNamespace: SharedDescriptor?
    /// `ShimConfiguration.mounts`, in the order of their numbers.
    package var mounts: [SharedDescriptor] = []

    package init() {}

    var numbered: [(descriptor: SharedDescriptor, number: Int32)] {
        let named = [
            (rootfs, ShimConfiguration.Inherited.rootfs),
            (networkNamespace, ShimConfiguration.Inherited.networkNamespace),
            (pidNamespace, ShimConfiguration.Inherited.pidNamespace),
            (ipcNamespace, ShimConfiguration.Inherited.ipcNamespace),
        ]
        var result = named.compactMap { descriptor, number in descriptor.map { ($0, number) } }
        for (index, mount) in mounts.enumerated() {
            result.append((mount, ShimConfiguration.Inherited.firstMount + Int32(index)))
        }
        return result
    }
}

/// Starts `wharf-runtime` processes that outlive the daemon: shims and netd.
///
/// The program is copied into one sealed memfd when the daemon starts (rule R11), and every supervisor is executed from
/// that: no container can write it, a package upgrade does not change it under a running daemon, and all supervisors
/// share its pages. What is started is nobody's child (its parent is init), in a session of its own, outside the cgroup
/// of the daemon's systemd unit.
package final class ShimLauncher: Sendable {
    private let program: SharedDescriptor
    /// The cgroup.procs files of the cgroups that supervisors enter.
    private let cgroups: [SharedDescriptor]

    /// Seals the program at `executable`. `cgroupParent` is the daemon's (`/wharf`): supervisors go to `supervisors`
    /// below it, where the daemon itself is not in the root of the hierarchy.
    package init(executable: String, cgroupParent: String) throws(Errno) {
        program = SharedDescriptor(try SealedProgram.seal(executable, name: "wharf-runtime"))
        cgroups = try SupervisorCgroups.open(parent: cgroupParent)
    }

    /// Starts the shim of the container whose run directory (0700, with `config.json` and `shim.json`) this is, and
    /// returns a connection to it. It creates the container at once; whether that worked is the answer to `start`.
    /// Blocking.
    package func launch(directory: String, _ handed: ShimDescriptors) throws(Errno) -> ShimConnection {
        let opened = try FileDescriptor.open(directory, O_RDONLY | O_DIRECTORY)
        let listener = try SequencedSocket.listen(directory: opened, name: ShimConfiguration.FileName.socket)
        var descriptors = [(descriptor: SharedDescriptor(listener), number: ShimConfiguration.Inherited.listener)]
        descriptors += handed.numbered
        // First the connection: it waits in the listener's queue, and tells by closing if the shim dies before it
        // accepts.
        let connection = try ShimConnection.connect(in: opened)
        try spawn(
            ["shim"], directory: directory, log: ShimConfiguration.FileName.log, descriptors: descriptors)
        return connection
    }

    /// Starts `wharf-runtime arguments…` in `directory`, detached, with the sealed program at descriptor 4 and each of
    /// `descriptors` at its number (3 to 63, not 4); standard error is appended to `log` in `directory`. Returns its
    /// process id. Blocking.
    @discardableResult
    package func spawn(
        _ arguments: [String], directory: String, log: String,
        descriptors: [(descriptor: SharedDescriptor, number: Int32)]
    ) throws(Errno) -> Int32 {
        let opened = try FileDescriptor.open(directory, O_RDONLY | O_DIRECTORY)
        let errors = try opened.openAt(log, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, mode: 0o600)
        return try DetachedProcess.spawn(
            program.descriptor, arguments: ["wharf-runtime"] + arguments,
            environment: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
            directory: opened, errors: errors,
            descriptors: [(program, ShimConfiguration.Inherited.executable)] + descriptors, cgroups: cgroups)
    }
}
