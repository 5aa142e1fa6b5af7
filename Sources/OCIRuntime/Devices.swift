// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux
internal import OCI

/// The device nodes and links every container has (config-linux.md#default-devices), and those its specification adds.
enum Devices {
    private static let defaults: [(name: String, major: UInt32, minor: UInt32)] = [
        ("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0),
    ]
    private static let links = [
        ("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"), ("ptmx", "pts/ptmx"),
    ]

    /// The process's file mode mask must be zero.
    static func makeDefaults(in root: borrowing FileDescriptor) throws(RuntimeError) {
        try step("making /dev") { () throws(Linux.Errno) in
            let dev = try root.makeDirectoryInRoot("/dev")
            for (name, major, minor) in defaults {
                try ignoringExisting { () throws(Linux.Errno) in
                    try dev.makeNode(name, mode: S_IFCHR | 0o666, major: major, minor: minor)
                }
            }
            for (name, target) in links {
                try ignoringExisting { () throws(Linux.Errno) in try dev.makeSymbolicLink(name, to: target) }
            }
        }
    }

    static func make(_ device: RuntimeSpec.Device, in root: borrowing FileDescriptor) throws(RuntimeError) {
        let kind: UInt32
        switch device.type {
        case "c", "u": kind = S_IFCHR
        case "b": kind = S_IFBLK
        case "p": kind = S_IFIFO
        default: throw RuntimeError(.invalid, "device \(device.path): unknown type \"\(device.type)\"")
        }
        guard let major = UInt32(exactly: device.major ?? 0), let minor = UInt32(exactly: device.minor ?? 0) else {
            throw RuntimeError(.invalid, "device \(device.path): bad device number")
        }
        var names = device.path.split(separator: "/")
        guard let name = names.popLast(), name != "..", name != "." else {
            throw RuntimeError(.invalid, "device \(device.path): bad path")
        }
        try step("making device \(device.path)") { () throws(Linux.Errno) in
            let directory = try root.makeDirectoryInRoot("/" + names.joined(separator: "/"))
            try ignoringExisting { () throws(Linux.Errno) in
                try directory.makeNode(
                    String(name), mode: kind | (device.fileMode ?? 0o666) & 0o7777, major: major, minor: minor)
            }
            guard device.uid ?? 0 != 0 || device.gid ?? 0 != 0 else { return }
            try directory.openAt(String(name), O_PATH | O_NOFOLLOW).setOwner(
                uid: device.uid ?? 0, gid: device.gid ?? 0)
        }
    }

    private static func ignoringExisting(_ body: () throws(Linux.Errno) -> Void) throws(Linux.Errno) {
        do throws(Linux.Errno) { try body() } catch {
            guard error.code == .exists else { throw error }
        }
    }
}
