// SPDX-License-Identifier: Apache-2.0

internal import OCI

/// Docker's default system call filter, as a pure function of the architecture and the capabilities.
///
/// Everything that is not named is refused with EPERM. Which calls a capability opens follows what the capability
/// already lets a process do by other means.
enum SeccompProfile {
    /// The architectures whose calls the filter knows: a machine's own, and those its kernel runs besides.
    static func architectures(machine: String) -> [String] {
        switch machine {
        case "x86_64": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]
        case "aarch64": ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"]
        case "riscv64": ["SCMP_ARCH_RISCV64"]
        case "s390x": ["SCMP_ARCH_S390X", "SCMP_ARCH_S390"]
        case "ppc64le": ["SCMP_ARCH_PPC64LE"]
        case "loongarch64": ["SCMP_ARCH_LOONGARCH64"]
        default: []
        }
    }

    static func filter(capabilities: [String], machine: String) -> RuntimeSpec.Seccomp {
        let held = Set(capabilities)
        var seccomp = RuntimeSpec.Seccomp(defaultAction: "SCMP_ACT_ERRNO")
        seccomp.defaultErrnoRet = 1
        seccomp.architectures = architectures(machine: machine)
        var rules = [allow(SeccompAllowed.always), allow(["process_vm_readv", "process_vm_writev", "ptrace"])]
        rules += [socketMultiplexer] + sockets + personalities + ofArchitecture(machine)
        for (capability, calls) in byCapability where held.contains(capability) { rules.append(allow(calls)) }
        if !held.contains("CAP_SYS_ADMIN") { rules += withoutNewNamespaces(machine) }
        seccomp.syscalls = rules
        return seccomp
    }

    /// The old way of 32-bit programs to all socket calls, whose arguments lie behind a pointer that no filter can
    /// follow: through it any family could be had. libseccomp opens it for `socket` by itself unless a rule that is not
    /// the default's says otherwise. Programs newer than Linux 4.3 call `socket` (decision 0006).
    private static let socketMultiplexer = RuntimeSpec.SyscallRule(
        names: ["socketcall"], action: "SCMP_ACT_ERRNO", errnoRet: 38)

    /// Every family but AF_ALG (38) and AF_VSOCK (40).
    private static let sockets = [
        allow(["socket"], .init(index: 0, value: 38, op: "SCMP_CMP_LT")),
        allow(["socket"], .init(index: 0, value: 39, op: "SCMP_CMP_EQ")),
        allow(["socket"], .init(index: 0, value: 40, op: "SCMP_CMP_GT")),
    ]

    /// PER_LINUX, PER_LINUX32, both with UNAME26, and the query.
    private static let personalities = [0, 8, 0x20000, 0x20008, 0xffff_ffff].map { (value: UInt64) in
        allow(["personality"], .init(index: 0, value: value, op: "SCMP_CMP_EQ"))
    }

    private static func ofArchitecture(_ machine: String) -> [RuntimeSpec.SyscallRule] {
        switch machine {
        case "x86_64": [allow(["arch_prctl"]), allow(["modify_ldt"])]
        case "aarch64":
            [
                allow([
                    "arm_fadvise64_64", "arm_sync_file_range", "sync_file_range2", "breakpoint", "cacheflush",
                    "set_tls",
                ])
            ]
        case "ppc64le": [allow(["sync_file_range2", "swapcontext"])]
        case "s390x": [allow(["s390_pci_mmio_read", "s390_pci_mmio_write", "s390_runtime_instr"])]
        case "riscv64": [allow(["riscv_flush_icache"])]
        default: []
        }
    }

    private static let byCapability: [(String, [String])] = [
        ("CAP_DAC_READ_SEARCH", ["open_by_handle_at"]),
        (
            "CAP_SYS_ADMIN",
            words(
                """
                bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie lsm_get_self_attr
                lsm_list_modules lsm_set_self_attr mount mount_setattr move_mount open_tree perf_event_open quotactl
                quotactl_fd setdomainname sethostname setns syslog umount umount2 unshare
                """)
        ),
        ("CAP_SYS_BOOT", ["reboot"]),
        ("CAP_SYS_CHROOT", ["chroot"]),
        ("CAP_SYS_MODULE", ["delete_module", "init_module", "finit_module"]),
        ("CAP_SYS_PACCT", ["acct"]),
        ("CAP_SYS_PTRACE", ["kcmp", "pidfd_getfd", "process_madvise"]),
        ("CAP_SYS_RAWIO", ["iopl", "ioperm"]),
        ("CAP_SYS_TIME", ["settimeofday", "stime", "clock_settime", "clock_settime64"]),
        ("CAP_SYS_TTY_CONFIG", ["vhangup"]),
        ("CAP_SYS_NICE", ["get_mempolicy", "mbind", "set_mempolicy", "set_mempolicy_home_node"]),
        ("CAP_SYSLOG", ["syslog"]),
        ("CAP_BPF", ["bpf"]),
        ("CAP_PERFMON", ["perf_event_open"]),
    ]

    /// clone without any CLONE_NEW flag; clone3, whose flags a filter can't see, answers ENOSYS, so that C libraries
    /// fall back to clone.
    private static func withoutNewNamespaces(_ machine: String) -> [RuntimeSpec.SyscallRule] {
        let flags = RuntimeSpec.SyscallArgument(
            index: machine == "s390x" ? 1 : 0, value: 0x7e02_0000, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ")
        return [
            allow(["clone"], flags),
            .init(names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: 38),
        ]
    }

    private static func allow(
        _ names: [String], _ argument: RuntimeSpec.SyscallArgument? = nil
    )
        -> RuntimeSpec.SyscallRule
    {
        .init(names: names, action: "SCMP_ACT_ALLOW", args: argument.map { [$0] })
    }
}
