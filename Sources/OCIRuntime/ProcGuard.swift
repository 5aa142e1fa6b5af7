// SPDX-License-Identifier: Apache-2.0

internal import Linux

/// What a process writes to its own /proc must arrive in the kernel's, and masks must lie where the kernel's files are:
/// nothing else is mounted there (rule R5, CVE-2019-16884).
enum ProcGuard {
    /// Files of /proc that may be covered, as they say nothing of other processes and are written by nobody.
    private static let coverable = [
        "/proc/cpuinfo", "/proc/diskstats", "/proc/meminfo", "/proc/stat", "/proc/swaps", "/proc/uptime",
        "/proc/loadavg", "/proc/slabinfo", "/proc/net/dev", "/proc/sys/kernel/ns_last_pid",
        "/proc/sys/crypto/fips_enabled",
    ]
    static let procfs = 0x9fa0

    /// `target` shows where links of the image led.
    static func check(
        _ tree: borrowing FileDescriptor, _ target: borrowing FileDescriptor, _ destination: String, _ what: String
    ) throws(RuntimeError) {
        var path = ""
        for name in destination.split(separator: "/") where name != "." {
            path += "/"
            path += name
        }
        let types = try step(what) { () throws(Errno) in (try tree.filesystemType(), try target.filesystemType()) }
        if path == "/proc", types.0 != procfs {
            throw RuntimeError(.invalid, "\(what): \"\(destination)\" cannot be mounted because it is not of type proc")
        }
        if path != "/proc", types.1 == procfs, !coverable.contains(path) {
            throw RuntimeError(.invalid, "\(what): \"\(destination)\" cannot be mounted because it is inside /proc")
        }
    }
}
