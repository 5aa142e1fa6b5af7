// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc

/// A set of capabilities(7).
package struct CapabilitySet: Hashable, Sendable {
    package var rawValue: UInt64
    package init(rawValue: UInt64 = 0) { self.rawValue = rawValue }

    /// By bit; without `CAP_`.
    private static let shortNames = [
        "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
        "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
        "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
        "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
        "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
        "CHECKPOINT_RESTORE",
    ]

    /// All names, `CAP_CHOWN` first.
    package static let names = shortNames.map { "CAP_" + $0 }
    /// All there are.
    package static let all = CapabilitySet(rawValue: 1 << UInt64(shortNames.count) - 1)
    package static let systemAdministration = CapabilitySet(rawValue: 1 << 21)
    package static let setuid = CapabilitySet(rawValue: 1 << 7)

    /// The bit of `CAP_CHOWN`; nil when there is no such capability.
    package static func bit(named name: String) -> Int? {
        guard name.hasPrefix("CAP_") else { return nil }
        let short = name.dropFirst(4)
        return shortNames.firstIndex { $0 == short }
    }

    package func contains(_ other: CapabilitySet) -> Bool { rawValue & other.rawValue == other.rawValue }
    package func intersection(_ other: CapabilitySet) -> CapabilitySet {
        CapabilitySet(rawValue: rawValue & other.rawValue)
    }
    package mutating func insert(bit: Int) { rawValue |= 1 << UInt64(bit) }
}

extension CurrentProcess {
    /// The three sets of capget(2).
    package static func capabilities() throws(Errno) -> (
        effective: CapabilitySet, permitted: CapabilitySet, inheritable: CapabilitySet
    ) {
        var sets = wharf_capabilities()
        guard wharf_capget(&sets) == 0 else { throw .last("capget") }
        return (.init(rawValue: sets.effective), .init(rawValue: sets.permitted), .init(rawValue: sets.inheritable))
    }

    package static func setCapabilities(
        effective: CapabilitySet, permitted: CapabilitySet, inheritable: CapabilitySet
    ) throws(Errno) {
        var sets = wharf_capabilities(
            effective: effective.rawValue, permitted: permitted.rawValue, inheritable: inheritable.rawValue)
        guard wharf_capset(&sets) == 0 else { throw .last("capset") }
    }

    /// Drops from the bounding set all but `kept`. What the kernel does not know of, or is dropped already, is no
    /// error.
    package static func limitBoundingSet(to kept: CapabilitySet) throws(Errno) {
        for bit in 0..<64 where kept.rawValue & (1 << UInt64(bit)) == 0 {
            guard wharf_prctl(24, UInt(bit), 0, 0, 0) != 0 else { continue }  // PR_CAPBSET_DROP
            let code = Errno.Code(rawValue: wharf_errno())
            if code == .invalidArgument { return }  // past the last capability
            throw Errno(code, "prctl", "PR_CAPBSET_DROP \(bit)")
        }
    }

    /// Makes the ambient set exactly `wanted`.
    package static func setAmbient(_ wanted: CapabilitySet) throws(Errno) {
        guard wharf_prctl(47, 4, 0, 0, 0) == 0 else { throw .last("prctl", "PR_CAP_AMBIENT_CLEAR_ALL") }
        for bit in 0..<64 where wanted.rawValue & (1 << UInt64(bit)) != 0 {
            guard wharf_prctl(47, 2, UInt(bit), 0, 0) == 0 else { throw .last("prctl", "PR_CAP_AMBIENT_RAISE \(bit)") }
        }
    }
}
