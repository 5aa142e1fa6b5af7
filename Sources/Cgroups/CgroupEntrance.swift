// SPDX-License-Identifier: Apache-2.0

package import Linux

/// The way into a group, opened by who may open it: the process that takes it may be in another user namespace and see
/// none of the host's files.
///
/// Both ways avoid the write of another's pid to cgroup.procs, which waits for an RCU grace period: 11 ms, not 0.05.
package struct CgroupEntrance: Sendable {
    /// cgroup v2: the directory to be forked into (CLONE_INTO_CGROUP).
    package let directory: SharedDescriptor?
    /// cgroup v1: one file for each hierarchy.
    package let files: [SharedDescriptor]

    package init(directory: SharedDescriptor? = nil, files: [SharedDescriptor] = []) {
        self.directory = directory
        self.files = files
    }

    /// Moves the calling process, which has a single thread, by `files`.
    package func enter() throws(CgroupError) {
        for file in files {
            try cgroupStep { () throws(Errno) in try file.descriptor.writeOnce("0", "moving a process into its cgroup")
            }
        }
    }
}
