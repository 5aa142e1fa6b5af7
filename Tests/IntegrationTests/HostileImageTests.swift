// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON
import Testing

/// Images made to break out: whatever is in them, nothing of the host is read, written or executed.
@Suite(.serialized) struct HostileImageTests {
    /// An engine with an image `evil`, which has in it what `make` puts into a folder; `host` is a folder that nothing
    /// must happen to.
    private func with(
        _ make: String, config: String = #"{"Env":["PATH=/bin"],"Cmd":["sh"]}"#,
        _ body: (TestEngine, _ host: String) throws -> Void
    ) throws {
        try TestEngine.with { engine in
            let (extra, host) = (engine.folder + "/extra", engine.folder + "/host")
            try mustRun(["mkdir", extra, host])
            try mustRun([
                "sh", "-c", "echo secret > \(host)/file; cd \(extra); HOST=\(host); UP=../../../../../../..; \(make)",
            ])
            let archive = engine.folder + "/evil.tar"
            try mustRun([
                Project.root + "/Scripts/make-image", "--with", extra, "--name", "evil:1", "--config", config, archive,
            ])
            try engine.ok("load", "-q", "-i", archive)
            try body(engine, host)
            #expect(try mustRun(["find", host, "-mindepth", "1", "-printf", "%y%P "]).text == "ffile")
            #expect(readText(host + "/file") == "secret\n")
        }
    }

