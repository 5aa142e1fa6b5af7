// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import Linux

/// The capabilities a container gets (capabilities(7)), from Docker's default set and `--cap-add`, `--cap-drop`.
enum CapabilityNames {
    /// All there are, in the order of their numbers.
    static let all = CapabilitySet.names

    /// The fourteen of a container that asked for nothing.
    static let standard = [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FSETID", "CAP_FOWNER", "CAP_MKNOD", "CAP_NET_RAW", "CAP_SETGID",
        "CAP_SETUID", "CAP_SETFCAP", "CAP_SETPCAP", "CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_KILL",
        "CAP_AUDIT_WRITE",
    ]

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
}
