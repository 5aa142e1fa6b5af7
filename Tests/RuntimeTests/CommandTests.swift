// SPDX-License-Identifier: Apache-2.0

import JSON
import OCI
import Testing

/// The commands beside create, start, kill and delete. Needs root.
@Suite(.serialized) struct CommandTests {
    @Test func listHasEveryContainer() throws {
        let bundle = try TestBundle("sleep", "1000")
        #expect(try bundle.runtime("list -q").output == "")
        #expect(try bundle.runtime("list --format json").output == "[]\n")
        try bundle.start()
        #expect(try bundle.runtime("list -q").output == "\(bundle.id)\n")
        let table = try bundle.runtime("list").output.split(separator: "\n")
        let head = table.first?.split(separator: " ").joined(separator: " ")
        #expect(head == "ID PID STATUS BUNDLE CREATED OWNER")
        #expect(table.last?.hasPrefix(bundle.id) == true && table.last?.hasSuffix("   root") == true)
        guard case .array(let list) = try JSON.parse(Array(try bundle.runtime("list -f json").output.utf8)) else {
            throw Failure(text: "no list")
        }
        #expect(list.first?["id"] == .string(bundle.id) && list.first?["status"] == .string("running"))
        #expect(list.first?["rootfs"] == .string("\(bundle.path)/rootfs"))
    }

    @Test func psHasTheContainersProcessesOnly() throws {
        let bundle = try TestBundle("sh", "-c", "sleep 4322 & exec sleep 4323")
        try bundle.start()
        #expect(try eventually { try bundle.runtime("ps \(bundle.id)").output.contains("sleep 4323") })
        let table = try bundle.runtime("ps \(bundle.id)").output.split(separator: "\n")
        #expect(table.count == 3 && table[0].hasPrefix("UID") && table[1].hasSuffix("sleep 4323"))
        #expect(try bundle.runtime("ps \(bundle.id) -o pid,args").output.contains("sleep 4322"))
        guard case .array(let pids) = try JSON.parse(Array(try bundle.runtime("ps -f json \(bundle.id)").output.utf8))
        else { throw Failure(text: "no list") }
        #expect(pids.count == 2)
        #expect(try bundle.runtime("ps -f yaml \(bundle.id)").output.contains("invalid format option"))
    }

    @Test func updateChangesLimitsOfARunningContainer() throws {
        let bundle = try TestBundle("sleep", "1000")
        try bundle.start()
        let value = { (controller: String, file: String) in
            try shell("cat /sys/fs/cgroup/\(controller)/wharf-test/\(bundle.id)/\(file)").output.dropLast()
        }
        let update = { (flags: String) in try bundle.runtime("update \(flags) \(bundle.id)") }
        #expect(try update("--memory 64m --memory-swap 128m --memory-reservation 32m --pids-limit 9").status == 0)
        #expect(try value("memory", "memory.limit_in_bytes") == "67108864")
        #expect(try value("memory", "memory.memsw.limit_in_bytes") == "134217728")
        #expect(try value("memory", "memory.soft_limit_in_bytes") == "33554432")
        #expect(try value("pids", "pids.max") == "9")
        // Up and down again: the sum of memory and swap is never less than memory.
        #expect(try update("--memory 256m --memory-swap 512m").status == 0)
        #expect(try update("--memory 16m --memory-swap 16m").status == 0)
        #expect(try update("--memory -1").status == 0)
        #expect(try value("memory", "memory.limit_in_bytes").count > 15)
        #expect(try update("--cpu-quota 50000 --cpu-period 100000 --cpu-share 512").status == 0)
        #expect(try value("cpu", "cpu.cfs_quota_us") == "50000")
        #expect(try value("cpu", "cpu.shares") == "512")
        #expect(try value("pids", "pids.max") == "9")
        #expect(try update("--memory 1x").output.contains("invalid value for memory: invalid size: '1x'"))
        #expect(try update("--kernel-memory 1m").output.contains("flag --kernel-memory is not supported"))
        #expect(try update("--memory 64k").output.contains("unable to set memory limit to 65536 (current usage: "))
    }

    @Test func updateMovesProcessesToANewHierarchy() throws {
        let bundle = try TestBundle("sleep", "1000")
        try bundle.start()
        let group = "/sys/fs/cgroup/cpuset/wharf-test/\(bundle.id)"
        #expect(try shell("test -e \(group)", mayFail: true).status != 0)
        #expect(try bundle.runtime("update --cpuset-cpus 0 \(bundle.id)").status == 0)
        #expect(try shell("cat \(group)/cpuset.cpus").output == "0\n")
        #expect(try shell("wc -l < \(group)/cgroup.procs").output == "1\n")
        #expect(try bundle.exec("grep Cpus_allowed_list /proc/self/status").output == "Cpus_allowed_list:\t0\n")
    }

