// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Cgroups

/// Names, limits and messages for systemd, without one.
@Suite struct SystemdTests {
    @Test func unitsAreNamedAsRuncNamesThem() throws {
        let unit = try SystemdUnit(cgroupsPath: "machine-a.slice:libpod:0123", id: "x")
        #expect(unit.slice == "machine-a.slice" && unit.name == "libpod-0123.scope")
        #expect(unit.path == "/machine.slice/machine-a.slice/libpod-0123.scope")
        #expect(try SystemdUnit(cgroupsPath: "::abc", id: "x").path == "/system.slice/abc.scope")
        #expect(try SystemdUnit(cgroupsPath: "-.slice:a:b", id: "x").path == "/a-b.scope")
        for none in [nil, ""] {
            #expect(try SystemdUnit(cgroupsPath: none, id: "c1").path == "/system.slice/wharf-c1.scope")
        }
    }

    @Test func aUnitIsFoundAgainByItsPath() throws {
        for text in ["machine-a.slice:libpod:0123", "-.slice:a:b", "::c"] {
            let unit = try SystemdUnit(cgroupsPath: text, id: "x")
            #expect(SystemdUnit(path: unit.path) == unit)
        }
    }

    @Test(arguments: [
        "/wharf/c1", "a:b", "a:b:c:d", "system.slice:a:", "system:a:b", "a--b.slice:a:b", "-a.slice:a:b", ".slice:a:b",
        "system.slice:a:pod.slice", "system.slice:a/b:c", "system.slice:a:b c", "../x.slice:a:b",
    ])
    func refusesWhatIsNoUnit(text: String) {
        let error = #expect(throws: CgroupError.self) { try SystemdUnit(cgroupsPath: text, id: "x") }
        #expect(error?.message.contains("linux.cgroupsPath") == true)
    }

    private func properties(_ files: [String: String]) -> [String: BusValue] {
        Dictionary(SystemdLimits.properties { files[$0] }.map { ($0.name, $0.value) }) { first, _ in first }
    }

    @Test func aUnitIsToldWhatTheFilesSay() {
        let told = properties([
            "memory.max": "67108864\n", "memory.low": "0\n", "memory.swap.max": "max\n", "pids.max": "33\n",
            "cpu.weight": "20\n", "cpu.idle": "0\n", "cpuset.cpus": "0-1,9\n", "io.weight": "default 250\n8:0 300\n",
        ])
        #expect(told["MemoryMax"] == .uint64(67_108_864) && told["MemoryLow"] == .uint64(0))
        #expect(told["MemorySwapMax"] == .uint64(.max) && told["TasksMax"] == .uint64(33))
        #expect(told["CPUWeight"] == .uint64(20) && told["IOWeight"] == .uint64(250))
        #expect(told["AllowedCPUs"] == .array(of: "y", [.byte(3), .byte(2)]))
        #expect(told["MemoryHigh"] == nil && told["CPUQuotaPerSecUSec"] == nil && told["IOReadBandwidthMax"] == nil)
    }

    @Test func anIdleGroupHasNoWeight() {
        #expect(properties(["cpu.weight": "0\n", "cpu.idle": "1\n"])["CPUWeight"] == .uint64(0))
        #expect(properties(["cpu.weight": "0\n", "cpu.idle": "0\n"])["CPUWeight"] == nil)
    }

    /// What systemd makes of it when it writes the file: time per second × period, rounded down. Never less than was
    /// asked.
    @Test(arguments: [
        ("25000 100000", 250_000), ("1000 3000", 340_000), ("33333 100000", 340_000), ("7777 33333", 240_000),
    ])
    func bandwidthIsGivenInWholePercents(text: String, perSecond: UInt64) throws {
        let told = properties(["cpu.max": text])
        let words = text.split(separator: " ").compactMap { UInt64($0) }
        #expect(told["CPUQuotaPerSecUSec"] == .uint64(perSecond) && told["CPUQuotaPeriodUSec"] == .uint64(words[1]))
        #expect(perSecond * words[1] / 1_000_000 >= words[0])
    }

    @Test func withoutAQuotaThereIsNone() {
        #expect(properties(["cpu.max": "max 100000\n"])["CPUQuotaPerSecUSec"] == .uint64(.max))
        #expect(properties(["cpu.max": "nonsense"]).isEmpty)
    }

    @Test func throttlesNameDevicesByPath() {
        let told = properties([
            "io.max": "254:0 rbps=1048576 wbps=max riops=max wiops=120\n7:1 rbps=2 wbps=max riops=max wiops=max\n"
        ])
        #expect(
            told["IOReadBandwidthMax"]
                == .array(
                    of: "(st)",
                    [
                        .structure([.string("/dev/block/254:0"), .uint64(1_048_576)]),
                        .structure([.string("/dev/block/7:1"), .uint64(2)]),
                    ]))
        #expect(properties(["io.max": ""]).isEmpty)
    }
}
