// SPDX-License-Identifier: Apache-2.0

import EngineAPI
import Glibc
import Testing

@testable import EngineCore

/// Every field of a container's configuration beside the test that proves what it does: `Suite.test`, where the suite
/// is a type in Tests. `refused` fields are refused by name, with the reason, and their test is the one that sees that.
@Suite struct FieldTable {
    enum Proof: Sendable {
        case test(String)
        case refused(String)
        /// To be done: the list of these only shrinks.
        case none
    }

    static let hostConfig: [String: Proof] = [
        "Annotations": .test("LimitFlagTests.theGroupIsWhereItWasAsked"),
        "AutoRemove": .test("RunTests.outputsAndExitCodesPass"),
        "Binds": .test("RunTests.volumesAndBinds"),
        "BlkioDeviceReadBps": .test("LimitFlagTests.blockDevicesAreLimited"),
        "BlkioDeviceReadIOps": .test("LimitFlagTests.blockDevicesAreLimited"),
        "BlkioDeviceWriteBps": .test("LimitFlagTests.blockDevicesAreLimited"),
        "BlkioDeviceWriteIOps": .test("LimitFlagTests.blockDevicesAreLimited"),
        "BlkioWeight": .test("LimitFlagTests.blockDevicesAreLimited"),
        "BlkioWeightDevice": .test("SpecTests.limits"),
        "CapAdd": .test("ContainmentTests.defaultsAreDockers"),
        "CapDrop": .test("ContainmentTests.defaultsAreDockers"),
        "Cgroup": .refused("ValidationTests.refusesByNameWhatItCanNotDo"),
        "CgroupParent": .test("LimitFlagTests.theGroupIsWhereItWasAsked"),
        "CgroupnsMode": .test("NamespaceFlagTests.theHosts"),
        "ConsoleSize": .test("TerminalTests.aShellIsInteractive"),
        "ContainerIDFile": .test("RunTests.namesAndIDFiles"),
        "CpuCount": .refused("ValidationTests.refusesByNameWhatItCanNotDo"),
        "CpuPercent": .refused("ValidationTests.refusesByNameWhatItCanNotDo"),
        "CpuPeriod": .test("LimitFlagTests.processorsAndMemoryAreThose"),
        "CpuQuota": .test("LimitFlagTests.processorsAndMemoryAreThose"),
        "CpuRealtimePeriod": .test("LimitFlagTests.processorsAndMemoryAreThose"),
        "CpuRealtimeRuntime": .test("SpecTests.limits"),
        "CpuShares": .test("LimitFlagTests.processorsAndMemoryAreThose"),
        "CpusetCpus": .test("LimitFlagTests.processorsAndMemoryAreThose"),
        "CpusetMems": .test("LimitFlagTests.processorsAndMemoryAreThose"),
        "DeviceCgroupRules": .test("DeviceFlagTests.nodesAreThereAndOnlyThey"),
        "DeviceRequests": .refused("DeviceFlagTests.whatIsNoDeviceIsRefused"),
        "Devices": .test("DeviceFlagTests.nodesAreThereAndOnlyThey"),
        "Dns": .test("NameFlagTests.resolverAndHosts"),
        "DnsOptions": .test("NameFlagTests.resolverAndHosts"),
        "DnsSearch": .test("NameFlagTests.resolverAndHosts"),
        "ExtraHosts": .test("NameFlagTests.resolverAndHosts"),
        "GroupAdd": .test("SecurityFlagTests.usersInAllSixForms"),
        "IOMaximumBandwidth": .refused("ValidationTests.refusesByNameWhatItCanNotDo"),
        "IOMaximumIOps": .refused("ValidationTests.refusesByNameWhatItCanNotDo"),
        "Init": .test("LifecycleTests.initReapsAndForwards"),
        "IpcMode": .test("NamespaceFlagTests.anotherContainers"),
        "Isolation": .test("ValidationTests.refusesByNameWhatItCanNotDo"),
        "KernelMemory": .test("LimitFlagTests.whatTheKernelLacksIsWarnedOf"),
        "KernelMemoryTCP": .test("LimitFlagTests.processorsAndMemoryAreThose"),
        "Links": .refused("ValidationTests.refusesByNameWhatItCanNotDo"),
        "LogConfig": .test("LogTests.logsAreDockersFormatAndRotate"),
        "MaskedPaths": .test("SecurityFlagTests.otherOptions"),
        "Memory": .test("RunTests.flagsTakeEffect"),
        "MemoryReservation": .test("LimitFlagTests.processorsAndMemoryAreThose"),
        "MemorySwap": .test("LifecycleTests.outOfMemoryIsSeen"),
        "MemorySwappiness": .test("LimitFlagTests.processorsAndMemoryAreThose"),
        "Mounts": .test("MountFlagTests.volumes"),
        "NanoCpus": .test("RunTests.flagsTakeEffect"),
        "NetworkMode": .test("NamespaceFlagTests.anotherContainers"),
        "OomKillDisable": .test("LimitFlagTests.processorsAndMemoryAreThose"),
        "OomScoreAdj": .test("LimitFlagTests.processorsAndMemoryAreThose"),
        "PidMode": .test("NamespaceFlagTests.anotherContainers"),
        "PidsLimit": .test("LifecycleTests.processLimitHolds"),
        "PortBindings": .test("NetworkTests.publishedPortsAreReachable"),
        "Privileged": .test("ContainmentTests.privilegedIsEverything"),
        "PublishAllPorts": .test("NameFlagTests.everyExposedPortIsPublished"),
        "ReadonlyPaths": .test("SecurityFlagTests.otherOptions"),
        "ReadonlyRootfs": .test("RunTests.flagsTakeEffect"),
        "RestartPolicy": .test("RestartTests.aDaemonStartsWhatItsPolicySays"),
        "Runtime": .test("RuntimeChoiceTests.areListedAndChosen"),
        "SecurityOpt": .test("SecurityFlagTests.filtersOfTheUsers"),
        "ShmSize": .test("LimitFlagTests.processorsAndMemoryAreThose"),
        "StorageOpt": .refused("ValidationTests.refusesByNameWhatItCanNotDo"),
        "Sysctls": .test("LimitFlagTests.settingsOfNamespaces"),
        "Tmpfs": .test("RunTests.flagsTakeEffect"),
        "UTSMode": .test("NamespaceFlagTests.theHosts"),
        "Ulimits": .test("LimitFlagTests.processorsAndMemoryAreThose"),
        "UsernsMode": .test("NamespaceFlagTests.theHosts"),
        "VolumeDriver": .test("MountFlagTests.volumes"),
        "VolumesFrom": .test("MountFlagTests.volumesFromOthers"),
    ]

