// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI

/// The capabilities a container gets (capabilities(7)), from Docker's default set and `--cap-add`, `--cap-drop`.
enum CapabilityNames {
    /// All that Linux 5.15 and later know, in the order of their numbers.
    static let all = names(
        """
        CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE
        NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN
        SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE
        MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE
        """)

    /// The fourteen of a container that asked for nothing.
    static let standard = names(
        """
        CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL
        AUDIT_WRITE
        """)

    /// `ALL`, or the full name of `name` (`net_admin`, `CAP_NET_ADMIN`).
    static func normalized(_ name: String) -> String {
        let upper = name.uppercased()
        return upper == "ALL" || upper == "CAP_ALL" ? "ALL" : upper.hasPrefix("CAP_") ? upper : "CAP_" + upper
    }

    /// Normalises a list; an unknown name is refused with Docker's text. `field` is `CapAdd` or `CapDrop`.
    static func normalized(_ list: [String]?, field: String) throws(EngineError) -> [String] {
        var result: [String] = []
        for name in list ?? [] {
            let full = normalized(name)
            guard full == "ALL" || all.contains(full) else {
                throw EngineError(.invalidParameter, "invalid \(field): unknown capability: \"\(full)\"")
            }
            result.append(full)
        }
        return result
    }

    /// What remains of `base` after `add` and `drop` (both normalised), in the order of the kernel's numbers.
    ///
    /// `add` ALL: everything but what `drop` names. `drop` ALL: only what `add` names.
    static func effective(add: [String], drop: [String], privileged: Bool) -> [String] {
        if privileged { return all }
        let added = Set(add)
        let dropped = Set(drop)
        return all.filter { name in
            if added.contains("ALL") { return !dropped.contains(name) }
            if dropped.contains("ALL") { return added.contains(name) }
            return added.contains(name) || (standard.contains(name) && !dropped.contains(name))
        }
    }

    private static func names(_ text: String) -> [String] {
        text.split(whereSeparator: { $0 == " " || $0 == "\n" }).map { "CAP_" + $0 }
    }
}
