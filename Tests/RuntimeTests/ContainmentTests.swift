// SPDX-License-Identifier: Apache-2.0

import OCI
import Testing

/// What a container sees, and what it can't do (SECURITY.md). Needs root.
@Suite(.serialized) struct ContainmentTests {
    @Test func capabilitiesAreDockers() throws {
        let bundle = try TestBundle("cat", "/proc/self/status")
        let status = try bundle.run().output
        for set in ["CapPrm", "CapEff", "CapBnd"] { #expect(status.contains("\(set):\t00000000a80425fb"), "\(set)") }
        for set in ["CapInh", "CapAmb"] { #expect(status.contains("\(set):\t0000000000000000"), "\(set)") }
    }

    /// R13: exec computes what init does.
    @Test func execGetsNoMore() throws {
        let bundle = try TestBundle("sleep", "1000")
        try bundle.start()
        let status = try bundle.exec("cat /proc/self/status").output
        #expect(status.contains("CapEff:\t00000000a80425fb"))
        #expect(status.contains("CapInh:\t0000000000000000"))
    }

    @Test func masksAndReadOnlyPaths() throws {
        let bundle = try TestBundle(
            "sh", "-c",
            "cat /proc/keys /proc/timer_list; ls -A /sys/firmware /proc/acpi; echo 1 > /proc/sys/kernel/panic")
        let outcome = try bundle.run()
        let lines = outcome.output.split(separator: "\n").filter { !$0.hasSuffix(":") }
        #expect(outcome.output.contains("can't create /proc/sys/kernel/panic: Read-only file system"))
        #expect(lines.count == 1, "\(outcome.output)")
    }

    @Test func defaultDevicesAndNoOthers() throws {
        let bundle = try TestBundle(
            "sh", "-c",
            "ls /dev; echo x > /dev/null && head -c 2 /dev/zero; mknod /tmp/k c 1 11; head -c 1 /tmp/k; head -c 1 /dev/random | wc -c"
        )
        let output = try bundle.run().output
        for name in ["fd", "full", "null", "ptmx", "random", "stderr", "stdin", "stdout", "tty", "urandom", "zero"] {
            #expect(output.contains("\(name)\n"), "\(name)")
        }
        // Every container may have it, though this test's device rules do not say so; and no container has this one.
        #expect(output.hasSuffix("1\n"), "\(output)")
        #expect(output.contains("/tmp/k: Operation not permitted"), "\(output)")
    }

    @Test func filterDenies() throws {
        let bundle = try TestBundle("mkdir", "/tmp/x")
        var filter = RuntimeSpec.Seccomp(defaultAction: "SCMP_ACT_ALLOW")
        filter.architectures = ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"]
        filter.syscalls = [.init(names: ["mkdir", "mkdirat"], action: "SCMP_ACT_ERRNO", errnoRet: 122)]
        bundle.spec.linux?.seccomp = filter
        #expect(try bundle.run().output.contains("Disk quota exceeded"))
        // Now from the cache.
        #expect(try shell("ls \(bundle.path)/state/.seccomp").output.contains(".bpf"))
        #expect(try bundle.run().output.contains("Disk quota exceeded"))
        // And the filter is exec's too, also with no_new_privs, when it is loaded last.
        bundle.spec.process?.args = ["sleep", "1000"]
        bundle.spec.process?.noNewPrivileges = true
        try bundle.start()
        #expect(try bundle.exec("mkdir /tmp/y").output.contains("Disk quota exceeded"))
        #expect(try bundle.exec("grep NoNewPrivs /proc/self/status").output.contains("1"))
    }

    /// R12 (CVE-2024-21626): a working directory that is a leaked descriptor of the host's.
    @Test(arguments: ["/proc/self/fd/3", "/proc/self/fd/5", "/proc/self/fd/7", "/proc/self/fd/8"])
    func workingDirectoryStaysInside(_ path: String) throws {
        let bundle = try TestBundle("sh", "-c", "cat ../../../../etc/hostname ../../../../work/w/CONTRACTS.md; pwd")
        bundle.spec.process?.cwd = path
        let outcome = try bundle.run()
        #expect(outcome.status != 0, "\(outcome.output)")
        #expect(
            outcome.output.contains("set in config.json failed") || outcome.output.contains("is outside of container"))
        bundle.spec.process?.cwd = "/"
        bundle.spec.process?.args = ["sleep", "1000"]
        try bundle.start()
        let inside = try bundle.runtime("exec --cwd \(path) \(bundle.id) pwd </dev/null")
        #expect(inside.status != 0, "\(inside.output)")
    }

    @Test func noDescriptorLeaks() throws {
        let bundle = try TestBundle("sh", "-c", "ls /proc/self/fd")
        try bundle.writeConfiguration()
        let run = "\(TestBundle.program) --root \(bundle.path)/state run -b \(bundle.path) \(bundle.id)"
        // 3 is what ls itself reads with.
        #expect(try shell("exec 7</etc 9</; \(run) </dev/null").output == "0\n1\n2\n3\n")
    }

    /// R11 (CVE-2019-5736): a container that runs the runtime through /proc/self/exe and then writes that file.
    @Test func theProgramCanNotBeWritten() throws {
        let bundle = try TestBundle("sleep", "1000")
        try bundle.start()
        let program = try shell("cksum < \(TestBundle.program)").output
        try bundle.writeConfiguration()
        try shell("ln -s /proc/self/exe \(bundle.path)/rootfs/evil")
        #expect(
            try bundle.runtime("exec -d \(bundle.id) /evil init -- sleep 20 </dev/null >/dev/null 2>&1").status == 0)
        let attack = """
            for p in /proc/[0-9]*; do if grep -q init $p/cmdline && grep -q evil $p/cmdline; then echo found
            echo pwned > $p/exe; fi; done
            """
        let outcome = try bundle.exec("sh -c '\(attack)'")
        #expect(outcome.output.contains("found"))
        #expect(outcome.output.contains("Read-only file system"), "\(outcome.output)")
        #expect(try shell("cksum < \(TestBundle.program)").output == program)
    }

