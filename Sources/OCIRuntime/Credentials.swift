// SPDX-License-Identifier: Apache-2.0

internal import Linux
internal import OCI

/// Who a process is and what it may do: computed in one place, for init and for exec alike (rule R13).
///
/// Inheritable and ambient capabilities are empty unless the specification asks for them.
struct Credentials: Equatable {
    var uid: UInt32
    var gid: UInt32
    var groups: [UInt32]
    var bounding: CapabilitySet
    var effective: CapabilitySet
    var permitted: CapabilitySet
    var inheritable: CapabilitySet
    var ambient: CapabilitySet
    var noNewPrivileges: Bool
    /// Of a user namespace of the container's own.
    var inUserNamespace: Bool

    /// `available` is what the runtime itself may do: more can't be given, less is not asked about (a host may lack
    /// CAP_SYS_RESOURCE even for root).
    /// Who makes a user namespace, or enters one, may do everything in it.
    init(
        _ process: RuntimeSpec.Process, available given: CapabilitySet, inUserNamespace: Bool = false
    ) throws(RuntimeError) {
        let available = inUserNamespace ? CapabilitySet.all : given
        self.inUserNamespace = inUserNamespace
        let user = process.user ?? .init()
        uid = user.uid
        gid = user.gid
        groups = user.additionalGids ?? []
        let sets = process.capabilities
        bounding = try Credentials.set(sets?.bounding, "bounding")
        permitted = try Credentials.set(sets?.permitted, "permitted").intersection(available)
        effective = try Credentials.set(sets?.effective, "effective").intersection(permitted)
        inheritable = try Credentials.set(sets?.inheritable, "inheritable").intersection(available)
        ambient = try Credentials.set(sets?.ambient, "ambient").intersection(permitted).intersection(inheritable)
        noNewPrivileges = process.noNewPrivileges ?? false
    }

    private static func set(_ names: [String]?, _ kind: String) throws(RuntimeError) -> CapabilitySet {
        var result = CapabilitySet()
        for name in names ?? [] {
            guard let bit = CapabilitySet.bit(named: name) else {
                throw RuntimeError(.invalid, "process.capabilities.\(kind): unknown capability \"\(name)\"")
            }
            result.insert(bit: bit)
        }
        return result
    }

    /// Becomes root of the user namespace the calling process was made in, or has entered: until now it is nobody
    /// there.
    static func becomeRoot() throws(RuntimeError) {
        try step("becoming root of the user namespace") { () throws(Errno) in
            try? CurrentProcess.setSupplementaryGroups([])
            try CurrentProcess.setGroup(0)
            try CurrentProcess.setUser(0)
        }
    }

    /// Becomes that user with those capabilities.
    func apply() throws(RuntimeError) {
        try step("setting capabilities and user") { () throws(Errno) in
            // BEFORE the user changes: dropping from the bounding set needs CAP_SETPCAP.
            try CurrentProcess.limitBoundingSet(to: bounding)
            if uid != 0 { try CurrentProcess.setKeepCapabilities(true) }
            // Groups BEFORE the user, who may not change them.
            do throws(Errno) { try CurrentProcess.setSupplementaryGroups(groups) } catch {
                // Where an ordinary user mapped his own group only, the kernel keeps everybody's groups as they are.
                guard inUserNamespace, groups.isEmpty, error.code == .notPermitted else { throw error }
            }
            try CurrentProcess.setGroup(gid)
            try CurrentProcess.setUser(uid)
            if uid != 0 { try CurrentProcess.setKeepCapabilities(false) }
            // AFTER the user, whose change clears the effective set.
            try CurrentProcess.setCapabilities(effective: effective, permitted: permitted, inheritable: inheritable)
            // AFTER the permitted and inheritable sets, which bound the ambient one.
            try CurrentProcess.setAmbient(ambient)
        }
    }
}
