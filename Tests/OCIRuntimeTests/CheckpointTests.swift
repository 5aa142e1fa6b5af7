// SPDX-License-Identifier: Apache-2.0

import Linux
import OCI
import Testing

@testable import OCIRuntime

struct CheckpointTests {
    private static let table = MountTable(
        Array(
            """
            50 35 0:25 /b/rootfs / rw,relatime - tmpfs tmp rw,inode64
            51 50 0:29 / /proc rw,relatime - proc proc rw
            52 50 0:30 / /dev rw,nosuid - tmpfs tmpfs rw,size=65536k,mode=755,inode64
            56 50 0:33 / /sys ro,nosuid,nodev,noexec,relatime - sysfs sysfs rw
            57 56 0:26 /t1 /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw
            58 50 0:25 /b/my\\040data /data rw,relatime master:12 - tmpfs tmp rw,inode64
            69 58 8:1 / /data/disk rw,relatime master:13 - ext4 /dev/vdb rw
            70 58 0:40 / /data/own rw,relatime - tmpfs tmpfs rw
            59 51 0:34 / /proc/acpi ro,nosuid,nodev,noexec,relatime - tmpfs none rw,inode64
            60 51 0:5 /null /proc/keys rw,relatime shared:3 master:8 - devtmpfs dev rw,size=484392k
            64 51 0:29 /bus /proc/bus ro,relatime - proc proc rw

            """.utf8))

    private static func spec() -> RuntimeSpec {
        var spec = RuntimeSpec()
        spec.mounts = [
            .init(destination: "/proc", type: "proc", source: "proc"), .init(destination: "/dev", type: "tmpfs"),
            .init(destination: "/sys", type: "sysfs"), .init(destination: "/sys/fs/cgroup", type: "cgroup"),
            .init(destination: "/data/", type: "bind", source: "my data", options: ["rbind"]),
            .init(destination: "/data/own", type: "tmpfs", source: "tmpfs"),
        ]
        var linux = RuntimeSpec.Linux()
        linux.maskedPaths = ["/proc/acpi", "/proc/keys", "/proc/not-there"]
        spec.linux = linux
        return spec
    }

    @Test func mountTablesAreRead() {
        let entries = CheckpointTests.table.entries
        #expect(entries.count == 11)
        #expect(entries[5] == .init(id: 58, parent: 50, root: "/b/my data", path: "/data", type: "tmpfs"))
        #expect(entries[9].type == "devtmpfs" && entries[9].root == "/null")
        #expect(MountTable(Array("garbage\n1 2 3 / / rw -\n\n".utf8)).entries.isEmpty)
    }

    @Test func onlyWhatIsTheHostsIsExternal() throws {
        let external = try ExternalMounts(
            CheckpointTests.spec(), bundle: "/b", cgroups: [("", "/sys/fs/cgroup/new")])
        #expect(external.find(in: CheckpointTests.table) == ["/sys/fs/cgroup", "/data", "/data/disk", "/proc/keys"])
    }

    @Test(
        arguments: [
            ("/data", "/b/my data"), ("/data/disk", "/b/my data/disk"), ("/proc/keys", "/dev/null"),
            ("/sys/fs/cgroup", "/sys/fs/cgroup/new"), ("/dev/null", "/dev/null"),
        ])
    func sourcesComeFromTheBundle(_ path: String, _ source: String) throws {
        let external = try ExternalMounts(
            CheckpointTests.spec(), bundle: "/b", cgroups: [("", "/sys/fs/cgroup/new")])
        #expect(try external.source(of: path) == source)
    }

    @Test(arguments: ["/data/../../etc", "/data/own", "/etc", "/", "", "/proc", "/proc/kcore", "/dev/sda", "data"])
    func aCheckpointNamesNothingElse(_ path: String) throws {
        let external = try ExternalMounts(CheckpointTests.spec(), bundle: "/b", cgroups: [("", "/x")])
        #expect(throws: RuntimeError.self) { try external.source(of: path) }
    }

    @Test func eachControllerHasItsDirectory() throws {
        let external = try ExternalMounts(
            CheckpointTests.spec(), bundle: "/b", cgroups: [("pids", "/sys/fs/cgroup/pids/x"), ("cpu", "/y")])
        #expect(try external.source(of: "/sys/fs/cgroup/cpu") == "/y")
        #expect(throws: RuntimeError.self) { try external.source(of: "/sys/fs/cgroup/memory") }
    }

    @Test func eachStreamIsInheritedOnce() {
        #expect(
            CheckpointStreams.inherited(["file[1b:4]", "pipe:[7]", "pipe:[7]"]).map { "\($0.stream) \($0.name)" }
                == ["0 file[1b:4]", "1 pipe:[7]"])
        #expect(CheckpointStreams.inherited(["", "", "pipe:[7]"]).map(\.stream) == [2])
    }

    @Test func theFirstErrorIsTheReason() {
        let log = """
            (00.1) Warn  (criu/a.c:1): a: hm
            Error (criu/util.c:627): execvp("iptables-save", ...) failed: No such file or directory
            (03.676018)      1: Error (criu/files-reg.c:2093): File data/out has bad size 21 (expect 12)
            (03.833474) Error (criu/cr-restore.c:2537): Restoring FAILED.
            """
        #expect(CRIU.reason(log) == "File data/out has bad size 21 (expect 12)")
        #expect(CRIU.reason("(00.1) fine\n") == nil)
    }
}
