// SPDX-License-Identifier: Apache-2.0

import OCI
import Testing

/// What mount options do (config.md#linux-mount-options). Needs root.
@Suite(.serialized) struct MountTests {
    /// The options and optional fields of a mount point, from the container's mountinfo.
    private func line(_ point: String, _ output: String) -> String {
        output.split(separator: "\n").last { $0.split(separator: " ").dropFirst(4).first ?? "" == point }
            .map(String.init) ?? "no \(point) in \(output)"
    }

    private func withSubmount(_ options: String) throws -> Outcome {
        let bundle = try TestBundle("cat", "/proc/self/mountinfo")
        bundle.mount("\(bundle.path)/source", "/m", options)
        return try bundle.run(after: "mkdir -p source/sub && mount -t tmpfs -o strictatime none source/sub")
    }

    @Test(arguments: [
        ("rro", "ro"), ("rnosuid", "nosuid"), ("rnodev", "nodev"), ("rnoexec", "noexec"), ("rnoatime", "noatime"),
        ("rrelatime", "relatime"), ("rnodiratime", "nodiratime"), ("rnosymfollow", "nosymfollow"),
    ])
    func recursiveOnesReachBelow(_ option: String, _ shown: String) throws {
        let outcome = try withSubmount("rbind \(option)")
        for point in ["/m", "/m/sub"] {
            let options = line(point, outcome.output).split(separator: " ").dropFirst(5).first ?? ""
            #expect(options.split(separator: ",").contains(Substring(shown)), "\(point): \(outcome.output)")
        }
    }

    @Test func plainOnesDoNot() throws {
        let outcome = try withSubmount("rbind ro nosuid nodev noexec noatime")
        #expect(line("/m", outcome.output).contains("ro,nosuid,nodev,noexec,noatime"), "\(outcome.output)")
        #expect(!line("/m/sub", outcome.output).contains("nosuid"))
        #expect(line("/m/sub", outcome.output).contains(" rw "))
        // Without `rbind` there is nothing below.
        #expect(line("/m/sub", try withSubmount("bind").output).hasPrefix("no /m/sub"))
    }

    /// The kernel wants the access-time field changed as a whole.
    @Test(arguments: ["atime", "relatime", "norelatime", "nostrictatime", "strictatime", "diratime", "ratime"])
    func accessTimes(_ option: String) throws {
        let outcome = try withSubmount("rbind \(option)")
        #expect(outcome.status == 0, "\(outcome.output)")
    }

    @Test func whatWasSetCanBeCleared() throws {
        let bundle = try TestBundle("cat", "/proc/self/mountinfo")
        bundle.mount("\(bundle.path)/source", "/m", "rbind rsuid rdev rexec rrw suid")
        let outcome = try bundle.run(
            after: "mkdir -p source/sub && mount -t tmpfs -o ro,nosuid,nodev,noexec none source/sub")
        let sub = line("/m/sub", outcome.output)
        #expect(sub.contains(" rw,relatime "), "\(sub)")
    }

    @Test(arguments: [
        ("rbind shared", "shared:"), ("rbind rshared", "shared:"), ("rbind slave", "master:"),
        ("rbind rslave", "master:"), ("rbind runbindable", "unbindable"),
    ])
    func propagation(_ options: String, _ field: String) throws {
        let outcome = try withSubmount(options)
        #expect(line("/m", outcome.output).contains(field), "\(outcome.output)")
        #expect(line("/m/sub", outcome.output).contains(field) == options.contains(" r") || field == "master:")
    }

    @Test(arguments: ["rbind private", "rbind rprivate"]) func privateKnowsNobody(_ options: String) throws {
        let shown = line("/m", try withSubmount(options).output)
        #expect(!shown.contains("shared:") && !shown.contains("master:"))
    }

    @Test(arguments: [
        ("shared", "shared:", true), ("slave", "master:", true), ("unbindable", "unbindable", true),
        ("private", "shared:", false),
    ])
    func ofTheRoot(_ name: String, _ field: String, _ present: Bool) throws {
        let bundle = try TestBundle("cat", "/proc/self/mountinfo")
        bundle.spec.linux?.rootfsPropagation = name
        let outcome = try bundle.run(after: "true")
        #expect(line("/", outcome.output).contains(field) == present, "\(outcome.output)")
    }

