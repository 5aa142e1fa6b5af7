// SPDX-License-Identifier: Apache-2.0

internal import OCI

/// What a container may open: nothing but what its specification allows, and the devices every container has
/// (config-linux.md#default-devices).
enum DeviceRules {
    private static let defaults: [RuntimeSpec.DeviceRule] = [
        .init(allow: true, type: "c", access: "m"), .init(allow: true, type: "b", access: "m"),
        .init(allow: true, type: "c", major: 1, minor: 3, access: "rwm"),  // null
        .init(allow: true, type: "c", major: 1, minor: 5, access: "rwm"),  // zero
        .init(allow: true, type: "c", major: 1, minor: 7, access: "rwm"),  // full
        .init(allow: true, type: "c", major: 1, minor: 8, access: "rwm"),  // random
        .init(allow: true, type: "c", major: 1, minor: 9, access: "rwm"),  // urandom
        .init(allow: true, type: "c", major: 5, minor: 0, access: "rwm"),  // tty
        .init(allow: true, type: "c", major: 5, minor: 2, access: "rwm"),  // ptmx
        .init(allow: true, type: "c", major: 136, access: "rwm"),  // pts/*
    ]

    /// The rules in the order in which they are to be written.
    static func complete(_ given: [RuntimeSpec.DeviceRule]?) -> [RuntimeSpec.DeviceRule] {
        let given = given ?? []
        // Everything is allowed: a privileged container's one rule.
        if let last = given.last, last.allow, last.isOfAllDevices { return given }
        let start =
            given.first.map(\.isOfAllDevices) == true ? [] : [RuntimeSpec.DeviceRule(allow: false, access: "rwm")]
        return start + given + defaults.filter { !given.contains($0) }
    }
}

extension RuntimeSpec.DeviceRule {
    fileprivate var isOfAllDevices: Bool {
        ["", "a"].contains(type ?? "") && (major ?? -1) < 0 && (minor ?? -1) < 0 && Set(access ?? "rwm") == Set("rwm")
    }
}
