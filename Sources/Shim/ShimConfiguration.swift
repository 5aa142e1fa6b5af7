// SPDX-License-Identifier: Apache-2.0

/// What a shim is told at launch: `shim.json`, beside the container's `config.json` in its run directory, which is the
/// shim's working directory.
///
/// Inherited descriptors have fixed numbers, named here; the launcher puts them there.
package struct ShimConfiguration: Codable, Sendable {
    package var version = Wire.version
    /// The container's id: 64 hexadecimal digits.
    package var id: String
    package var terminal: Bool
    package var openStdin: Bool
    /// The first attached client's end of input closes the container's.
    package var stdinOnce: Bool
    /// Absolute; nil: nothing is logged.
    package var logPath: String?
    /// Bytes per file, then it rotates; nil: it never does.
    package var logMaximumSize: Int64?
    /// Files kept, the current one included.
    package var logMaximumFiles: Int
    /// Files that were rotated away are compressed.
    package var logCompresses: Bool?
    /// A JSON object that goes with every entry.
    package var logAttributes: String?
    /// Where compiled seccomp filters are kept, absolute.
    package var seccompCache: String
    /// nil: the built-in runtime, in process. Else an OCI runtime's path, or its name in PATH.
    package var externalRuntime: String?
    /// What its command line begins with.
    package var externalRuntimeArguments: [String]?
    /// Detached mounts that came along, by where the specification binds something: the numbers of their descriptors.
    package var mounts: [String: Int32]?
    /// `--init`: PID 1 is `wharf-runtime init`.
    package var initProcess: Bool

    package init(id: String, seccompCache: String) {
        self.id = id
        self.terminal = false
        self.openStdin = false
        self.stdinOnce = false
        self.logPath = nil
        self.logMaximumSize = 20_000_000
        self.logMaximumFiles = 5
        self.seccompCache = seccompCache
        self.externalRuntime = nil
        self.initProcess = false
    }

    /// The numbers of inherited descriptors.
    package enum Inherited {
        /// The listening SOCK_SEQPACKET socket of `shim.sock`.
        package static let listener: Int32 = 3
        /// The sealed memfd the shim runs from (rule R11).
        package static let executable: Int32 = 4
        /// The detached mount of the root file system.
        package static let rootfs: Int32 = 5
        /// The container's network namespace, where it has one of its own; spec path `/proc/self/fd/6`.
        package static let networkNamespace: Int32 = 6
        /// Another container's, to join; spec paths `/proc/self/fd/7` and `/proc/self/fd/8`.
        package static let pidNamespace: Int32 = 7
        package static let ipcNamespace: Int32 = 8
        /// The first of the `mounts`.
        package static let firstMount: Int32 = 10
        /// As many `mounts` as there are numbers left.
        package static let maximumMounts = 50
    }

    /// File names in the run directory.
    package enum FileName {
        package static let socket = "shim.sock"
        package static let specification = "config.json"
        package static let configuration = "shim.json"
        package static let exit = "exit.json"
        /// The shim's own log, kept small; for errors nobody was connected to hear.
        package static let log = "shim.log"
    }
}
