// SPDX-License-Identifier: Apache-2.0

internal import Glibc
internal import Linux
internal import OCI

/// AppArmor profiles and SELinux labels: refused where the kernel does not have what would enforce them, as a container
/// that runs without its confinement is worse than none.
enum SecurityLabels {
    static func check(_ process: RuntimeSpec.Process) throws(RuntimeError) {
        if given(process.apparmorProfile), !isAppArmorOn {
            throw RuntimeError(.unsupported, "process.apparmorProfile needs AppArmor, which this kernel does not have")
        }
        if given(process.selinuxLabel) { try needSELinux("process.selinuxLabel") }
    }

    static func check(_ linux: RuntimeSpec.Linux) throws(RuntimeError) {
        if given(linux.mountLabel) { try needSELinux("linux.mountLabel") }
    }

    /// A kernel that has it may have been told to leave it off.
    private static var isAppArmorOn: Bool {
        let file = try? FileDescriptor.open("/sys/module/apparmor/parameters/enabled", O_RDONLY)
        return (try? file?.readAll(limit: 16))?.first == UInt8(ascii: "Y")
    }

    private static func given(_ label: String?) -> Bool { label?.isEmpty == false }

    private static func needSELinux(_ field: String) throws(RuntimeError) {
        guard access("/sys/fs/selinux/enforce", F_OK) != 0 else { return }
        throw RuntimeError(.unsupported, "\(field) needs SELinux, which this kernel does not have")
    }

    /// Both take effect at the next execve(2).
    static func apply(_ process: RuntimeSpec.Process, _ host: HostFiles) throws(RuntimeError) {
        if let profile = process.apparmorProfile, !profile.isEmpty {
            let file = try step("process.apparmorProfile") { () throws(Linux.Errno) in
                try host.proc.openAt("self/attr/apparmor/exec", O_WRONLY)
            }
            do throws(Linux.Errno) { try file.writeOnce("exec \(profile)", profile) } catch {
                guard error.code == .noEntry else { throw RuntimeError(error, at: "process.apparmorProfile") }
                throw RuntimeError(.invalid, "process.apparmorProfile: the profile \"\(profile)\" is not loaded")
            }
        }
        if let label = process.selinuxLabel, !label.isEmpty { try host.writeOwn("attr/exec", label) }
    }
}
