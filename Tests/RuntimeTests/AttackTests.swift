// SPDX-License-Identifier: Apache-2.0

import OCI
import Testing

/// Published break-ins, tried (SECURITY.md). Needs root. Those of rules R11 and R12 are in ContainmentTests.
@Suite(.serialized) struct AttackTests {
    /// R1, R4 (CVE-2021-30465): a mount point in a volume that another container shares, and that goes back and forth
    /// between a directory and a link out of the root while the runtime mounts.
    @Test func aMountPointThatIsSwapped() throws {
        let bundle = try TestBundle("grep", "/source ", "/proc/self/mountinfo")
        try shell("cd \(bundle.path); mkdir source outside rootfs/vol rootfs/vol/t; touch source/marker")
        let target = "\(bundle.path)/rootfs/vol/t"
        let swap =
            "rmdir \(target); ln -s \(bundle.path)/outside \(target); ln -sfn ../../../outside \(target); rm \(target)"
        // By its number: a file that tells it to stop goes with the bundle, at times before it looks.
        let swapper = try shell("(while :; do \(swap); mkdir \(target); done) >/dev/null 2>&1 & echo $!").output
            .firstNumber(after: "")
        defer { _ = try? shell("kill -KILL \(swapper)") }
        bundle.mount("\(bundle.path)/source", "/vol/t", "rbind")
        var mounted = 0
        for _ in 0..<40 {
            let outcome = try bundle.run()
            // Whatever the race came to: the mount is where the link leads inside the root, or nowhere.
            for line in outcome.output.split(separator: "\n") where outcome.status == 0 {
                let point = line.split(separator: " ")[4]
                #expect(["/vol/t", "/outside", "\(bundle.path)/outside"].contains(point), "\(line)")
                mounted += 1
            }
        }
        #expect(mounted > 0)
        #expect(try shell("ls -A \(bundle.path)/outside").output == "")
        #expect(try shell("ls -A \(bundle.path)/source").output == "marker\n")
    }

    /// R5 (CVE-2025-31133): masks are bind mounts of /dev/null. An image's own must not be taken for it.
    @Test func aForgedNullDevice() throws {
        let bundle = try TestBundle("/bin/busybox", "stat", "-c", "%t:%T %F", "/proc/keys")
        try shell("cd \(bundle.path); mkdir dev; ln -s /proc/sys/kernel/core_pattern dev/null; echo secret > forged")
        // A directory of the attacker's as /dev, whose null is a link to what he wants to write.
        bundle.spec.mounts?.removeAll { $0.destination.hasPrefix("/dev") }
        bundle.mount("\(bundle.path)/dev", "/dev", "rbind")
        bundle.spec.linux?.maskedPaths = ["/proc/keys"]
        #expect(try bundle.run().output == "1:3 character special file\n")
        // And something else mounted over the container's.
        let other = try TestBundle("/bin/busybox", "stat", "-c", "%t:%T %F", "/proc/keys")
        try shell("echo secret > \(other.path)/forged")
        other.mount("\(other.path)/forged", "/dev/null", "bind")
        #expect(try other.run().output == "1:3 character special file\n")
    }

    /// R5 (CVE-2025-52565): the terminal is bind-mounted on /dev/console; where that is a link, it leads nowhere but
    /// into the container, and not into its /proc.
    @Test(arguments: ["../../../../etc/passwd", "/proc/sys/kernel/core_pattern", "/proc/self/attr/exec"])
    func aForgedConsole(_ link: String) throws {
        let bundle = try TestBundle("sh", "-c", "cat /proc/self/mountinfo")
        try shell("cd \(bundle.path); mkdir dev dev/pts; ln -s \(link) dev/console")
        bundle.spec.mounts?.removeAll { $0.destination == "/dev" || $0.destination == "/dev/shm" }
        bundle.spec.mounts?.insert(
            .init(destination: "/dev", type: "bind", source: "\(bundle.path)/dev", options: ["rbind"]), at: 1)
        bundle.spec.process?.terminal = true
        let outcome = try bundle.run()
        if link.hasPrefix("/proc") {
            #expect(outcome.status == 125, "\(outcome.output)")
        } else {
            #expect(outcome.output.contains("/etc/passwd"), "\(outcome.output)")
        }
        #expect(try shell("head -n 1 /etc/passwd").output.hasPrefix("root:"))
    }

