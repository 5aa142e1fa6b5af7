// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux
internal import OCI

/// The device nodes and links every container has (config-linux.md#default-devices), and those its specification adds.
struct Devices {
    /// In a user namespace nobody may make nodes: the host's are bind-mounted.
    let bindsHosts: Bool

    private static let defaults: [(name: String, major: UInt32, minor: UInt32)] = [
        ("null", 1, 3), ("zero", 1, 5), ("full", 1, 7), ("random", 1, 8), ("urandom", 1, 9), ("tty", 5, 0),
    ]
    static let defaultPaths = defaults.map { "/dev/\($0.name)" }
    private static let links = [
        ("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"), ("ptmx", "pts/ptmx"),
    ]

    /// AFTER the specification's own, which may be one of these with another mode. The process's file mode mask must be
    /// zero.
    func makeDefaults(in root: borrowing FileDescriptor) throws(RuntimeError) {
        let dev = try step("making /dev") { () throws(Linux.Errno) in try root.makeDirectoryInRoot("/dev") }
        for (name, major, minor) in Devices.defaults {
            let made = try Devices.isMade("making /dev/\(name)") { () throws(Linux.Errno) in
                if bindsHosts {
                    _ = try dev.openAt(name, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, mode: 0o666)
                } else {
                    try dev.makeNode(name, mode: S_IFCHR | 0o666, major: major, minor: minor)
                }
            }
            if made, bindsHosts { try bindHosts("/dev/\(name)", S_IFCHR, major, minor, dev, name) }
        }
        for (name, target) in Devices.links {
            _ = try Devices.isMade("making /dev/\(name)") { () throws(Linux.Errno) in
                try dev.makeSymbolicLink(name, to: target)
            }
        }
    }

    func make(_ device: RuntimeSpec.Device, in root: borrowing FileDescriptor) throws(RuntimeError) {
        let what = "making device \(device.path)"
        let (kind, major, minor) = try Devices.identity(device)
        var names = device.path.split(separator: "/")
        let name = String(names.popLast() ?? "")
        let directory = try step(what) { () throws(Linux.Errno) in
            try root.makeDirectoryInRoot("/" + names.joined(separator: "/"))
        }
        let made = try Devices.isMade(what) { () throws(Linux.Errno) in
            if bindsHosts, kind != S_IFIFO {
                _ = try directory.openAt(name, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, mode: 0o666)
            } else {
                try directory.makeNode(
                    name, mode: kind | (device.fileMode ?? 0o666) & 0o7777, major: major, minor: minor)
            }
        }
        if !made { return try requireSame(device, kind, major, minor, directory, name) }
        if bindsHosts, kind != S_IFIFO { return try bindHosts(device.path, kind, major, minor, directory, name) }
        guard device.uid ?? 0 != 0 || device.gid ?? 0 != 0 else { return }
        try step(what) { () throws(Linux.Errno) in
            try directory.openAt(name, O_PATH | O_NOFOLLOW).setOwner(uid: device.uid ?? 0, gid: device.gid ?? 0)
        }
    }

    /// What is there already must be what was asked for.
    private func requireSame(
        _ device: RuntimeSpec.Device, _ kind: UInt32, _ major: UInt32, _ minor: UInt32,
        _ directory: borrowing FileDescriptor, _ name: String
    ) throws(RuntimeError) {
        let status = try step("making device \(device.path)") { () throws(Linux.Errno) in
            try directory.openAt(name, O_PATH | O_NOFOLLOW).status()
        }
        let isSame =
            status.mode & S_IFMT == kind
            && (kind == S_IFIFO || (UInt32(status.major) == major && UInt32(status.minor) == minor))
        guard isSame else {
            throw RuntimeError(
                .invalid, "linux.devices: the container has a file at \(device.path) that is not this device")
        }
    }

    /// The host's node, if it is the one that is meant (rule R5).
    private func bindHosts(
        _ path: String, _ kind: UInt32, _ major: UInt32, _ minor: UInt32, _ directory: borrowing FileDescriptor,
        _ name: String
    ) throws(RuntimeError) {
        try step("binding device \(path)") { () throws(Linux.Errno) in
            let node = try FileDescriptor.open(path, O_PATH)
            let status = try node.status()
            guard status.mode & S_IFMT == kind, UInt32(status.major) == major, UInt32(status.minor) == minor else {
                throw Linux.Errno(.noDevice, "open", "\(path), which is another device on the host")
            }
            try node.cloneMount(recursive: false).attachMount(on: try directory.openAt(name, O_PATH | O_NOFOLLOW))
        }
    }

    /// The type and numbers of a device. Also for checking the specification.
    static func identity(
        _ device: RuntimeSpec.Device, _ field: String = "linux.devices"
    ) throws(RuntimeError) -> (kind: UInt32, major: UInt32, minor: UInt32) {
        let kinds: [String: UInt32] = ["c": S_IFCHR, "u": S_IFCHR, "b": S_IFBLK, "p": S_IFIFO]
        let kind = try TaskAttributes.choice(device.type, kinds, "\(field).type")
        if kind == S_IFIFO { return (kind, 0, 0) }
        guard let first = device.major, let second = device.minor, let major = UInt32(exactly: first),
            let minor = UInt32(exactly: second)
        else {
            throw RuntimeError(
                .invalid, "\(field): major and minor of \(device.path) must be given, from 0 to 4294967295")
        }
        return (kind, major, minor)
    }

    private static func isMade(
        _ what: String, _ body: () throws(Linux.Errno) -> Void
    ) throws(RuntimeError) -> Bool {
        do throws(Linux.Errno) {
            try body()
            return true
        } catch {
            guard error.code == .exists else { throw RuntimeError(error, at: what) }
            return false
        }
    }
}