    static let config: [String: Proof] = [
        "ArgsEscaped": .refused("ValidationTests.refusesByNameWhatItCanNotDo"),
        "AttachStderr": .test("LifecycleTests.startAttached"),
        "AttachStdin": .test("RunTests.standardInputEndsWithTheClients"),
        "AttachStdout": .test("LifecycleTests.startAttached"),
        "Cmd": .test("RunTests.outputsAndExitCodesPass"),
        "Domainname": .test("NamesTests.fullNamesHaveAShortOne"),
        "Entrypoint": .test("RunTests.flagsTakeEffect"),
        "Env": .test("RunTests.environmentIsDockers"),
        "ExposedPorts": .test("NameFlagTests.everyExposedPortIsPublished"),
        "Healthcheck": .test("HealthTests.becomesHealthyAndUnhealthy"),
        "Hostname": .test("RunTests.flagsTakeEffect"),
        "Image": .test("RunTests.outputsAndExitCodesPass"),
        "Labels": .test("RunTests.namesAndIDFiles"),
        "MacAddress": .none,
        "NetworkDisabled": .refused("ValidationTests.refusesByNameWhatItCanNotDo"),
        "OnBuild": .none,
        "OpenStdin": .test("RunTests.standardInputEndsWithTheClients"),
        "Shell": .none,
        "StdinOnce": .test("RunTests.standardInputEndsWithTheClients"),
        "StopSignal": .none,
        "StopTimeout": .none,
        "Tty": .test("TerminalTests.aShellIsInteractive"),
        "User": .test("SecurityFlagTests.usersInAllSixForms"),
        "Volumes": .test("RunTests.volumesAndBinds"),
        "WorkingDir": .test("RunTests.flagsTakeEffect"),
    ]

    /// Whoever proves one takes it off this list.
    static let unproved = [
        "Config.MacAddress", "Config.OnBuild", "Config.Shell", "Config.StopSignal", "Config.StopTimeout",
    ]

    @Test func everyFieldIsThere() {
        #expect(Set(Self.hostConfig.keys) == Set(HostConfig.CodingKeys.allCases.map(\.rawValue)))
        #expect(Set(Self.config.keys) == Set(ContainerConfig.CodingKeys.allCases.map(\.rawValue)))
    }

    @Test func thoseWithoutProofAreListed() {
        func without(_ table: [String: Proof], _ name: String) -> [String] {
            table.compactMap { field, proof in if case .none = proof { "\(name).\(field)" } else { nil } }
        }
        let found = without(Self.config, "Config") + without(Self.hostConfig, "HostConfig")
        #expect(found.sorted() == Self.unproved.sorted())
    }

    @Test func refusedMeansRefused() {
        for (table, rules) in [(Self.hostConfig, Refusals.hostConfig), (Self.config, Refusals.config)] {
            for (field, proof) in table {
                guard case .refused = proof, field != "DeviceRequests" else { continue }
                guard case .refused = rules[field] else {
                    Issue.record("\(field) is not refused any more: name the test that proves it")
                    continue
                }
            }
        }
    }

    @Test func everyProofIsATest() throws {
        let tests = #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined()
        var found: Set<String> = []
        for folder in ["EngineCoreTests", "IntegrationTests"] {
            let directory = try #require(opendir("\(tests)/\(folder)"))
            defer { closedir(directory) }
            while let entry = readdir(directory) {
                let name = withUnsafePointer(to: &entry.pointee.d_name.0) { String(cString: $0) }
                if name.hasSuffix(".swift") { found.formUnion(try Self.tests(in: "\(tests)/\(folder)/\(name)")) }
            }
        }
        for (field, proof) in Self.hostConfig.merging(Self.config, uniquingKeysWith: { a, _ in a }) {
            switch proof {
            case .test(let name), .refused(let name):
                #expect(found.contains(name), "\(field): there is no test \(name)")
            case .none: break
            }
        }
    }

    /// `Suite.function` of all functions in a file.
    private static func tests(in path: String) throws -> Set<String> {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let text = String(decoding: bytes[..<fread(&bytes, 1, bytes.count, file)], as: UTF8.self)
        var suite = ""
        var found: Set<String> = []
        for line in text.split(separator: "\n") {
            let words = line.split(whereSeparator: { " ({:".contains($0) }).map(String.init)
            for (index, word) in words.enumerated().dropLast() {
                let isType = ["struct", "extension"].contains(word) && !line.hasPrefix(" ")
                if isType { suite = words[index + 1] }
                if word == "func" { found.insert("\(suite).\(words[index + 1])") }
            }
        }
        return found
    }
}
