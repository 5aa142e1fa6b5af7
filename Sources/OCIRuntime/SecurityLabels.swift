// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux
internal import OCI

/// AppArmor profiles and SELinux labels: refused where the kernel does not have what would enforce them, as a container
/// that runs without its confinement is worse than none.
enum SecurityLabels {
    static func check(_ process: RuntimeSpec.Process) throws(RuntimeError) {
        if given(process.apparmorProfile), access("/sys/module/apparmor/parameters/enabled", F_OK) != 0 {
            throw RuntimeError(.unsupported, "process.apparmorProfile needs AppArmor, which this kernel does not have")
        }
        if given(process.selinuxLabel) { try needSELinux("process.selinuxLabel") }
    }

    static func check(_ linux: RuntimeSpec.Linux) throws(RuntimeError) {
        if given(linux.mountLabel) { try needSELinux("linux.mountLabel") }
    }

    private static func given(_ label: String?) -> Bool { label?.isEmpty == false }

    private static func needSELinux(_ field: String) throws(RuntimeError) {
        guard access("/sys/fs/selinux/enforce", F_OK) != 0 else { return }
        throw RuntimeError(.unsupported, "\(field) needs SELinux, which this kernel does not have")
    }

    /// Both take effect at the next execve(2).
    static func apply(_ process: RuntimeSpec.Process, _ host: HostFiles) throws(RuntimeError) {
        if let profile = process.apparmorProfile, !profile.isEmpty {
            try host.writeOwn("attr/apparmor/exec", "exec \(profile)")
        }
        if let label = process.selinuxLabel, !label.isEmpty { try host.writeOwn("attr/exec", label) }
    }
}
