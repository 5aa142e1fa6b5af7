// SPDX-License-Identifier: Apache-2.0

extension RuntimeSpec.DeviceRule {
    /// What every container may do: make nodes, and open the devices it is given anyway
    /// (config-linux.md#default-devices).
    public static let ofEveryContainer: [RuntimeSpec.DeviceRule] = [
        .init(allow: true, type: "c", access: "m"),
        .init(allow: true, type: "b", access: "m"),
        .init(allow: true, type: "c", major: 1, minor: 5, access: "rwm"),  // zero
        .init(allow: true, type: "c", major: 1, minor: 3, access: "rwm"),  // null
        .init(allow: true, type: "c", major: 1, minor: 9, access: "rwm"),  // urandom
        .init(allow: true, type: "c", major: 1, minor: 8, access: "rwm"),  // random
        .init(allow: true, type: "c", major: 1, minor: 7, access: "rwm"),  // full
        .init(allow: true, type: "c", major: 5, minor: 0, access: "rwm"),  // tty
        .init(allow: true, type: "c", major: 5, minor: 2, access: "rwm"),  // ptmx
        .init(allow: true, type: "c", major: 136, access: "rwm"),  // pts/*
    ]
}
