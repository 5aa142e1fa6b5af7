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
    /// What was asked for and can't be given: no error, but something to tell of (config.md#linux-process).
    private(set) var warnings: [String] = []

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
        var warnings: [String] = []
        // The kernel leaves what the runtime lacks out of the bounding set by itself.
        bounding = Credentials.set(sets?.bounding, "bounding", within: available, &warnings).asked
        permitted = Credentials.set(sets?.permitted, "permitted", within: available, &warnings).given
        effective = Credentials.set(sets?.effective, "effective", within: permitted, &warnings).given
        inheritable = Credentials.set(sets?.inheritable, "inheritable", within: available, &warnings).given
        let bounds = permitted.intersection(inheritable)
        ambient = Credentials.set(sets?.ambient, "ambient", within: bounds, &warnings).given
        noNewPrivileges = process.noNewPrivileges ?? false
        self.warnings = warnings
    }

    private static func set(
        _ names: [String]?, _ kind: String, within bounds: CapabilitySet, _ warnings: inout [String]
    ) -> (asked: CapabilitySet, given: CapabilitySet) {
        var asked = CapabilitySet()
        var refused: [String] = []
        for name in names ?? [] {
            let bit = CapabilitySet.bit(named: name)
            if let bit { asked.insert(bit: bit) }
            if bit.map({ bounds.rawValue >> UInt64($0) & 1 == 0 }) ?? true { refused.append(name) }
        }
        if !refused.isEmpty {
            warnings.append("process.capabilities.\(kind): \(refused.joined(separator: ", ")) can't be given")
        }
        return (asked, asked.intersection(bounds))
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
