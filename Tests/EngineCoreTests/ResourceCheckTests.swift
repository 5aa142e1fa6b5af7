// SPDX-License-Identifier: Apache-2.0

import EngineAPI
import Testing

@testable import EngineCore

@Suite struct ResourceCheckTests {
    private func check(
        on support: CgroupSupport = .full, _ change: (inout HostConfig) -> Void
    ) throws -> (warnings: [String], host: HostConfig) {
        var host = HostConfig()
        change(&host)
        let warnings = try Validation.check(ContainerConfig(), &host, on: support, processors: 2)
        return (warnings, host)
    }

    private func refusal(_ change: (inout HostConfig) -> Void) -> String? {
        refusalText { _ = try check(change) }
    }

    @Test func refusesInDockersWords() {
        #expect(refusal { $0.memorySwappiness = 101 } == "Invalid value: 101, valid memory swappiness range is 0-100")
        #expect(refusal { $0.oomScoreAdj = 1001 } == "Invalid value 1001, range for oom score adj is [-1000, 1000]")
        #expect(refusal { $0.blkioWeight = 5 } == "Range of blkio weight is from 10 to 1000")
        #expect(refusal { $0.cpusetCpus = "x" } == "Invalid value x for cpuset cpus: invalid format: x")
        #expect(refusal { $0.cpusetCpus = "1-0" } == "Invalid value 1-0 for cpuset cpus: invalid format: 1-0")
        #expect(
            refusal { $0.cpusetCpus = "0,9000" }
                == "Invalid value 0,9000 for cpuset cpus: value of out range, maximum is 8192")
        #expect(
            refusal { $0.cpusetCpus = "0-4" } == "Requested CPUs are not available - requested 0-4, available: 0-1")
        #expect(
            refusal { $0.cpusetMems = "1" } == "Requested memory nodes are not available - requested 1, available: 0")
        #expect(
            refusal {
                $0.cpuRealtimePeriod = 10; $0.cpuRealtimeRuntime = 20
            } == "cpu real-time runtime cannot be higher than cpu real-time period")
        #expect(
            refusal { $0.annotations = ["": "x"] }
                == "invalid Annotations: the empty string is not permitted as an annotation key")
        #expect(
            refusal { $0.deviceCgroupRules = ["c 1:x rwm"] } == "invalid device cgroup rule format: 'c 1:x rwm'")
        #expect(
            refusal { $0.deviceRequests = [DeviceRequest(driver: "nvidia", capabilities: [["gpu", "a"], ["b"]])] }?
                .hasPrefix("could not select device driver \"nvidia\" with capabilities: [[gpu a] [b]]") == true)
    }

    @Test func takesWhatIsThere() throws {
        let (warnings, host) = try check {
            $0.memorySwappiness = 7
            $0.oomKillDisable = true
            $0.memory = 64 << 20
            $0.cpusetCpus = "0,1"
            $0.cpusetMems = "0"
            $0.blkioWeight = 500
            $0.blkioDeviceReadBps = [ThrottleDevice(path: "/dev/x", rate: 1)]
        }
        #expect(warnings == [])
        #expect(host.memorySwappiness == 7 && host.oomKillDisable == true && host.cpusetCpus == "0,1")
        #expect(try check { $0.memorySwappiness = -1 }.host.memorySwappiness == nil)
    }

    /// Docker warns and goes on without.
    @Test func leavesOutWhatTheHostLacks() throws {
        let (warnings, host) = try check(on: .none) {
            $0.memorySwappiness = 7
            $0.oomKillDisable = true
            $0.kernelMemory = 64 << 20
            $0.cpusetCpus = "0"
            $0.blkioWeight = 500
            $0.blkioWeightDevice = [WeightDevice(path: "/dev/x", weight: 10)]
            $0.blkioDeviceReadBps = [ThrottleDevice(path: "/dev/x", rate: 1)]
            $0.blkioDeviceWriteIOps = [ThrottleDevice(path: "/dev/x", rate: 1)]
        }
        #expect(
            warnings == [
                "Your kernel does not support memory swappiness capabilities or the cgroup is not mounted. Memory swappiness discarded.",
                "Your kernel does not support kernel memory limit capabilities or the cgroup is not mounted. Limitation discarded.",
                "Your kernel does not support OomKillDisable. OomKillDisable discarded.",
                "Your kernel does not support cpuset or the cgroup is not mounted. Cpuset discarded.",
                "Your kernel does not support Block I/O weight or the cgroup is not mounted. Weight discarded.",
                "Your kernel does not support Block I/O weight_device or the cgroup is not mounted. Weight-device discarded.",
                "Your kernel does not support BPS Block I/O read limit or the cgroup is not mounted. Block I/O BPS read limit discarded.",
                "Your kernel does not support IOPS Block write limit or the cgroup is not mounted. Block I/O IOPS write limit discarded.",
            ])
        #expect(host.memorySwappiness == nil && host.oomKillDisable == nil && host.kernelMemory == nil)
        #expect(host.cpusetCpus == "" && host.blkioWeight == 0 && host.blkioDeviceReadBps == [])
        #expect(
            refusalText { _ = try check(on: .none) { $0.cpuRealtimePeriod = 1 } }
                == "kernel does not support CPU real-time scheduler")
    }

    @Test func warnsOfMemoryWithoutEnd() throws {
        let warnings = try check { $0.oomKillDisable = true }.warnings
        #expect(warnings.count == 1 && warnings[0].hasPrefix("OOM killer is disabled for the container, but no memory"))
    }

    @Test func rangesAreTheKernels() throws {
        #expect(try NumberRanges.parse("0-2,5") == [0, 1, 2, 5])
        for text in ["-", "1-", "-1", "a", "1,,2", "1-2-3", " 1"] {
            #expect(throws: NumberRanges.Problem.self) { try NumberRanges.parse(text) }
        }
    }
}