    /// The same of a container whose first process is the runtime's program: an image can choose it.
    @Test func theProgramCanNotBeWrittenByItsOwnContainer() throws {
        let bundle = try TestBundle("/evil", "init", "--", "sleep", "20")
        let program = try shell("cksum < \(TestBundle.program)").output
        try shell("ln -s /proc/self/exe \(bundle.path)/rootfs/evil")
        try bundle.start()
        let outcome = try bundle.exec("sh -c 'grep -q evil /proc/1/cmdline && echo found; echo pwned > /proc/1/exe'")
        #expect(outcome.output.contains("found"), "\(outcome)")
        #expect(outcome.output.contains("Read-only file system"), "\(outcome)")
        #expect(try shell("cksum < \(TestBundle.program)").output == program)
    }

    /// R1, R4 (CVE-2021-30465): a mount point that is a link out of the root.
    @Test func mountTargetsStayInside() throws {
        let bundle = try TestBundle("sh", "-c", "cat /data/secret /tmp/outside/secret /run/dns/resolv.conf")
        try shell(
            """
            cd \(bundle.path); mkdir source outside; echo inside > source/secret; echo 8.8.8.8 > resolv
            ln -s ../../../../../../..\(bundle.path)/outside rootfs/data
            ln -s ../run/dns/resolv.conf rootfs/etc/resolv.conf
            """)
        bundle.spec.process?.args = ["sh", "-c", "cat /data/secret \(bundle.path)/outside/secret /run/dns/resolv.conf"]
        bundle.spec.mounts? += [
            .init(destination: "/data", type: "bind", source: "\(bundle.path)/source", options: ["rbind", "ro"]),
            .init(destination: "/etc/resolv.conf", type: "bind", source: "\(bundle.path)/resolv", options: ["rbind"]),
        ]
        let outcome = try bundle.run()
        #expect(outcome.output == "inside\ninside\n8.8.8.8\n")
        #expect(try shell("ls -A \(bundle.path)/outside").output == "")
    }

    /// What is masked below /proc is only masked there.
    @Test func procIsNoLink() throws {
        let bundle = try TestBundle("true")
        try shell("mkdir -p \(bundle.path)/rootfs/elsewhere; ln -s elsewhere \(bundle.path)/rootfs/proc")
        let outcome = try bundle.run()
        #expect(outcome.status == 125)
    }

    @Test func readOnlyRootAndBind() throws {
        let bundle = try TestBundle("sh", "-c", "touch /x; touch /m/x; touch /dev/shm/x && echo shm")
        bundle.spec.root?.readonly = true
        bundle.spec.mounts?.append(
            .init(destination: "/m", type: "bind", source: "\(bundle.path)/state", options: ["bind", "ro"]))
        let output = try bundle.run().output
        #expect(output.contains("/x: Read-only file system"))
        #expect(output.contains("/m/x: Read-only file system"))
        #expect(output.contains("shm"))
    }

    @Test func anotherUserHasNoPrivilegesAndItsOwnOutput() throws {
        let bundle = try TestBundle("sh", "-c", "id; grep CapEff /proc/self/status; echo named > /dev/stdout")
        bundle.spec.process?.user = .init(uid: 1000, gid: 1001, additionalGids: [5, 6])
        let output = try bundle.run().output
        #expect(output.contains("uid=1000 gid=1001 groups=5,6"))
        #expect(output.contains("CapEff:\t0000000000000000"))
        #expect(output.contains("named"))
    }

    @Test func namespacesAreItsOwn() throws {
        let bundle = try TestBundle("sh", "-c", "hostname; ls /sys/class/net; echo $$; cat /proc/1/comm; ls /proc/1/ns")
        let output = try bundle.run().output
        #expect(output.hasPrefix("box\nlo\n1\nsh\n"))
        for kind in ["mnt", "net", "uts", "pid", "ipc", "cgroup"] {
            bundle.spec.process?.args = ["readlink", "/proc/self/ns/\(kind)"]
            #expect(try bundle.run().output != shell("readlink /proc/self/ns/\(kind)").output, "\(kind)")
        }
    }

