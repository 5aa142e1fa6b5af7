// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux
internal import OCI

/// A pseudo-terminal of a container's own devpts instance: its master goes to the runtime, its slave becomes the
/// process's standard streams.
enum Terminal {
    /// Opens a new one. `devpts` is the instance's root.
    static func open(
        _ devpts: borrowing FileDescriptor, size: RuntimeSpec.ConsoleSize?
    ) throws(RuntimeError) -> TerminalPair {
        do throws(Linux.Errno) {
            let master = try devpts.openAt("ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW)
            // A container could have put another file there (rule R5): only the real one has a peer.
            let slave = try master.openTerminalPeer()
            if let size {
                try master.setWindowSize(rows: UInt16(clamping: size.height), columns: UInt16(clamping: size.width))
            }
            return TerminalPair(master: master, slave: slave)
        } catch {
            throw RuntimeError(error, at: "opening a terminal")
        }
    }

    /// One of the host's, for a container whose own devpts is not there yet.
    static func openOnHost(size: RuntimeSpec.ConsoleSize?) throws(RuntimeError) -> TerminalPair {
        let devpts = try step("opening /dev/pts") { () throws(Linux.Errno) in
            try FileDescriptor.open("/dev/pts", O_PATH | O_DIRECTORY)
        }
        return try open(devpts, size: size)
    }

    /// The slave on /dev/console, which is bind-mounted.
    static func attachConsole(_ slave: borrowing FileDescriptor, in root: borrowing FileDescriptor) throws(RuntimeError)
    {
        try step("mounting /dev/console") { () throws(Linux.Errno) in
            let target = try root.makeFileInRoot("/dev/console", mode: 0o600)
            // Where the image's is a link into /proc, what is written there would end in the terminal (CVE-2025-52565).
            guard try target.filesystemType() != ProcGuard.procfs else {
                throw Linux.Errno(.tooManyLinks, "open", "/dev/console, which leads into /proc")
            }
            try slave.cloneMount(recursive: false).attachMount(on: target)
        }
    }
}

final class TerminalPair {
    let master: FileDescriptor
    let slave: FileDescriptor

    init(master: consuming FileDescriptor, slave: consuming FileDescriptor) {
        self.master = master
        self.slave = slave
    }

    /// Where one of the host's terminals is.
    var hostPath: String {
        let link = try? FileDescriptor.open("/proc/self/fd", O_RDONLY | O_DIRECTORY)
            .readSymbolicLink("\(slave.rawValue)").description
        return link ?? ""
    }
}

extension ProcessStreams {
    var isTerminal: Bool {
        switch self {
        case .terminal: true
        default: false
        }
    }
}
