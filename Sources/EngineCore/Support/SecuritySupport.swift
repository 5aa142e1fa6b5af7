// SPDX-License-Identifier: Apache-2.0

internal import Linux

/// The security modules that this host's kernel has switched on: looked at once, when the engine starts.
struct SecuritySupport: Sendable, Equatable {
    var appArmor = false
    var seLinux = false

    /// Blocking.
    static func probe() -> SecuritySupport {
        SecuritySupport(
            appArmor: (try? HostPath.readLine("/sys/module/apparmor/parameters/enabled")) == "Y",
            seLinux: HostPath.exists("/sys/fs/selinux/enforce"))
    }
}
