// SPDX-License-Identifier: Apache-2.0

import OCI
import Testing

/// Published break-ins, tried (SECURITY.md). Needs root. Those of rules R11 and R12 are in ContainmentTests.
@Suite(.serialized) struct AttackTests {
    /// R1, R4 (CVE-2021-30465): a mount point in a volume that another container shares, and that goes back and forth
    /// between a directory and a link out of the root while the runtime mounts.
    @Test func aMountPointThatIsSwapped() throws {
        let bundle = try TestBundle("grep", "/source ", "/proc/self/mountinfo")
        try shell("cd \(bundle.path); mkdir -p source outside rootfs/vol/t; touch source/marker")
        try shell("ln -s \(bundle.path)/outside \(bundle.path)/rootfs/vol/link")
        bundle.mount("\(bundle.path)/source", "/vol/t", "rbind")
        let mounted = try bundle.whileSwapping("rootfs/vol/t", "rootfs/vol/link") {
            var mounted = 0
            for _ in 0..<60 {
                let outcome = try bundle.run()
                // Where the link leads inside the root, or refused. Nowhere to be seen (status 1) is where it must
                // not be: a mount point that is renamed takes its mount with it.
                #expect(outcome.status == 0 || outcome.status == 125, "\(outcome)")
                for line in outcome.output.split(separator: "\n") where outcome.status == 0 {
                    let point = line.split(separator: " ")[4]
                    #expect(["/vol/t", "/vol/link", "\(bundle.path)/outside"].contains(point), "\(line)")
                    mounted += 1
                }
            }
            return mounted
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

    /// The same as a race: a file that is exchanged for a link into /proc while the terminal is mounted on it.
    @Test func aConsoleThatIsSwapped() throws {
        let bundle = try TestBundle("sh", "-c", "grep devpts /proc/self/mountinfo")
        try shell(
            "cd \(bundle.path); mkdir -p dev/pts; touch dev/console; ln -s /proc/sys/kernel/core_pattern dev/other")
        bundle.spec.mounts?.removeAll { $0.destination == "/dev" || $0.destination == "/dev/shm" }
        bundle.spec.mounts?.insert(
            .init(destination: "/dev", type: "bind", source: "\(bundle.path)/dev", options: ["rbind"]), at: 1)
        bundle.spec.process?.terminal = true
        let mounted = try bundle.whileSwapping("dev/console", "dev/other") {
            var mounted = 0
            for _ in 0..<60 {
                let outcome = try bundle.run()
                #expect(outcome.status == 0 || outcome.status == 125, "\(outcome)")
                guard outcome.status == 0 else { continue }
                let points = outcome.output.split(whereSeparator: \.isNewline).map { $0.split(separator: " ")[4] }
                #expect(points.allSatisfy { ["/dev/pts", "/dev/console", "/dev/other"].contains($0) }, "\(outcome)")
                mounted += points.contains { $0 != "/dev/pts" } ? 1 : 0
            }
            return mounted
        }
        #expect(mounted > 0)
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

    /// The same for exec, of a container that put its own file system over /proc after it was started.
    @Test func aForgedProcOfAContainer() throws {
        let forge = """
            mount -t tmpfs none /proc && mkdir -p /proc/self/attr && echo > /proc/self/oom_score_adj
            echo done > /tmp/done; exec sleep 1000
            """
        let bundle = try TestBundle("sh", "-c", forge)
        bundle.spec.process?.capabilities?.bounding?.append("CAP_SYS_ADMIN")
        bundle.spec.process?.capabilities?.permitted?.append("CAP_SYS_ADMIN")
        bundle.spec.process?.capabilities?.effective?.append("CAP_SYS_ADMIN")
        // What is masked or read-only there could not be covered.
        bundle.spec.linux?.maskedPaths = []
        bundle.spec.linux?.readonlyPaths = []
        try bundle.start()
        #expect(try eventually { try shell("ls \(bundle.path)/rootfs/tmp").output == "done\n" })
        try shell(
            """
            echo '{"args":["sleep","1000"],"cwd":"/","env":["PATH=/bin"],"oomScoreAdj":321}' > \(bundle.path)/process.json
            """)
        let exec = "exec -d --pid-file \(bundle.path)/pid --process \(bundle.path)/process.json \(bundle.id)"
        let outcome = try bundle.runtime("\(exec) </dev/null >/dev/null 2>&1")
        #expect(outcome.status == 0, "\(outcome)")
        #expect(try shell("cat /proc/$(cat \(bundle.path)/pid)/oom_score_adj").output == "321\n")
        #expect(try bundle.exec("cat /proc/self/oom_score_adj").output == "\n")
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
        let run = "\(TestBundle.program) --root \(bundle.path)/state exec"
        // The caller's are not its either.
        #expect(
            try shell("exec 7</etc 9</; \(run) \(bundle.id) ls /proc/self/fd </dev/null").output == "0\n1\n2\n3\n")
        #expect(try shell("exec 9</; \(run) --cwd /cwd \(bundle.id) pwd </dev/null", mayFail: true).status != 0)
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

    /// R13, of a container's first process: neither the caller's capabilities nor its groups (CVE-2022-36109).
    @Test func nothingIsInheritedByTheFirst() throws {
        let bundle = try TestBundle("cat", "/proc/self/status")
        bundle.spec.process?.user = .init(uid: 1000, gid: 1001)
        try bundle.writeConfiguration()
        let caller = "setpriv --inh-caps +sys_admin,+net_admin --ambient-caps +sys_admin,+net_admin --groups 4,27"
        let run = "\(TestBundle.program) --root \(bundle.path)/state run -b \(bundle.path) \(bundle.id) </dev/null"
        let status = try shell("\(caller) \(run)").output
        for set in ["CapInh", "CapAmb", "CapPrm", "CapEff"] {
            #expect(status.contains("\(set):\t0000000000000000"), "\(status)")
        }
        #expect(status.contains("Groups:\t \n") || status.contains("Groups:\t\n"), "\(status)")
        bundle.spec.process?.args = ["sleep", "1000"]
        try bundle.start()
        let exec = "\(TestBundle.program) --root \(bundle.path)/state exec -u 7:8 \(bundle.id) cat /proc/self/status"
        let entered = try shell("\(caller) \(exec) </dev/null").output
        #expect(entered.contains("Groups:\t \n") || entered.contains("Groups:\t\n"), "\(entered)")
    }
}

extension TestBundle {
    /// Runs `body` while two entries of the bundle take each other's name, over and over.
    func whileSwapping<T>(_ a: String, _ b: String, _ body: () throws -> T) throws -> T {
        try shell(
            """
            cat > \(path)/swap.py <<'END'
            import ctypes, sys
            call = ctypes.CDLL(None).renameat2
            a, b = (name.encode() for name in sys.argv[1:])
            while call(-100, a, -100, b, 2) == 0:
                pass
            END
            """)
        let swapper = try shell("python3 \(path)/swap.py \(path)/\(a) \(path)/\(b) >/dev/null 2>&1 & echo $!").output
            .firstNumber(after: "")
        // By its number: it ends by itself only when the bundle is gone.
        defer { _ = try? shell("kill -KILL \(swapper)") }
        return try body()
    }
}
