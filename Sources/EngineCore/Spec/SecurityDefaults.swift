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

    static let deviceRules =
        [RuntimeSpec.DeviceRule(allow: false, access: "rwm")] + RuntimeSpec.DeviceRule.ofEveryContainer

    static let allDevices: [RuntimeSpec.DeviceRule] = [.init(allow: true, access: "rwm")]
}
