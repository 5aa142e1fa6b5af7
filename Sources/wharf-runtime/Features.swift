// SPDX-License-Identifier: Apache-2.0

internal import Linux
internal import OCIRuntime

/// `features`: what the runtime has, for engines that ask.
enum Features {
    /// The newest version of the specification that is known here.
    static let version = "1.3.0"

    static let command = Command("features", "", "print what this runtime has") {
        (_, _) throws(RuntimeError) in try RuntimeCommand.print(RuntimeFeatures(), indent: "    ")
    }
}

/// The document of features.md: kept true by hand, as it says what this program does.
struct RuntimeFeatures: Encodable {
    var ociVersionMin = "1.0.0"
    var ociVersionMax = Features.version
    var hooks = ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"]
    var mountOptions = [
        "async", "atime", "bind", "defaults", "dev", "diratime", "exec", "idmap", "noatime", "nodev", "nodiratime",
        "noexec", "norelatime", "nostrictatime", "nosuid", "nosymfollow", "private", "ratime", "rbind", "rdev",
        "rdiratime", "relatime", "remount", "rexec", "ridmap", "rnoatime", "rnodev", "rnodiratime", "rnoexec",
        "rnorelatime", "rnostrictatime", "rnosuid", "rnosymfollow", "ro", "rprivate", "rrelatime", "rro", "rrw",
        "rshared", "rslave", "rstrictatime", "rsuid", "rsymfollow", "runbindable", "rw", "shared", "slave",
        "strictatime", "suid", "symfollow", "tmpcopyup", "unbindable",
    ]
    var linux = Linux()

    struct Linux: Encodable {
        var namespaces = ["cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"]
        var capabilities = CapabilitySet.names
        var cgroup = Cgroup()
        var seccomp = Seccomp()
        var apparmor = Enabled(enabled: true)
        var selinux = Enabled(enabled: false)
        var intelRdt = Enabled(enabled: false)
        var mountExtensions = MountExtensions()
        var netDevices = Enabled(enabled: true)
        var memoryPolicy = MemoryPolicy()
    }

    struct MountExtensions: Encodable {
        var idmap = Enabled(enabled: true)
    }

    struct MemoryPolicy: Encodable {
        var modes = [
            "MPOL_BIND", "MPOL_DEFAULT", "MPOL_INTERLEAVE", "MPOL_LOCAL", "MPOL_PREFERRED", "MPOL_PREFERRED_MANY",
            "MPOL_WEIGHTED_INTERLEAVE",
        ]
        var flags = ["MPOL_F_NUMA_BALANCING", "MPOL_F_RELATIVE_NODES", "MPOL_F_STATIC_NODES"]
    }

    struct Cgroup: Encodable {
        var v1 = true
        var v2 = true
        var systemd = true
        var systemdUser = false
        var rdma = true
    }

    struct Seccomp: Encodable {
        var enabled = true
        var actions = [
            "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD",
            "SCMP_ACT_LOG", "SCMP_ACT_NOTIFY", "SCMP_ACT_TRACE", "SCMP_ACT_TRAP",
        ]
        var operators = [
            "SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_LE", "SCMP_CMP_LT", "SCMP_CMP_MASKED_EQ",
            "SCMP_CMP_NE",
        ]
        var archs = ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM", "SCMP_ARCH_X32", "SCMP_ARCH_X86", "SCMP_ARCH_X86_64"]
        var knownFlags = Seccomp.flags
        var supportedFlags = Seccomp.flags

        private static let flags = [
            "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_TSYNC",
            "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
        ]
    }

    struct Enabled: Encodable {
        var enabled: Bool
    }
}
