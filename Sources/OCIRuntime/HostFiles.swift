// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux

/// Descriptors of the host that setting up a container works through, opened before it can see a path of the
/// container's and checked to be what they should be (rule R5).
final class HostFiles {
    /// The host's procfs. Its `self` is the calling process.
    let proc: FileDescriptor
    /// The null device, which masks files.
    let null: FileDescriptor

    private static let procMagic = 0x9fa0

    init() throws(RuntimeError) {
        proc = try step("opening /proc") { () throws(Linux.Errno) in
            try FileDescriptor.open("/proc", O_PATH | O_DIRECTORY)
        }
        null = try step("opening /dev/null") { () throws(Linux.Errno) in try FileDescriptor.open("/dev/null", O_PATH) }
        try verify()
    }

    private func verify() throws(RuntimeError) {
        let type = try step("checking /proc") { () throws(Linux.Errno) in try proc.filesystemType() }
        guard type == HostFiles.procMagic else { throw RuntimeError(.system, "/proc is not a procfs") }
        let device = try step("checking /dev/null") { () throws(Linux.Errno) in try null.status() }
        guard device.isCharacterDevice, device.major == 1, device.minor == 3 else {
            throw RuntimeError(.system, "/dev/null is not the null device")
        }
    }

    /// The calling process's pid as the host sees it.
    func ownPid() throws(RuntimeError) -> Int32 {
        let name = try step("reading /proc/self") { () throws(Linux.Errno) in
            try proc.readSymbolicLink("self").description
        }
        guard let pid = Int32(name) else { throw RuntimeError(.system, "/proc/self is \(name)") }
        return pid
    }

    /// Writes a file of the calling process's own below /proc/self.
    func writeOwn(_ name: String, _ value: String) throws(RuntimeError) {
        try step("writing /proc/self/\(name)") { () throws(Linux.Errno) in
            try proc.openAt("self/\(name)", O_WRONLY).writeOnce(value, name)
        }
    }
}