    @Test func updateReadsAFile() throws {
        let bundle = try TestBundle("sleep", "1000")
        try bundle.start()
        let text = #"{"memory":{"limit":50003968},"pids":{"limit":11},"devices":[{"allow":true,"access":"rwm"}]}"#
        #expect(
            try shell("echo '\(text)' | \(TestBundle.program) --root \(bundle.path)/state update -r - \(bundle.id)")
                .status == 0)
        let group = "/sys/fs/cgroup/*/wharf-test/\(bundle.id)"
        #expect(try shell("cat \(group)/memory.limit_in_bytes \(group)/pids.max").output == "50003968\n11\n")
        // What a container may open does not change.
        #expect(try !shell("cat \(group)/devices.list").output.contains("a *:*"))
        try shell("echo '{\"memory\":7}' > \(bundle.path)/bad.json")
        #expect(try bundle.runtime("update -r \(bundle.path)/bad.json \(bundle.id)").output.contains("memory"))
    }

    @Test func eventsTellStatisticsOnce() throws {
        let bundle = try TestBundle("sleep", "1000")
        try bundle.start()
        let line = try bundle.runtime("events --stats \(bundle.id)").output
        let event = try JSON.parse(Array(line.utf8))
        #expect(event["type"] == .string("stats") && event["id"] == .string(bundle.id))
        let data = event["data"]
        #expect(try #require(data?["cpu"]?["usage"]?["total"]?.integer) > 0)
        #expect(data?["pids"]?["current"] != nil)
        #expect(data?["memory"]?["usage"]?["usage"] != nil && data?["memory"]?["raw"]?["pgfault"] != nil)
    }

    @Test func eventsGoOnUntilTheEndAndTellOfMemory() throws {
        let bundle = try TestBundle(
            "sh", "-c", "while ! test -e /tmp/go; do sleep 0.01; done; head -c 80m /dev/zero | tail; sleep 0.2")
        var memory = RuntimeSpec.Memory()
        memory.limit = 20 << 20
        memory.swap = 20 << 20
        bundle.spec.linux?.resources?.memory = memory
        try bundle.start()
        let outcome = try shell(
            """
            (sleep 0.3; touch \(bundle.path)/rootfs/tmp/go) >/dev/null 2>&1 &
            timeout 20 \(TestBundle.program) --root \(bundle.path)/state events --interval 100ms \(bundle.id)
            """)
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.count(where: { $0.hasPrefix(#"{"type":"stats""#) }) >= 2)
        #expect(lines.contains { $0 == #"{"type":"oom","id":"\#(bundle.id)"}"# }, "\(outcome.output.suffix(300))")
        #expect(try bundle.runtime("events --interval 0 \(bundle.id)").status == 1)
    }

    @Test func specMakesABundleThatRuns() throws {
        let bundle = try TestBundle("true")
        #expect(try bundle.runtime("spec -b \(bundle.path)").status == 0)
        #expect(
            try bundle.runtime("spec -b \(bundle.path)").output.contains("File config.json exists. Remove it first"))
        let bytes = Array(try shell("cat \(bundle.path)/config.json").output.utf8)
        bundle.spec = try JSON.decode(RuntimeSpec.self, from: bytes)
        bundle.spec.process?.terminal = false
        bundle.spec.process?.rlimits = nil
        bundle.spec.process?.args = [
            "sh", "-c", "hostname && head -c 1 /dev/zero | wc -c && head -c 1 /dev/full | wc -c && echo x >/dev/null",
        ]
        let outcome = try bundle.run()
        // Devices that every container has may be opened though the specification allows none.
        #expect(outcome.status == 0 && outcome.output == "wharf\n1\n1\n", "\(outcome.output)")
    }

    @Test func featuresSaysWhatIsThere() throws {
        let features = try JSON.parse(Array(try shell("\(TestBundle.program) features").output.utf8))
        #expect(features["ociVersionMin"] == .string("1.0.0"))
        #expect(features["linux"]?["cgroup"]?["v2"] == .bool(true))
    }

    @Test func whatIsAbsentIsRefusedByName() throws {
        let bundle = try TestBundle("true")
        #expect(try bundle.runtime("frobnicate").output.contains("unknown command \"frobnicate\""))
        let update = try bundle.runtime("update --mem-bw-schema x y")
        #expect(update.output.contains("flag --mem-bw-schema is not supported: "), "\(update.output)")
        #expect(try bundle.runtime("--help").output.contains("  update "))
        #expect(try bundle.runtime("").status == 1 && bundle.runtime("help").status == 0)
        #expect(try bundle.runtime("exec --help").output.contains("--preserve-fds VALUE"))
    }

    /// Where systemd looks after cgroup v2, Tests/VM/systemd has the rest.
    @Test func systemdsGroupsNeedSystemd() throws {
        let bundle = try TestBundle("true")
        let hasSystemd = try shell("test -d /run/systemd/system -a -e /sys/fs/cgroup/cgroup.controllers", mayFail: true)
        let path = try runWithSystemd(bundle, "/a/path")
        let named = try runWithSystemd(bundle, "system.slice:wharf-test:\(bundle.id)")
        if hasSystemd.status == 0 {
            #expect(path.output.contains("must be slice:prefix:name") && named.status == 0)
        } else {
            #expect(named.status == 125 && named.output.contains("the systemd cgroup driver needs "))
        }
        #expect(try bundle.runtime("--systemd-cgroup list -q").output == "")
        #expect(try bundle.runtime("state \(bundle.id)").status == 1)
    }

    private func runWithSystemd(_ bundle: TestBundle, _ path: String) throws -> Outcome {
        bundle.spec.linux?.cgroupsPath = path
        try bundle.writeConfiguration()
        return try bundle.runtime("--systemd-cgroup run -b \(bundle.path) \(bundle.id) </dev/null")
    }

    @Test func errorsGoToTheLogInEitherFormat() throws {
        let bundle = try TestBundle("true")
        _ = try bundle.runtime("--log \(bundle.path)/text state nosuch")
        _ = try bundle.runtime("--log \(bundle.path)/json --log-format json state nosuch")
        let text = try shell("cat \(bundle.path)/text").output
        #expect(
            text.hasPrefix("time=\"20") && text.contains(#" level=error msg="container \"nosuch\" does not exist""#))
        #expect(try JSON.parse(Array(try shell("cat \(bundle.path)/json").output.utf8))["level"] == .string("error"))
        #expect(try bundle.runtime("--log-format xml list").output.contains("invalid log-format"))
    }

    @Test func preservedDescriptorsAreTheProcesss() throws {
        let bundle = try TestBundle("sh", "-c", "cat <&3; cat <&4; ls /proc/self/fd | wc -l; exec sleep 1000")
        try bundle.writeConfiguration()
        try shell("echo three > \(bundle.path)/3; echo four > \(bundle.path)/4")
        let open = "3<\(bundle.path)/3 4<\(bundle.path)/4 5<\(bundle.path)/4"
        _ = try bundle.runtime(
            "run -d --preserve-fds 2 -b \(bundle.path) \(bundle.id) </dev/null >\(bundle.path)/out 2>&1 \(open)")
        // 0, 1, 2, 3, 4 and that of the directory.
        #expect(try eventually { try shell("cat \(bundle.path)/out").output == "three\nfour\n6\n" })
        let outcome = try bundle.runtime("exec --preserve-fds 1 \(bundle.id) cat /proc/self/fd/3 </dev/null \(open)")
        #expect(outcome.output == "three\n")
        #expect(try bundle.runtime("exec --preserve-fds 9 \(bundle.id) true </dev/null").output.contains("is not open"))
        let listening = try shell(
            "LISTEN_FDS=1 \(TestBundle.program) --root \(bundle.path)/state exec \(bundle.id) env </dev/null \(open)"
        ).output
        #expect(listening.contains("LISTEN_FDS=1\n") && listening.contains("LISTEN_PID=1\n"))
    }

    @Test func aFrozenContainerIsKilledAtOnce() throws {
        let bundle = try TestBundle("sleep", "1000")
        try bundle.start()
        #expect(try bundle.runtime("resume \(bundle.id)").output.contains("container not paused"))
        #expect(try bundle.runtime("pause \(bundle.id)").status == 0)
        #expect(try bundle.runtime("pause \(bundle.id)").output.contains("not running or created: paused"))
        #expect(try bundle.status() == "paused")
        #expect(try bundle.exec("true").output.contains("use --ignore-paused"))
        #expect(try bundle.runtime("kill \(bundle.id) KILL").status == 0)
        #expect(try eventually { try bundle.status() == "stopped" })
        #expect(try bundle.runtime("start \(bundle.id)").output.contains("cannot start a container that has stopped"))
        #expect(try bundle.runtime("kill --all \(bundle.id) KILL").status == 0)
    }

    @Test func execInASubgroup() throws {
        let bundle = try TestBundle("sleep", "1000")
        try bundle.start()
        try shell("mkdir /sys/fs/cgroup/pids/wharf-test/\(bundle.id)/sub")
        let outcome = try bundle.runtime("exec --cgroup pids:sub \(bundle.id) cat /proc/self/cgroup </dev/null").output
        #expect(outcome.contains(":pids:/sub\n") && outcome.contains(":memory:/\n"), "\(outcome)")
        #expect(
            try bundle.runtime("exec --cgroup pids:../x \(bundle.id) true </dev/null").output.contains(
                "invalid cgroup path"))
        #expect(try bundle.runtime("exec --cgroup nosuch \(bundle.id) true </dev/null").status == 255)
    }
}
