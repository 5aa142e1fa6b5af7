// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON
import Testing

/// What containers use: the stream, single samples, and what clients make of them.
@Suite(.serialized) struct StatsTests {
    /// A container with a limit that is busy and has memory of its own, and a second one that does nothing.
    private static func engine(_ body: (TestEngine) throws -> Void) throws {
        try TestEngine.with { engine in
            let work = "dd if=/dev/zero of=/dev/shm/x bs=1M count=8 2>/dev/null; while :; do :; done"
            try engine.ok("run", "-d", "--name", "busy", "-m", "64m", "--cpus", "0.5", "busybox", "sh", "-c", work)
            try engine.ok("run", "-d", "--name", "idle", "--network", "none", "busybox", "sleep", "300")
            try engine.ok("create", "--name", "stopped", "busybox", "true")
            try body(engine)
        }
    }

    private func number(_ value: JSONValue, _ path: String...) -> Int64 {
        var value = value
        for name in path { value = value[name] ?? .null }
        return value.integer ?? -1
    }

    @Test func samplesTellWhatIsUsed() throws {
        try Self.engine { engine in
            #expect(
                eventually {
                    let one = try? engine.http("GET", "/containers/busy/stats?stream=0&one-shot=1").json()
                    return one.map { number($0, "memory_stats", "usage") > 8 << 20 } ?? false
                })
            let begun = now()
            let sample = try engine.http("GET", "/containers/busy/stats?stream=false").json()
            // Two looks, a second apart.
            #expect(now() - begun > 0.9)
            #expect(sample["name"]?.text == "/busy" && sample["os_type"]?.text == "linux")
            #expect(number(sample, "memory_stats", "limit") == 64 << 20)
            #expect(number(sample, "pids_stats", "current") == 1)
            #expect(number(sample, "cpu_stats", "throttling_data", "periods") > 0)
            let used =
                number(sample, "cpu_stats", "cpu_usage", "total_usage")
                - number(sample, "precpu_stats", "cpu_usage", "total_usage")
            // Half a processor of a second, less when the machine has other work.
            #expect((100_000_000...700_000_000).contains(used), "\(used)")
            let passed =
                number(sample, "cpu_stats", "system_cpu_usage") - number(sample, "precpu_stats", "system_cpu_usage")
            #expect(passed > 900_000_000 * number(sample, "cpu_stats", "online_cpus"), "\(passed)")
            #expect(sample["networks"]?.object?.members.map(\.key) == ["eth0"])
            let idle = try engine.http("GET", "/containers/idle/stats?stream=0").json()
            #expect(idle["networks"] == nil)
            #expect(number(idle, "memory_stats", "limit") > 64 << 20)
        }
    }

    @Test func trafficIsCounted() throws {
        try Self.engine { engine in
            let before = try engine.http("GET", "/containers/busy/stats?stream=0&one-shot=1").json()
            let address = try engine.inspect("busy", "{{.NetworkSettings.IPAddress}}")
            let send = "for i in 1 2 3 4 5; do head -c 1000 /dev/zero > /dev/udp/$0/9; done"
            _ = try run(engine.inNamespace(["bash", "-c", send, address]))
            let after = try engine.http("GET", "/containers/busy/stats?stream=0&one-shot=1").json()
            let received =
                number(after, "networks", "eth0", "rx_bytes") - number(before, "networks", "eth0", "rx_bytes")
            #expect(received >= 3000, "\(received)")
        }
    }

    @Test func oneThatDoesNotRunHasNoNumbers() throws {
        try Self.engine { engine in
            let begun = now()
            let sample = try engine.http("GET", "/containers/stopped/stats?stream=0").json()
            #expect(now() - begun < 0.9)
            #expect(sample["name"]?.text == "/stopped" && sample["read"]?.text == "0001-01-01T00:00:00Z")
            #expect(sample["memory_stats"]?.object?.members.isEmpty == true)
            #expect(try engine.http("GET", "/containers/nosuch/stats?stream=0").status == 404)
            #expect(try engine.http("GET", "/containers/busy/stats?one-shot=1").status == 400)
        }
    }

    /// A line a second, as long as there is the container.
    @Test func streamEndsWithTheContainer() throws {
        try Self.engine { engine in
            let stream = try RawConnection(engine.socket)
            stream.send("GET /v1.51/containers/busy/stats HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            usleep(2_500_000)
            try engine.ok("rm", "-f", "busy")
            #expect(stream.read())
            let text = String(decoding: stream.received, as: UTF8.self)
            let samples = text.split(separator: "\n").filter { $0.contains("cpu_stats") }
            #expect((3...5).contains(samples.count), "\(samples.count)")
            #expect(samples.first?.contains(#""preread":"0001-01-01T00:00:00Z""#) == true)
            #expect(samples.dropFirst().first?.contains(#""preread":"0001"#) == false)
        }
    }

    @Test(arguments: Client.allCases)
    func clientsShowThem(client: Client) throws {
        try Self.engine { engine in
            let named = try engine.ok("stats", "--no-stream", "busy", by: client)
            let lines = named.linesOfText
            #expect(lines.count == 2 && lines[0].hasPrefix("CONTAINER ID   NAME      CPU %"), "\(named)")
            #expect(lines.last?.contains("/ 64MiB") == true && !named.contains(" 0.00%"), "\(named)")
            let all = try engine.ok("stats", "--no-stream", "--format", "{{.Name}} {{.PIDs}}", by: client)
            #expect(Set(all.linesOfText) == ["busy 1", "idle 1"], "\(all)")
            let more = try engine.ok("stats", "--no-stream", "-a", "--format", "{{.Name}} {{.MemUsage}}", by: client)
            #expect(more.contains("stopped 0B / 0B"), "\(more)")
            let missing = try engine("stats", "--no-stream", "nosuch", "busy", by: client)
            #expect(missing.status == 1 && missing.stderr.contains("No such container: nosuch"), "\(missing)")
            #expect(missing.stdout == "")
        }
    }

    /// On and on, until the client is stopped.
    @Test(arguments: [Client.docker, .wharf])
    func clientsWatch(client: Client) throws {
        try Self.engine { engine in
            let watch = try engine.begin("stats", "--format", "{{.Name}}", "busy", by: client)
            #expect(eventually(10) { watch.outputSoFar.split(separator: "busy").count > 3 })
            kill(watch.pid, SIGKILL)
            _ = try watch.wait()
            #expect(watch.outputSoFar.contains("\u{1b}[H"))
        }
    }

    /// The same for containers of other runtimes: their cgroups are the engine's.
    @Test(arguments: ["runc", "crun"])
    func ofAnotherRuntime(runtime: String) throws {
        try RuntimeChoiceTests.engine { engine in
            try engine.ok(
                "run", "-d", "--name", "c1", "-m", "64m", "--runtime", runtime, "busybox", "sh", "-c",
                "while :; do :; done")
            let sample = try engine.http("GET", "/containers/c1/stats?stream=0").json()
            #expect(number(sample, "memory_stats", "limit") == 64 << 20)
            #expect(number(sample, "pids_stats", "current") == 1)
            #expect(number(sample, "cpu_stats", "cpu_usage", "total_usage") > 0)
            #expect(sample["networks"]?.object?.members.map(\.key) == ["eth0"])
            #expect(try engine.ok("stats", "--no-stream", "c1").contains("/ 64MiB"))
        }
    }
}