    @Test func loopbackIsUp() throws {
        let bundle = try TestBundle("cat", "/sys/class/net/lo/operstate", "/sys/class/net/lo/flags")
        #expect(try bundle.run().output.contains("0x9"))
    }

    @Test func sysctlsOfItsNamespacesOnly() throws {
        let bundle = try TestBundle("cat", "/proc/sys/net/ipv4/ip_forward", "/proc/sys/kernel/msgmax")
        bundle.spec.linux?.sysctl = ["net.ipv4.ip_forward": "1", "kernel.msgmax": "4242"]
        #expect(try bundle.run().output == "1\n4242\n")
        bundle.spec.linux?.sysctl = ["kernel.panic": "1"]
        let refused = try bundle.run()
        #expect(refused.status == 125)
        #expect(refused.output.contains(#"sysctl "kernel.panic" is not in a separate kernel namespace"#))
    }

    @Test func resourceLimitsAndUmask() throws {
        let bundle = try TestBundle("sh", "-c", "ulimit -n; ulimit -c; umask")
        bundle.spec.process?.rlimits = [
            .init(type: "RLIMIT_NOFILE", hard: 512, soft: 256), .init(type: "RLIMIT_CORE", hard: 0, soft: 0),
        ]
        #expect(try bundle.run().output == "256\n0\n0022\n")
    }

    @Test func execJoinsAll() throws {
        let bundle = try TestBundle("sleep", "1000")
        try bundle.start()
        #expect(try bundle.exec("sh -c 'exit 9'").status == 9)
        #expect(try bundle.exec("hostname").output == "box\n")
        let kinds = "mnt net uts pid ipc cgroup"
        let script = "for k in \(kinds); do readlink /proc/1/ns/$k; readlink /proc/self/ns/$k; done"
        let namespaces = try bundle.exec("sh -c '\(script)'").output.split(separator: "\n")
        #expect(Set(namespaces).count == 6)
        #expect(namespaces.count == 12)
        #expect(
            try bundle.runtime("exec -e A=b --cwd /tmp -u 7:8 \(bundle.id) sh -c 'echo $A $PWD; id' </dev/null")
                .output == "b /tmp\nuid=7 gid=8\n")
        let missing = try bundle.exec("nosuch")
        #expect(missing.status == 127)
        #expect(missing.output.contains(#"exec: "nosuch": executable file not found in $PATH"#))
        #expect(try bundle.exec("/etc/passwd").status == 126)
        let cgroup = try shell("cat /sys/fs/cgroup/pids/wharf-test/\(bundle.id)/cgroup.procs | wc -l", mayFail: true)
        #expect(cgroup.output.hasPrefix("1\n"))
    }

    @Test func aTerminalOfItsOwn() throws {
        let bundle = try TestBundle("sh", "-c", "tty; ls -l /dev/console; [ -t 0 ] && [ -t 1 ] && echo yes")
        bundle.spec.process?.terminal = true
        bundle.spec.process?.consoleSize = .init(height: 33, width: 99)
        let output = try bundle.run().output
        #expect(output.hasPrefix("/dev/pts/0\r\n"), "\(output)")
        #expect(output.contains("yes\r\n"))
        #expect(output.contains("136,"))
        try bundle.writeConfiguration()
        #expect(try bundle.runtime("run -d -b \(bundle.path) \(bundle.id)").output.contains("console socket"))
    }

    @Test func personalityIsInitsAndExecs() throws {
        let bundle = try TestBundle("/bin/busybox", "uname", "-m")
        let machine = try shell("uname -m").output
        #expect(try bundle.run().output == machine)
        bundle.spec.linux?.personality = .init(domain: "LINUX32")
        let narrow = try shell("setarch linux32 uname -m").output
        #expect(narrow != machine)
        #expect(try bundle.run().output == narrow)
        bundle.spec.process?.args = ["sleep", "1000"]
        try bundle.start()
        #expect(try bundle.exec("/bin/busybox uname -m").output == narrow)
    }

    /// R5 (CVE-2019-16884, CVE-2025-52881): a mount over /proc, or below it by way of a link, would take what the
    /// runtime writes there, or uncover what is masked.
    @Test func procIsTheKernels() throws {
        for (destination, link) in [("/proc", ""), ("/proc/sys", ""), ("/./proc/self/attr", ""), ("/x", "proc/self")] {
            let bundle = try TestBundle("true")
            try shell("mkdir \(bundle.path)/source")
            if !link.isEmpty { try shell("ln -s \(link) \(bundle.path)/rootfs/x") }
            bundle.spec.mounts?.append(
                .init(destination: destination, type: "bind", source: "\(bundle.path)/source", options: ["rbind"]))
            let outcome = try bundle.run()
            #expect(outcome.status == 125, "\(destination): \(outcome.output)")
            #expect(outcome.output.contains("cannot be mounted because"), "\(outcome.output)")
        }
        let bundle = try TestBundle("cat", "/proc/uptime")
        try shell("echo forged > \(bundle.path)/uptime")
        bundle.spec.mounts?.append(
            .init(destination: "/proc/uptime", type: "bind", source: "\(bundle.path)/uptime", options: ["bind"]))
        #expect(try bundle.run().output == "forged\n")
    }
}