    /// R1, R4 (CVE-2021-30465, CVE-2024-45310): links where the engine mounts and makes directories.
    @Test(arguments: ["$HOST", "$UP$HOST", "/proc/1/root$HOST", "/proc/self/root$HOST", "/proc/self/cwd"])
    func linksAtMountPoints(target: String) throws {
        let make = """
            mkdir etc; for n in hosts resolv.conf hostname; do ln -s \(target)/made-$n etc/$n; done
            ln -s \(target)/volume volume; ln -s \(target)/work work
            """
        try with(make) { engine, _ in
            for flags in [
                [], ["-v", "vv:/volume"], ["-v", "/etc:/volume/below"], ["--tmpfs", "/volume/t"], ["-w", "/work/deep"],
                ["--mount", "type=bind,source=/etc/hostname,target=/volume/file"], ["--read-only"],
            ] {
                let outcome = try engine.command(
                    ["run", "--rm"] + flags + ["evil:1", "sh", "-c", "echo in; echo x > f"])
                // Magic links of /proc are refused; others lead to places inside.
                #expect(
                    outcome.status == (target.hasPrefix("/proc") ? 125 : flags == ["--read-only"] ? 1 : 0),
                    "\(flags): \(outcome)")
            }
            try engine("volume", "rm", "-f", "vv")
        }
    }

    /// R5 (CVE-2025-31133, CVE-2025-52565): what the masks and the terminal are made of is the host's, not the image's.
    @Test func devicesOfTheImage() throws {
        let make = """
            mkdir -p dev; ln -s /proc/sys/kernel/core_pattern dev/null; ln -s /proc/sysrq-trigger dev/console
            ln -s $HOST dev/pts; ln -s $HOST dev/shm; echo forged > dev/zero
            """
        try with(make) { engine, _ in
            let pattern = readText("/proc/sys/kernel/core_pattern")
            let script =
                "stat -c %F /dev/null; cat /proc/timer_list /proc/keys | wc -c; head -c 1 /dev/zero | od -An -tx1; "
                + "echo pwned > /dev/null; echo pwned 2>&1 > /proc/sys/kernel/core_pattern; ls -A /proc/acpi /sys/firmware"
            for flags in [[], ["-t"]] {
                let text = try engine.command(["run", "--rm"] + flags + ["evil:1", "sh", "-c", script]).stdout
                let lines = text.linesOfText.map(\.trimmed)
                #expect(lines.prefix(3) == ["character special file", "0", "00"], "\(text)")
            }
            #expect(readText("/proc/sys/kernel/core_pattern") == pattern)
        }
    }

    @Test(arguments: ["proc", "sys"]) func procIsALink(name: String) throws {
        try with("mkdir elsewhere; ln -s elsewhere \(name)") { engine, _ in
            let outcome = try engine("run", "--rm", "evil:1", "true")
            #expect(outcome.status == 125, "\(outcome)")
        }
    }

    /// R14 (CVE-2024-40635): numbers that wrap around to root's, negative ones, and files without end.
    @Test func accounts() throws {
        let make = """
            mkdir etc; printf 'wrap:x:4294967296:4294967296::/:\\nlong:x:18446744073709551616:0::/:\\nbelow:x:-1:-1::/:\\n\
            big:x:2147483648:0::/:\\nfine:x:5:6::/:\\n' > etc/passwd
            printf 'wrap:x:4294967296:fine\\nmore:x:7:fine\\n' > etc/group
            """
        try with(make) { engine, _ in
            for user in ["wrap", "long", "below", "big", "4294967296", "-1", "0:4294967296", "fine:wrap"] {
                let outcome = try engine("run", "--rm", "-u", user, "evil:1", "id")
                #expect(outcome.status == 125 && outcome.stdout == "", "\(user): \(outcome)")
            }
            try engine.ok("run", "-d", "--name", "c1", "-u", "fine", "evil:1", "sleep", "300")
            #expect(try engine.ok("exec", "c1", "id") == "uid=5(fine) gid=6 groups=6,7(more)")
            for user in ["wrap", "below", "4294967296"] {
                let outcome = try engine("exec", "-u", user, "c1", "id")
                #expect(outcome.status != 0 && !outcome.stdout.contains("uid="), "\(user): \(outcome)")
            }
        }
    }

    @Test(arguments: [
        "mkfifo etc/passwd", "mknod etc/passwd c 1 5", "ln -s $UP$HOST/file etc/passwd", "mkdir etc/passwd",
        "yes a:x:1:1::/: | head -c 60000000 > etc/passwd",
    ])
    func accountsThatAreNoFile(make: String) throws {
        try with("mkdir etc; \(make)") { engine, _ in
            let outcome = try engine("run", "--rm", "-u", "secret", "evil:1", "id", timeout: 10)
            #expect(outcome.status == 125, "\(outcome)")
            #expect(
                outcome.stderr.contains("unable to find user secret: no matching entries in passwd file"), "\(outcome)")
            let uid = try engine.ok(
                "run", "--rm", "-u", "7", "evil:1", "grep", "Uid", "/proc/self/status", timeout: 10)
            #expect(uid.fields == ["Uid:", "7", "7", "7", "7"])
        }
    }

    /// R2, R6 (CVE-2022-1227, CVE-2019-14271): the image's `ps`, name service and decompressors are never run.
    @Test func programsOfTheImage() throws {
        let make = """
            mkdir -p bin lib usr/bin etc; for n in ps gzip zstd xz bzip2 tar; do printf '#!/bin/sh\\ntouch /pwned\\n' > bin/$n
            chmod 755 bin/$n; cp bin/$n usr/bin/$n; done; echo 'passwd: evil' > etc/nsswitch.conf; cp bin/ps lib/libnss_evil.so.2
            """
        try with(make) { engine, _ in
            try engine.ok("run", "-d", "--name", "c1", "-w", "/new/place", "-u", "0", "evil:1", "sleep", "300")
            for arguments in [[], ["aux"], ["-o", "pid,comm"]] {
                #expect(try engine.command(["top", "c1"] + arguments).stdout.contains("sleep"))
            }
            #expect(try engine("exec", "c1", "ls", "/pwned").status == 1)
        }
    }

    /// R1: what the image has where a volume goes is copied as it is: links stay links, and lead nowhere.
    @Test func linksInVolumes() throws {
        let make =
            "mkdir data; ln -s $HOST data/dir; ln -s $UP$HOST/file data/file; mkfifo data/fifo; ln -s $HOST whole"
        try with(make) { engine, host in
            #expect(try engine.ok("run", "--rm", "-v", "v1:/data", "evil:1", "readlink", "/data/dir") == host)
            #expect(try engine.ok("run", "--rm", "-v", "v2:/whole", "evil:1", "ls", "-A", "/whole") == "")
            #expect(try engine("run", "--rm", "-v", "v1:/data", "evil:1", "cat", "/data/file").status == 1)
            try engine.ok("volume", "rm", "v1", "v2")
        }
    }

    /// R12, R13, R15 and more: an image's configuration is a client's request that nobody looked at.
    @Test(arguments: [
        (#"{"WorkingDir":"/proc/self/fd/7/../.."}"#, 0), (#"{"WorkingDir":"relative"}"#, 125),
        (#"{"User":"nobody\u0000root"}"#, 125), (#"{"Volumes":{"/proc":{}}}"#, 125), (#"{"Volumes":{"/":{}}}"#, 125),
        (#"{"StopSignal":"NOPE"}"#, 0), (#"{"Entrypoint":["/proc/self/exe"]}"#, 1),
        (#"{"Entrypoint":"x","Cmd":7}"#, 125),
    ])
    func configuration(json: String, status: Int32) throws {
        try TestEngine.with { engine in
            let archive = engine.folder + "/evil.tar"
            try mustRun([Project.root + "/Scripts/make-image", "--name", "evil:1", "--config", json, archive])
            guard try engine("load", "-q", "-i", archive).status == 0 else { return }
            let outcome = try engine("run", "--rm", "-e", "PATH=/bin", "evil:1", "/bin/true")
            #expect(outcome.status == status, "\(outcome)")
            #expect(try engine.ok("run", "--rm", "busybox", "echo", "well") == "well")
        }
    }
}
