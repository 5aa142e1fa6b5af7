// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

/// What a container may do is what Docker lets it do.
@Suite(.serialized) struct ContainmentTests {
    @Test func defaultsAreDockers() throws {
        try TestEngine.with { engine in
            func output(_ command: String, _ flags: String...) throws -> String {
                try engine.command(["run", "--rm"] + flags + ["busybox", "sh", "-c", command]).text
            }
            let status = try output("cat /proc/self/status")
            for line in [
                "CapInh:\t0000000000000000", "CapPrm:\t00000000a80425fb", "CapBnd:\t00000000a80425fb",
                "CapAmb:\t0000000000000000", "Seccomp:\t2", "NoNewPrivs:\t0",
            ] {
                #expect(status.contains(line), "\(line) in:\n\(status)")
            }
            #expect(try output("grep CapEff /proc/self/status", "--cap-drop", "ALL") == "CapEff:\t0000000000000000")
            #expect(
                try output("grep CapEff /proc/self/status", "--cap-drop", "ALL", "--cap-add", "CHOWN")
                    == "CapEff:\t0000000000000001")
            #expect(
                try output("grep CapEff /proc/self/status", "--cap-add", "SYS_ADMIN") == "CapEff:\t00000000a82425fb")
            #expect(try output("mount -t tmpfs none /tmp 2>&1; true").contains("permission denied"))
            #expect(try output("unshare -m true 2>&1; true").contains("Operation not permitted"))
            #expect(try output("cat /proc/timer_list /proc/keys 2>&1 | wc -c") == "0")
            #expect(try output("(echo 1 >/proc/sys/kernel/printk) 2>&1; true").contains("Read-only file system"))
            #expect(try output("touch /sys/x 2>&1; true").contains("Read-only file system"))
            #expect(
                try output("ls -A /sys/firmware /proc/acpi /proc/scsi 2>/dev/null | grep -v : | grep -c .; true") == "0"
            )
            #expect(
                try output("mknod /tmp/sda b 8 0 && head -c 1 /tmp/sda 2>&1; true").contains("peration not permitted"))
            let devices = try output("ls /dev").linesOfText.filter { $0 != "core" }
            #expect(
                devices.sorted() == [
                    "fd", "full", "mqueue", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout", "tty",
                    "urandom", "zero",
                ])
            #expect(try output("echo $$") == "1")
            #expect(try output("ls /proc/self/fd | wc -l") == "4", "no descriptor leaks into the container")
            #expect(try output("cat /proc/self/oom_score_adj") == "0")
        }
    }

    @Test func privilegedIsEverything() throws {
        try TestEngine.with { engine in
            let status = try engine.ok("run", "--rm", "--privileged", "busybox", "cat", "/proc/self/status")
            let own = (readText("/proc/self/status") ?? "").linesOfText.first { $0.hasPrefix("CapBnd:") } ?? ""
            #expect(status.contains("Seccomp:\t0"))
            #expect(status.contains(own), "\(own)")
            #expect(
                try engine.ok(
                    "run", "--rm", "--privileged", "busybox", "sh", "-c", "mount -t tmpfs none /tmp && echo ok") == "ok"
            )
        }
    }

    @Test func namespacesAreItsOwn() throws {
        try TestEngine.with { engine in
            let inside = try engine.ok(
                "run", "--rm", "busybox", "sh", "-c",
                "for n in ipc mnt net pid uts; do readlink /proc/self/ns/$n; done"
            ).linesOfText
            let host = ["ipc", "mnt", "net", "pid", "uts"].compactMap { linkTarget("/proc/self/ns/\($0)") }
            #expect(inside.count == 5 && host.count == 5 && Set(inside).isDisjoint(with: host), "\(inside) \(host)")
            // Mounts of a privileged container stay its own
            try engine.ok(
                "run", "-d", "--name", "c1", "--privileged", "busybox", "sh", "-c",
                "mount -t tmpfs marker /tmp; sleep 300")
            #expect(eventually { (try? engine.ok("exec", "c1", "grep", "marker", "/proc/mounts")) != nil })
            #expect(try #require(readText("/proc/self/mountinfo")).contains("marker") == false)
        }
    }
}
