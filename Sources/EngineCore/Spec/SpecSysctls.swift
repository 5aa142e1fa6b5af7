// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI

/// Kernel settings of a container's own namespaces: Docker's two, then those of `--sysctl`.
enum SpecSysctls {
    private static let ipc: Set<String> = [
        "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax",
        "kernel.shmmni", "kernel.shm_rmid_forced",
    ]

    /// `ownsNetwork`: the container has a network namespace that is nobody else's.
    static func settings(_ host: HostConfig, ownsNetwork: Bool) throws(EngineError) -> [String: String]? {
        // Without a user namespace nothing is gained by keeping low ports from processes inside.
        var result =
            ownsNetwork
            ? ["net.ipv4.ip_unprivileged_port_start": "0", "net.ipv4.ping_group_range": "0 2147483647"] : [:]
        for (name, value) in (host.sysctls ?? [:]).sorted(by: { $0.key < $1.key }) {
            try check(name, host)
            result[name] = value
        }
        return result.isEmpty ? nil : result
    }

    /// Only what belongs to a namespace that is not the host's: all else would change the host.
    private static func check(_ name: String, _ host: HostConfig) throws(EngineError) {
        // In names with a slash, `.` and `/` have changed places.
        let first = name.firstIndex { $0 == "." || $0 == "/" }
        let hasSlashes = first.map { name[$0] == "/" } ?? false
        let dotted = hasSlashes ? String(name.map { $0 == "/" ? "." : $0 == "." ? "/" : $0 }) : name
        func refusal(_ why: String) -> EngineError {
            EngineError(
                .invalidParameter,
                "failed to create task for container: failed to create shim task: OCI runtime create failed: "
                    + "runc create failed: sysctl \"\(dotted)\" \(why)")
        }
        if ipc.contains(dotted) || dotted.hasPrefix("fs.mqueue.") {
            if host.ipcMode == "host" { throw refusal("is not allowed in the hosts ipc namespace") }
        } else if dotted.hasPrefix("net.") {
            if host.networkMode == "host" { throw refusal("not allowed in host network namespace") }
        } else if dotted == "kernel.domainname", host.utsMode != "host" {
            return
        } else if dotted == "kernel.hostname", host.utsMode != "host" {
            throw refusal("is not allowed as it conflicts with the OCI \"hostname\" field")
        } else {
            throw refusal("is not in a separate kernel namespace")
        }
    }
}