    /// R5: a terminal is one of the container's own devpts, or none: a forged ptmx has no peer.
    @Test func aForgedTerminal() throws {
        let bundle = try TestBundle("sh", "-c", "tty")
        try shell("cd \(bundle.path); mkdir pts; ln -s /dev/ptmx pts/ptmx")
        bundle.spec.mounts?.removeAll { $0.destination == "/dev/pts" }
        bundle.mount("\(bundle.path)/pts", "/dev/pts", "rbind")
        bundle.spec.process?.terminal = true
        let outcome = try bundle.run()
        #expect(outcome.status == 125)
        #expect(outcome.output.contains("a terminal needs a devpts mount at /dev/pts"))
    }

    /// R5 (CVE-2019-16884, CVE-2025-52881): what the runtime writes of the process goes to the kernel's /proc and
    /// nowhere else. In a mount namespace that somebody else prepared, /proc may be anything.
    @Test func aForgedProc() throws {
        let bundle = try TestBundle("true")
        let setup =
            "mount -t tmpfs none /proc; mkdir -p /proc/self/attr; echo > /proc/self/oom_score_adj; exec sleep 1000"
        let pid = try shell("unshare -m --propagation slave sh -c '\(setup)' >/dev/null 2>&1 & echo $!").output
            .firstNumber(after: "")
        defer { _ = try? shell("kill -KILL \(pid)") }
        #expect(try eventually { try shell("cat /proc/\(pid)/comm").output == "sleep\n" })
        bundle.spec.linux?.namespaces?.removeAll { $0.type == .mount }
        bundle.spec.linux?.namespaces?.append(.init(.mount, path: "/proc/\(pid)/ns/mnt"))
        bundle.spec.process?.oomScoreAdj = 100
        let outcome = try bundle.run()
        #expect(outcome.status == 125)
        #expect(outcome.output.contains("/proc is not a procfs"), "\(outcome.output)")
        #expect(try shell("cat /proc/\(pid)/root/proc/self/oom_score_adj").output == "\n")
    }

    /// R5: masks follow the image's links no further than its root, and a path that is a link is masked where it leads.
    @Test func masksOnLinks() throws {
        let bundle = try TestBundle("sh", "-c", "cat /link /etc/secret; ls -A /dir")
        try shell(
            """
            cd \(bundle.path)/rootfs; echo secret > etc/secret; ln -s ../../../../../../etc/secret link
            mkdir dir; touch dir/x; mkdir \(bundle.path)/outside
            """)
        bundle.spec.linux?.maskedPaths = ["/link", "/dir"]
        let outcome = try bundle.run()
        #expect(outcome.output == "", "\(outcome.output)")
    }

    /// R12: no descriptor of the runtime's is open in a container's process, its hooks' or an exec's, and a working
    /// directory that is one is refused even when it appears while the process enters.
    @Test func aLeakedDirectory() throws {
        let bundle = try TestBundle("sh", "-c", "for f in /proc/self/fd/*; do readlink $f; done; ls /proc/1/fd")
        bundle.spec.hooks = .init()
        bundle.spec.hooks?.startContainer = [
            .init(path: "/bin/sh", args: ["sh", "-c", "ls /proc/self/fd > /tmp/fds"], env: ["PATH=/bin"])
        ]
        let outcome = try bundle.run()
        #expect(!outcome.output.contains("\(bundle.path)/") && !outcome.output.contains("state"), "\(outcome.output)")
        // 3 is what ls itself reads with.
        #expect(try shell("cat \(bundle.path)/rootfs/tmp/fds").output == "0\n1\n2\n3\n")
        bundle.spec.process?.args = ["sleep", "1000"]
        bundle.spec.hooks = nil
        try bundle.start()
        #expect(try bundle.exec("ls /proc/self/fd").output == "0\n1\n2\n3\n")
        try shell("ln -s /proc/self/fd/9 \(bundle.path)/rootfs/cwd")
        let run = "\(TestBundle.program) --root \(bundle.path)/state exec --cwd /cwd \(bundle.id) pwd </dev/null"
        #expect(try shell("exec 9</; \(run)", mayFail: true).status != 0)
    }

    /// R13 (CVE-2022-29162): what enters a container has no capability that was not given, whoever calls.
    @Test func nothingIsInherited() throws {
        let bundle = try TestBundle("sleep", "1000")
        try bundle.start()
        let run = "\(TestBundle.program) --root \(bundle.path)/state exec \(bundle.id) cat /proc/self/status </dev/null"
        let status = try shell("setpriv --inh-caps +sys_admin,+net_admin --ambient-caps +sys_admin,+net_admin \(run)")
            .output
        for set in ["CapInh", "CapAmb"] { #expect(status.contains("\(set):\t0000000000000000"), "\(status)") }
        #expect(status.contains("CapEff:\t00000000a80425fb"))
    }
}
