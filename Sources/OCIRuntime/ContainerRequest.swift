// SPDX-License-Identifier: Apache-2.0

package import Linux

/// All that creating a container takes. Descriptors are the caller's own: they are consumed.
package struct ContainerRequest: ~Copyable {
    package var id: String
    package var specification: Specification
    /// Absolute; relative paths of the specification start here.
    package var bundle: String
    package var rootfs: RootFilesystem
    /// Detached mounts that take the place of what the specification says is to be bound, by the mount's place in it.
    package var mountSources: [Int: SharedDescriptor] = [:]
    package var streams: ProcessStreams
    package var gate: StartGate
    /// Where compiled system call filters are kept; nil: nowhere, each is compiled anew.
    package var filterCache: String?
    /// The program that is PID 1 for `--init` (a sealed memfd); nil: the container's own process is.
    package var initProgram: SharedDescriptor?
    /// How many descriptors from 3 on the process gets; they are open in the caller under these numbers.
    package var preservedDescriptors: UInt32 = 0
    /// A session keyring of the container's own.
    package var hasOwnKeyring = true
    /// With pivot_root(2); false: by moving the root file system on top of the old one, as a ramdisk needs it.
    package var pivotsRoot = true
    /// Where no cgroup can be made, and nothing is to be limited, the container goes without.
    package var mayLackCgroup = false
    /// systemd makes the cgroup, and `linux.cgroupsPath` is `slice:prefix:name`.
    package var isSystemdCgroup = false
    /// A named pipe that ends when the program is executed, or has the reason why it is not: `startContainer` hooks run
    /// when the process that asked for the container is gone.
    package var startAnswer: SharedDescriptor?

    package init(
        id: String, specification: Specification, bundle: String, rootfs: consuming RootFilesystem,
        streams: ProcessStreams, gate: consuming StartGate = .pipe, filterCache: String? = nil,
        initProgram: SharedDescriptor? = nil
    ) {
        self.id = id
        self.specification = specification
        self.bundle = bundle
        self.rootfs = rootfs
        self.streams = streams
        self.gate = gate
        self.filterCache = filterCache
        self.initProgram = initProgram
    }
}

/// Where the root file system comes from.
package enum RootFilesystem: ~Copyable {
    /// A detached mount (`FilesystemContext.mount`, `cloneMount`).
    case mount(FileDescriptor)
    /// The specification's `root.path`, bind-mounted.
    case path
}

/// What a process has as standard input, output and error.
package enum ProcessStreams: Sendable {
    /// The caller's own 0, 1 and 2.
    case inherit
    case files(input: SharedDescriptor, output: SharedDescriptor, error: SharedDescriptor)
    /// A new pseudo-terminal of the container's own /dev/pts, as big as the process's `consoleSize`. The caller gets
    /// the other side (`StartedProcess.terminal`).
    case terminal
}

/// What holds a created container's process back until `start`.
package enum StartGate: ~Copyable {
    /// A pipe within this program (the shim). When the program ends first, so does the container.
    case pipe
    /// A named pipe, open for reading and writing, which `wharf-runtime start` writes to. Until `Container.isOnRecord`
    /// the container ends with this program, and from there on it does not.
    case fifo(FileDescriptor)
}

/// A process that runs in a container: its first one, or one that `exec` added. A child of the caller, who reaps it.
package struct StartedProcess: ~Copyable {
    /// On the host.
    package let pid: Int32
    package let pidfd: FileDescriptor
    /// The pseudo-terminal's master, where `.terminal` was asked for. Taken at most once.
    package var terminal: FileDescriptor?
    /// What of its configuration could not be had and is no error: to be told of.
    package var warnings: [String] = []
}
