// SPDX-License-Identifier: Apache-2.0

import Testing

/// `update`: limits and restart policies of containers that exist.
@Suite(.serialized) struct UpdateTests {
    /// What the container's own control group says.
    private func limit(_ engine: TestEngine, _ name: String, _ v1: String, _ v2: String) throws -> String {
        let id = try engine.inspect(name, "{{.Id}}")
        let places = [
            "/sys/fs/cgroup/\(v1.fields[0])\(engine.cgroupParent)/\(id)/\(v1.fields[1])",
            "/sys/fs/cgroup\(engine.cgroupParent)/\(id)/\(v2)",
        ]
        return places.compactMap { readText($0) }.first.map { $0.linesOfText.first ?? "" } ?? "?"
    }

    @Test(arguments: Client.allCases)
    func changesWhatRuns(client: Client) throws {
        try TestEngine.with { engine in
            let id = try engine.ok("run", "-d", "--name", "c1", "-m", "64m", "busybox", "sleep", "300")
            let answer = try engine.ok("update", "-m", "80m", "--memory-swap", "160m", "c1", by: client)
            #expect(answer == "c1")
            #expect(try limit(engine, "c1", "memory memory.limit_in_bytes", "memory.max") == "\(80 << 20)")
            #expect(
                try engine.inspect("c1", "{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}}")
                    == "\(80 << 20) \(160 << 20)")
            try engine.ok("update", "--cpus", "0.5", "c1", by: client)
            #expect(try limit(engine, "c1", "cpu cpu.cfs_quota_us", "cpu.max").hasPrefix("50000"))
            try engine.ok("update", "--pids-limit", "77", "--cpu-shares", "512", "c1", by: client)
            #expect(try limit(engine, "c1", "pids pids.max", "pids.max") == "77")
            #expect(["512", "20"].contains(try limit(engine, "c1", "cpu cpu.shares", "cpu.weight")))
            try engine.ok("update", "--pids-limit", "-1", "c1", by: client)
            #expect(try limit(engine, "c1", "pids pids.max", "pids.max") == "max")
            try engine.ok("update", "--cpuset-cpus", "0", "c1", by: client)
            #expect(try limit(engine, "c1", "cpuset cpuset.cpus", "cpuset.cpus") == "0")
            let events = try engine.ok(
                "events", "--since", "1h", "--until", try engine.clock(), "--filter", "event=update", "--format",
                "{{.ID}}")
            #expect(events.linesOfText == Array(repeating: id, count: 5))
            // A start begins with what was changed.
            try engine.ok("restart", "-t", "0", "c1")
            #expect(try limit(engine, "c1", "memory memory.limit_in_bytes", "memory.max") == "\(80 << 20)")
        }
    }

    @Test func changesWhatIsStoppedOrPaused() throws {
        try TestEngine.with { engine in
            try engine.ok("create", "--name", "c1", "busybox", "sleep", "300")
            try engine.ok("update", "-m", "32m", "--memory-swap", "-1", "c1")
            try engine.ok("start", "c1")
            #expect(try limit(engine, "c1", "memory memory.limit_in_bytes", "memory.max") == "\(32 << 20)")
            try engine.ok("pause", "c1")
            try engine.ok("update", "--pids-limit", "50", "c1")
            #expect(try limit(engine, "c1", "pids pids.max", "pids.max") == "50")
        }
    }

    @Test func restartPoliciesChange() throws {
        try TestEngine.with { engine in
            try engine.ok("run", "-d", "--name", "c1", "busybox", "sleep", "300")
            try engine.ok("update", "--restart", "on-failure:2", "c1")
            #expect(
                try engine.inspect(
                    "c1", "{{.HostConfig.RestartPolicy.Name}} {{.HostConfig.RestartPolicy.MaximumRetryCount}}")
                    == "on-failure 2")
            try mustRun(["kill", "-9", "\(try engine.processID("c1"))"])
            #expect(try eventually { try engine.inspect("c1", "{{.RestartCount}} {{.State.Status}}") == "1 running" })
            try engine.ok("update", "--restart", "no", "c1")
            try mustRun(["kill", "-9", "\(try engine.processID("c1"))"])
            #expect(try eventually { try engine.inspect("c1", "{{.State.Status}}") == "exited" })
        }
    }

    @Test(arguments: [Client.docker, Client.wharf])
    func whatCannotBe(client: Client) throws {
        try TestEngine.with { engine in
            let id = try engine.ok("run", "-d", "--name", "c1", "busybox", "sleep", "300")
            let temporary = try engine.ok("run", "-d", "--rm", "--name", "c2", "--cpus", "1", "busybox", "sleep", "300")
            let memory =
                "Cannot update container \(id): Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time"
            for (arguments, message) in [
                (["-m", "80m", "c1"], memory),
                (["-m", "1m", "c1"], "Minimum memory limit allowed is 6MB"),
                (["--cpu-period", "1", "c1"], "CPU cfs period can not be less than 1ms (i.e. 1000)"),
                (
                    ["--cpu-period", "50000", "c2"],
                    "Cannot update container \(temporary): Conflicting options: CPU Period cannot be updated as NanoCPUs has already been set"
                ),
                (
                    ["--restart", "always", "c2"],
                    "Cannot update container \(temporary): Restart policy cannot be updated because AutoRemove is enabled for the container"
                ),
                (["--restart", "perhaps", "c1"], "invalid restart policy: unknown policy 'perhaps'"),
                (["--pids-limit", "5", "nosuch"], "No such container: nosuch"),
                (["c1"], "you must provide one or more flags when using this command"),
            ] {
                let outcome = try engine.command(["update"] + arguments, by: client)
                #expect(outcome.status == 1 && outcome.stderr.contains(message), "\(arguments): \(outcome)")
                #expect(outcome.stdout == "", "\(arguments): \(outcome)")
            }
            // Those that can be are changed, all the same.
            let some = try engine("update", "--pids-limit", "60", "nosuch", "c1", by: client)
            #expect(some.status == 1 && some.stdout == "c1\n", "\(some)")
            let refused = try engine.http("POST", "/containers/c1/update", body: #"{"CgroupParent":"/x"}"#)
            #expect(refused.status == 501 && refused.message.contains("update.CgroupParent"), "\(refused)")
        }
    }
}