    /// With a shared root, what the container mounts below a shared bind arrives at the host; otherwise nothing does.
    @Test(arguments: [("rshared", "rshared", true), ("rslave", "rshared", false), ("rshared", "rslave", false)])
    func mountsTravelWhereTheyMay(_ root: String, _ bind: String, _ arrives: Bool) throws {
        let bundle = try TestBundle("mount", "-t", "tmpfs", "none", "/m/sub")
        let all = TestBundle.dockerCapabilities + ["CAP_SYS_ADMIN"]
        bundle.spec.process?.capabilities = .init(bounding: all, effective: all, permitted: all)
        bundle.spec.linux?.rootfsPropagation = root
        bundle.mount("\(bundle.path)/source", "/m", "rbind \(bind)")
        let outcome = try bundle.run(after: "mkdir -p source/sub", check: "grep -c source/sub /proc/self/mountinfo")
        #expect(outcome.output == (arrives ? "1\n" : "0\n"))
    }

    @Test func tmpcopyupBringsWhatWasThere() throws {
        let bundle = try TestBundle("sh", "-c", "cat /data/file /data/link; echo new > /data/file; ls -ld /data")
        try shell("cd \(bundle.path)/rootfs; mkdir -m 751 data; echo old > data/file; ln -s file data/link")
        bundle.mount("tmpfs", "/data", "tmpcopyup nosuid", type: "tmpfs")
        let outcome = try bundle.run()
        #expect(outcome.output.hasPrefix("old\nold\ndrwxr-x--x"), "\(outcome.output)")
        #expect(try shell("cat \(bundle.path)/rootfs/data/file").output == "old\n")
        // And where nothing may be written.
        let last = (bundle.spec.mounts?.count ?? 1) - 1
        bundle.spec.mounts?[last].options?.append("ro")
        #expect(try bundle.run().output.hasPrefix("old\nold\nsh: can't create /data/file: Read-only file system"))
    }

    @Test func aTmpfsHasTheModeOfWhatItCovers() throws {
        let bundle = try TestBundle("/bin/busybox", "stat", "-c", "%a", "/given", "/covered", "/new")
        try shell("mkdir -m 710 \(bundle.path)/rootfs/covered \(bundle.path)/rootfs/given")
        bundle.mount("tmpfs", "/given", "mode=700", type: "tmpfs")
        bundle.mount("tmpfs", "/covered", "nosuid", type: "tmpfs")
        bundle.mount("tmpfs", "/new", "nosuid", type: "tmpfs")
        #expect(try bundle.run().output == "700\n710\n1777\n")
    }

    @Test func remountChangesWhatIsThere() throws {
        let bundle = try TestBundle("sh", "-c", "touch /dev/x; dd if=/dev/zero of=/dev/shm/x bs=4096 count=64")
        bundle.mount("tmpfs", "/dev/shm", "remount size=64k", type: "tmpfs")
        bundle.mount("tmpfs", "/dev/pts", "remount bind ro", type: "devpts")
        bundle.mount("tmpfs", "/dev", "remount bind ro", type: "tmpfs")
        let output = try bundle.run().output
        #expect(output.contains("/dev/x: Read-only file system"), "\(output)")
        #expect(output.contains("No space left on device"), "\(output)")
    }

    @Test func filesAndDirectoriesAreMadeForTheirMounts() throws {
        let bundle = try TestBundle("cat", "/new/dir/file", "/other/dir/name")
        try shell("cd \(bundle.path); mkdir source; echo one > source/file; echo two > name")
        bundle.mount("source", "/new/dir", "bind")
        bundle.mount("name", "/other/dir/name", "bind ro")
        #expect(try bundle.run().output == "one\ntwo\n")
    }

    @Test(arguments: [
        ("bind size=1m", "bind", #"option "size=1m" does not go with bind"#), ("nope=1", "tmpfs", "nope=1"),
        ("nope", "nosuchfs", "nosuchfs"), ("", "none", "no type"),
    ])
    func failuresNameTheMount(_ options: String, _ type: String, _ part: String) throws {
        let bundle = try TestBundle("true")
        bundle.mount("\(bundle.path)/state", "/m", options, type: type)
        let outcome = try bundle.run()
        #expect(outcome.status == 125)
        #expect(outcome.output.contains(part) && outcome.output.contains(#"to "/m""#), "\(outcome.output)")
    }
}
