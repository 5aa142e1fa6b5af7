// SPDX-License-Identifier: Apache-2.0

import OCI
import Testing

/// How a container's process runs, and its devices. Needs root.
@Suite(.serialized) struct ProcessTests {
    /// Fields of /proc/PID/stat after the name, from the third on.
    private func fields(_ text: String) -> [Substring] {
        text.split(separator: ")").last?.split(separator: " ") ?? []
    }

    @Test(arguments: [("SCHED_BATCH", 3, 5), ("SCHED_IDLE", 5, 0), ("SCHED_OTHER", 0, 7)])
    func scheduler(_ policy: String, _ number: Int, _ nice: Int32) throws {
        let bundle = try TestBundle("cat", "/proc/self/stat")
        var scheduler = RuntimeSpec.Scheduler(policy: policy)
        scheduler.nice = nice
        bundle.spec.process?.scheduler = scheduler
        let fields = fields(try bundle.run().output)
        #expect(fields.count > 38)
        #expect(fields[16] == "\(nice)")
        #expect(fields[38] == "\(number)")
        bundle.spec.process?.args = ["sleep", "1000"]
        try bundle.start()
        #expect(self.fields(try bundle.exec("cat /proc/self/stat").output)[38] == "\(number)")
    }

    @Test func inputAndOutputPriority() throws {
        let bundle = try TestBundle("/bin/busybox", "ionice", "-p", "1")
        bundle.spec.process?.ioPriority = .init(class: "IOPRIO_CLASS_IDLE")
        #expect(try bundle.run().output.contains("idle"))
        bundle.spec.process?.ioPriority = .init(class: "IOPRIO_CLASS_BE", priority: 6)
        #expect(try bundle.run().output.contains("best-effort: prio 6"))
    }

    @Test func memoryPolicy() throws {
        let bundle = try TestBundle("head", "-n", "1", "/proc/self/numa_maps")
        bundle.spec.linux?.memoryPolicy = .init(mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_STATIC_NODES"])
        #expect(try bundle.run().output.contains(" bind=static:0 "))
        bundle.spec.linux?.memoryPolicy = .init(mode: "MPOL_BIND", nodes: "900")
        let refused = try bundle.run()
        #expect(refused.status == 125)
        #expect(refused.output.contains("linux.memoryPolicy"))
    }

    @Test func affinityOfWhatEnters() throws {
        let bundle = try TestBundle("sleep", "1000")
        bundle.spec.process?.execCPUAffinity = .init(initial: "0", final: "1")
        try bundle.start()
        #expect(try bundle.exec("grep Cpus_allowed_list /proc/self/status").output == "Cpus_allowed_list:\t1\n")
        #expect(try bundle.exec("grep Cpus_allowed_list /proc/1/status").output != "Cpus_allowed_list:\t1\n")
    }

    @Test func ambientAndInheritable() throws {
        let bundle = try TestBundle("grep", "Cap", "/proc/self/status")
        let one = ["CAP_NET_BIND_SERVICE"]
        bundle.spec.process?.user = .init(uid: 1000, gid: 1000)
        bundle.spec.process?.capabilities = .init(
            bounding: one, effective: one, inheritable: one, permitted: one, ambient: one)
        let output = try bundle.run().output
        for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
            #expect(output.contains("\(set):\t0000000000000400"), "\(output)")
        }
    }

    @Test func labelsNeedTheirModule() throws {
        let bundle = try TestBundle("true")
        bundle.spec.process?.apparmorProfile = "docker-default"
        let apparmor = try bundle.run()
        if try shell("test -e /sys/module/apparmor/parameters/enabled", mayFail: true).status != 0 {
            #expect(apparmor.output.contains("process.apparmorProfile needs AppArmor"))
        }
        bundle.spec.process?.apparmorProfile = nil
        bundle.spec.process?.selinuxLabel = "system_u:system_r:container_t:s0"
        #expect(try bundle.run().output.contains("process.selinuxLabel needs SELinux"))
        bundle.spec.process?.selinuxLabel = nil
        bundle.spec.linux?.mountLabel = "system_u:object_r:container_file_t:s0"
        #expect(try bundle.run().output.contains("linux.mountLabel needs SELinux"))
    }

    @Test func oomScore() throws {
        let bundle = try TestBundle("cat", "/proc/self/oom_score_adj")
        bundle.spec.process?.oomScoreAdj = 321
        #expect(try bundle.run().output == "321\n")
    }

    @Test func devicesAsTheyAreAskedFor() throws {
        let bundle = try TestBundle("ls", "-ln", "/dev/mine", "/dev/null", "/dev/deep/fifo", "/dev/block")
        bundle.spec.linux?.resources?.devices?.append(.init(allow: true, type: "b", access: "m"))
        bundle.spec.linux?.devices = [
            .init(type: "c", path: "/dev/mine", major: 1, minor: 5, fileMode: 0o640, uid: 7, gid: 8),
            .init(type: "c", path: "/dev/null", major: 1, minor: 3, fileMode: 0o600),
            .init(type: "p", path: "/dev/deep/fifo", fileMode: 0o622),
            .init(type: "b", path: "/dev/block", major: 7, minor: 200, fileMode: 0o660),
            .init(type: "u", path: "/dev/raw", major: 1, minor: 3),
        ]
        let output = try bundle.run().output
        let lines = output.split(separator: "\n").map { $0.split(separator: " ") }
        func shown(_ name: String) -> [Substring] { lines.first { $0.last == Substring(name) } ?? [] }
        #expect(shown("/dev/mine").prefix(6) == ["crw-r-----", "1", "7", "8", "1,", "5"], "\(output)")
        #expect(shown("/dev/null").first == "crw-------")
        #expect(shown("/dev/deep/fifo").first == "prw--w--w-")
        #expect(shown("/dev/block").prefix(6) == ["brw-rw----", "1", "0", "0", "7,", "200"])
    }

    @Test func aFileThatIsAnotherDeviceIsAnError() throws {
        let bundle = try TestBundle("true")
        bundle.spec.linux?.devices = [.init(type: "c", path: "/etc/passwd", major: 1, minor: 3)]
        let outcome = try bundle.run()
        #expect(outcome.status == 125)
        #expect(outcome.output.contains("linux.devices: the container has a file at /etc/passwd"))
    }
}
