// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux
internal import OCI

/// `linux.sysctl`: only those that belong to a namespace of the container's own. All others are the host's.
enum Sysctls {
    private static let ipc = [
        "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax",
        "kernel.shmmni", "kernel.shm_rmid_forced",
    ]

    /// The file below /proc/sys, or why there is none to write.
    static func file(_ name: String, namespaces: NamespacePlan) throws(RuntimeError) -> String {
        // `/` and `.` change places in names that have a slash: net/ipv4/conf/eth0.100/forwarding.
        let key = name.contains("/") ? String(name.map { $0 == "/" ? "." : $0 == "." ? "/" : $0 }) : name
        let needed: String?
        if ipc.contains(key) || key.hasPrefix("fs.mqueue.") {
            needed = namespaces.own(.ipc) ? nil : "ipc"
        } else if key.hasPrefix("net.") {
            needed = namespaces.own(.network) ? nil : "network"
        } else if key == "kernel.domainname" {
            needed = namespaces.own(.uts) ? nil : "uts"
        } else {
            throw RuntimeError(.invalid, "linux.sysctl: sysctl \"\(name)\" is not in a separate kernel namespace")
        }
        if let needed {
            throw RuntimeError(
                .invalid, "linux.sysctl: sysctl \"\(name)\" is not allowed without a \(needed) namespace of its own")
        }
        var path = "sys"
        for part in key.split(separator: ".", omittingEmptySubsequences: false) {
            let component =
                part.utf8.contains(UInt8(ascii: "/")) ? String(part.map { $0 == "/" ? "." : $0 }) : String(part)
            guard !component.isEmpty, component != ".", component != ".." else {
                throw RuntimeError(.invalid, "linux.sysctl: invalid name \"\(name)\"")
            }
            path += "/"
            path += component
        }
        return path
    }

    /// Writes them through a procfs handle that no container has touched (rule R5).
    static func apply(
        _ values: [String: String], proc: borrowing FileDescriptor, namespaces: NamespacePlan
    ) throws(RuntimeError) {
        for name in values.keys.sorted() {
            let value = values[name] ?? ""
            let path = try file(name, namespaces: namespaces)
            try step("setting sysctl \(name)") { () throws(Errno) in
                try proc.openInProc(path, O_WRONLY).writeOnce(value, path)
            }
        }
    }
}
