// SPDX-License-Identifier: Apache-2.0

internal import OCI

/// What a container may open: nothing but what its specification allows, and the devices every container has
/// (config-linux.md#default-devices).
enum DeviceRules {
    /// The rules in the order in which they are to be written.
    static func complete(_ given: [RuntimeSpec.DeviceRule]?) -> [RuntimeSpec.DeviceRule] {
        let given = given ?? []
        // Everything is allowed: a privileged container's one rule.
        if let last = given.last, last.allow, last.isOfAllDevices { return given }
        let start =
            given.first.map(\.isOfAllDevices) == true ? [] : [RuntimeSpec.DeviceRule(allow: false, access: "rwm")]
        return start + given + RuntimeSpec.DeviceRule.ofEveryContainer.filter { !given.contains($0) }
    }
}

extension RuntimeSpec.DeviceRule {
    fileprivate var isOfAllDevices: Bool {
        ["", "a"].contains(type ?? "") && (major ?? -1) < 0 && (minor ?? -1) < 0 && Set(access ?? "rwm") == Set("rwm")
    }
}