@Suite struct NamespaceModeTests {
    private func refusal(_ change: (inout ContainerConfig, inout HostConfig) -> Void) -> String? {
        var config = ContainerConfig()
        var host = HostConfig()
        change(&config, &host)
        return refusalText { try NamespaceModes.check(config, host) }
    }

    @Test func wordsAreDockers() {
        for mode in ["", "none", "private", "host", "shareable", "container:x"] {
            #expect(refusal { $1.ipcMode = mode } == nil)
        }
        #expect(refusal { $1.ipcMode = "x" } == "invalid IPC mode: x")
        #expect(refusal { $1.pidMode = "container:" } == "invalid PID mode: container:")
        #expect(refusal { $1.utsMode = "container:x" } == "invalid UTS mode: container:x")
        #expect(refusal { $1.usernsMode = "private" } == "invalid userns mode: private")
        #expect(refusal { $1.cgroupnsMode = "x" } == "invalid cgroup namespace mode: x")
        #expect(
            refusal { $1.networkMode = "container:" }
                == "invalid network mode: invalid container format container:<name|id>")
    }

    @Test func whatIsOnesOwnNetworks() {
        for (text, change): (String, (inout ContainerConfig, inout HostConfig) -> Void) in [
            ("hostname and the network mode", { config, _ in config.hostname = "h" }),
            ("dns and the network mode", { $1.dns = ["1.1.1.1"] }),
            ("custom host-to-IP mapping and the network mode", { $1.extraHosts = ["a:1.1.1.1"] }),
            ("port publishing and the container type network mode", { $1.publishAllPorts = true }),
            (
                "container type network can't be used with links. This would result in undefined behavior",
                { $1.links = ["a:b"] }
            ),
        ] {
            let refusal = refusal { config, host in
                host.networkMode = "container:x"
                change(&config, &host)
            }
            #expect(refusal == "conflicting options: \(text)")
        }
        #expect(
            refusal { config, host in
                host.utsMode = "host"
                config.hostname = "h"
            } == "conflicting options: hostname and the UTS mode")
    }
}
