// SPDX-License-Identifier: Apache-2.0

import OCI
import Testing

/// Containers through the program, as an engine would run them. Needs root.
@Suite(.serialized) struct LifecycleTests {
    @Test(
        arguments: [
            (["sh", "-c", "exit 7"], 7, ""),
            (["nosuchcmd"], 127, #"exec: "nosuchcmd": executable file not found in $PATH"#),
            (["/nosuch"], 127, #"exec: "/nosuch": stat /nosuch: no such file or directory"#),
            (["/etc/passwd"], 126, #"exec: "/etc/passwd": permission denied"#),
            (["/etc"], 126, #"exec: "/etc": is a directory"#),
        ] as [([String], Int32, String)])
    func exitCodes(_ arguments: [String], _ status: Int32, _ message: String) throws {
        let bundle = try TestBundle()
        bundle.spec.process?.args = arguments
        let outcome = try bundle.run()
        #expect(outcome.status == status)
        #expect(outcome.output.contains(message) || message.isEmpty, "\(outcome.output)")
        #expect(try bundle.status().isEmpty)
    }

    @Test func aFormatTheKernelDoesNotKnow() throws {
        let bundle = try TestBundle("/bad")
        try shell("printf 'not a program' > \(bundle.path)/rootfs/bad; chmod +x \(bundle.path)/rootfs/bad")
        let outcome = try bundle.run()
        #expect(outcome.status == 255)
        #expect(outcome.output.contains("exec /bad: exec format error"))
    }

    @Test func badConfigurationIs125() throws {
        let bundle = try TestBundle("true")
        bundle.spec.linux?.intelRdt = .init(closID: "x")
        let outcome = try bundle.run()
        #expect(outcome.status == 125)
        #expect(outcome.output.contains("linux.intelRdt is not supported"))
    }

    @Test func createStartKillDelete() throws {
        let bundle = try TestBundle("sleep", "1000")
        try bundle.writeConfiguration()
        #expect(try bundle.runtime("create -b \(bundle.path) \(bundle.id) </dev/null >/dev/null 2>&1").status == 0)
        #expect(try bundle.status() == "created")
        #expect(try bundle.runtime("start \(bundle.id)").status == 0)
        #expect(try bundle.status() == "running")
        #expect(try bundle.runtime("start \(bundle.id)").status == 1)
        let refused = try bundle.runtime("delete \(bundle.id)")
        #expect(refused.output.contains("that is not stopped: running"))
        #expect(try bundle.runtime("kill \(bundle.id) NOPE").output.contains(#"unknown signal "NOPE""#))
        #expect(try bundle.runtime("kill \(bundle.id) KILL").status == 0)
        #expect(try eventually { try bundle.status() == "stopped" })
        #expect(try bundle.runtime("kill \(bundle.id)").output.contains("container not running"))
        #expect(try bundle.runtime("delete \(bundle.id)").status == 0)
        #expect(try bundle.runtime("delete \(bundle.id)").output.contains("does not exist"))
    }

    @Test func deleteLeavesNothing() throws {
        let mounts = try shell("cat /proc/self/mountinfo").output
        let bundle = try TestBundle("sleep", "4321")
        try bundle.start()
        #expect(try shell("ls -d /sys/fs/cgroup/*/wharf-test/\(bundle.id)").output.contains("memory"))
        #expect(try bundle.runtime("delete --force \(bundle.id)").status == 0)
        #expect(try shell("ls -d /sys/fs/cgroup/*/wharf-test/\(bundle.id)", mayFail: true).status != 0)
        #expect(try shell("ls \(bundle.path)/state").output == "")
        #expect(try shell("pgrep -f '[s]leep 4321'", mayFail: true).status != 0)
        #expect(try shell("cat /proc/self/mountinfo").output == mounts)
    }

    @Test func aGroupInUseIsRefusedAndLeftAlone() throws {
        let first = try TestBundle("sleep", "1000")
        try first.start()
        let second = try TestBundle("true")
        second.spec.linux?.cgroupsPath = first.spec.linux?.cgroupsPath
        let outcome = try second.run()
        #expect(outcome.status == 125)
        #expect(outcome.output.contains("is in use by"))
        #expect(try first.status() == "running")
    }

    @Test func theProgramAndAnExecAreInEveryGroup() throws {
        let bundle = try TestBundle("sleep", "1000")
        try bundle.start()
        let group = "/wharf-test/\(bundle.id)"
        let members = "cat /sys/fs/cgroup/*\(group)/cgroup.procs | sort -n | uniq -c"
        let before = try shell(members).output.split(whereSeparator: \.isWhitespace)
        // One process, in each of the hierarchies that there are.
        #expect(before.count == 2)
        let groups = try shell("ls -d /sys/fs/cgroup/*\(group) | wc -l").output.dropLast()
        #expect(before.first.map { String($0) } == String(groups))
        #expect(try bundle.runtime("exec -d \(bundle.id) sleep 1000 </dev/null >/dev/null 2>&1").status == 0)
        let after = try shell(members).output.split(whereSeparator: \.isWhitespace)
        #expect(after.count == 4 && after.first == before.first && after[2] == before.first)
    }

    @Test func aFailedCreateLeavesNothing() throws {
        let bundle = try TestBundle("true")
        bundle.spec.mounts?.append(.init(destination: "/x", type: "bind", source: "/no/such/place", options: ["bind"]))
        let outcome = try bundle.run()
        #expect(outcome.status == 125)
        #expect(outcome.output.contains(#"mounting "/no/such/place" to "/x""#))
        #expect(try shell("ls -d /sys/fs/cgroup/*/wharf-test/\(bundle.id)", mayFail: true).status != 0)
        #expect(try bundle.status().isEmpty)
    }

    @Test func aSignalIs128AndItsNumber() throws {
        let bundle = try TestBundle("sleep", "1000")
        try bundle.writeConfiguration()
        let kill = "(sleep 0.3; \(TestBundle.program) --root \(bundle.path)/state kill \(bundle.id) KILL) & "
        let outcome = try shell(
            "\(kill) \(TestBundle.program) --root \(bundle.path)/state run -b \(bundle.path) \(bundle.id) </dev/null",
            mayFail: true)
        #expect(outcome.status == 137)
    }

    @Test func pauseStopsTime() throws {
        let bundle = try TestBundle("sh", "-c", "while :; do echo x; sleep 0.01; done")
        try bundle.start()
        #expect(try bundle.runtime("pause \(bundle.id)").status == 0)
        #expect(try bundle.status() == "paused")
        let before = try shell("wc -c < \(bundle.path)/out").output
        try shell("sleep 0.2")
        #expect(try shell("wc -c < \(bundle.path)/out").output == before)
        #expect(try bundle.exec("true").output.contains("cannot exec in a paused container"))
        #expect(try bundle.runtime("resume \(bundle.id)").status == 0)
        #expect(try bundle.status() == "running")
    }

    @Test func limitsAreWritten() throws {
        let bundle = try TestBundle("sleep", "1000")
        var memory = RuntimeSpec.Memory()
        memory.limit = 64 << 20
        var cpu = RuntimeSpec.CPU()
        cpu.quota = 50_000
        cpu.period = 100_000
        bundle.spec.linux?.resources?.memory = memory
        bundle.spec.linux?.resources?.cpu = cpu
        bundle.spec.linux?.resources?.pids = .init(limit: 9)
        try bundle.start()
        let script = """
            cd /sys/fs/cgroup; if [ -e cgroup.controllers ]; then cd wharf-test/\(bundle.id)
            cat memory.max pids.max cpu.max; else cat memory/wharf-test/\(bundle.id)/memory.limit_in_bytes
            cat pids/wharf-test/\(bundle.id)/pids.max cpu/wharf-test/\(bundle.id)/cpu.cfs_quota_us; fi
            """
        let values = try shell(script).output.split(whereSeparator: \.isWhitespace).prefix(3)
        #expect(values == ["67108864", "9", "50000"])
    }

    @Test func initReapsAndPassesSignals() throws {
        let program = TestBundle.program
        #expect(try shell("\(program) init -- sh -c 'exit 5'", mayFail: true).status == 5)
        #expect(try shell("\(program) init -- sh -c 'kill -9 $$'", mayFail: true).status == 137)
        #expect(try shell("\(program) init -- nosuch", mayFail: true).status == 127)
        let trap = "trap \"exit 33\" TERM; echo up; while :; do sleep 0.05; done"
        let script = "\(program) init -- sh -c '\(trap)' & sleep 0.3; kill -TERM $!; wait $!"
        #expect(try shell(script, mayFail: true).status == 33)
    }

    @Test(arguments: ["../x", "a/b", "", ".."]) func badIDsAreRefused(_ id: String) throws {
        let bundle = try TestBundle("true")
        try bundle.writeConfiguration()
        let outcome = try bundle.runtime("run -b \(bundle.path) '\(id)' </dev/null")
        #expect(outcome.output.contains("invalid container id format"))
    }

    @Test func flagsThatAreNotThereAreRefused() throws {
        let bundle = try TestBundle("true")
        #expect(try bundle.runtime("update --mem-bw-schema x y").output.contains("--mem-bw-schema is not supported"))
        #expect(try bundle.runtime("frobnicate x").output.contains(#"unknown command "frobnicate""#))
    }
}
