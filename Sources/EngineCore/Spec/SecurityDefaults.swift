// SPDX-License-Identifier: Apache-2.0

internal import OCI

/// What Docker's containers get when nobody says otherwise: paths out of reach, devices, access rules.
enum SecurityDefaults {
    static let maskedPaths = [
        "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
        "/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats", "/sys/devices/virtual/powercap",
        "/sys/firmware",
    ]

    static let readonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]

    /// The search path of a container whose image and request set none.
    static let path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// Bytes of /dev/shm.
    static let sharedMemorySize: Int64 = 64 << 20

    /// Bytes: below this the kernel can't even start a process.
    static let minimumMemory: Int64 = 6 << 20

    static let deviceRules: [RuntimeSpec.DeviceRule] = [
        .init(allow: false, access: "rwm"),
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

    static let allDevices: [RuntimeSpec.DeviceRule] = [.init(allow: true, access: "rwm")]
}
