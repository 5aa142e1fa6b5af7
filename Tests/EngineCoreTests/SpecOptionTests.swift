// SPDX-License-Identifier: Apache-2.0

import EngineAPI
import OCI
import Testing

@testable import EngineCore

/// What single options of a container become in the specification.
extension SpecTests {
    @Test func limits() throws {
        var input = input { record in
            record.hostConfig.blkioWeight = 500
            record.hostConfig.blkioWeightDevice = [WeightDevice(path: "/dev/a", weight: 300)]
            record.hostConfig.blkioDeviceReadBps = [ThrottleDevice(path: "/dev/a", rate: 1 << 20)]
            record.hostConfig.blkioDeviceWriteBps = [ThrottleDevice(path: "/dev/b", rate: 2 << 20)]
            record.hostConfig.blkioDeviceReadIOps = [ThrottleDevice(path: "/dev/a", rate: 100)]
            record.hostConfig.blkioDeviceWriteIOps = [ThrottleDevice(path: "/dev/b", rate: 200)]
            record.hostConfig.cpusetCpus = "0-1"
            record.hostConfig.cpusetMems = "0"
            record.hostConfig.cpuRealtimePeriod = 1_000_000
            record.hostConfig.cpuRealtimeRuntime = 950_000
            record.hostConfig.memorySwappiness = 7
            record.hostConfig.oomKillDisable = true
            record.hostConfig.oomScoreAdj = 500
            record.hostConfig.annotations = ["a.b": "c"]
            record.hostConfig.sysctls = ["net.ipv4.ip_forward": "1", "kernel.msgmax": "9000"]
        }
        input.devices.blocks = ["/dev/a": .init(major: 8, minor: 0), "/dev/b": .init(major: 8, minor: 16)]
        input.devices.nodes = [.init(type: "c", path: "/dev/x", major: 10, minor: 229, fileMode: 0o600, uid: 0, gid: 0)]
        input.devices.rules = [.init(allow: true, type: "c", major: 10, minor: 229, access: "rw")]
        try expectGolden(SpecBuilder.build(input), "limits")
    }

    @Test func sharedNamespaces() throws {
        var input = input { record in
            let other = "container:" + String(repeating: "f", count: 64)
            record.hostConfig.pidMode = other
            record.hostConfig.ipcMode = other
            record.hostConfig.networkMode = other
            record.hostConfig.utsMode = "host"
        }
        input.namespaces = .joined
        try expectGolden(SpecBuilder.build(input), "shared")
    }

    @Test func namespacesOfTheHost() throws {
        var input = input { record in
            record.hostConfig.pidMode = "host"
            record.hostConfig.ipcMode = "host"
            record.hostConfig.networkMode = "host"
        }
        input.namespaces = .host
        let spec = try SpecBuilder.build(input)
        #expect(spec.linux?.namespaces?.map(\.type) == [.mount, .uts])
        #expect(spec.mounts?.first { $0.destination == "/dev/shm" }?.source == "/dev/shm")
        #expect(spec.linux?.sysctl == nil)
        input.record.hostConfig.ipcMode = "none"
        #expect(try SpecBuilder.build(input).mounts?.contains { $0.destination == "/dev/shm" } == false)
    }

    @Test func settingsOfTheHostAreNobodys() {
        let prefix =
            "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: "
        for (name, mode, text) in [
            ("net.core.somaxconn", "host", "sysctl \"net.core.somaxconn\" not allowed in host network namespace"),
            (
                "net/ipv4/conf/eth0.1/forwarding", "host",
                "sysctl \"net.ipv4.conf.eth0/1.forwarding\" not allowed in host network namespace"
            ),
            ("kernel.panic", "bridge", "sysctl \"kernel.panic\" is not in a separate kernel namespace"),
            (
                "kernel.hostname", "bridge",
                "sysctl \"kernel.hostname\" is not allowed as it conflicts with the OCI \"hostname\" field"
            ),
        ] {
            let input = input { record in
                record.hostConfig.networkMode = mode
                record.hostConfig.sysctls = [name: "1"]
            }
            #expect(refusalText { _ = try SpecBuilder.build(input) } == prefix + text)
        }
    }

    @Test func security() throws {
        func spec(_ options: [String], privileged: Bool = false) throws -> RuntimeSpec {
            try SpecBuilder.build(
                input { record in
                    record.hostConfig.securityOpt = options
                    record.hostConfig.privileged = privileged
                })
        }
        #expect(try spec(["seccomp=unconfined"]).linux?.seccomp == nil)
        #expect(try spec(["seccomp=builtin"]).linux?.seccomp?.defaultAction == "SCMP_ACT_ERRNO")
        let profile =
            #"seccomp={"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"name":"chmod","action":"SCMP_ACT_ERRNO"}]}"#
        #expect(try spec([profile]).linux?.seccomp?.syscalls?.map(\.names) == [["chmod"]])
        #expect(try spec([profile], privileged: true).linux?.seccomp != nil, "it was asked for")
        #expect(try spec([], privileged: true).linux?.seccomp == nil)
        #expect(try spec(["apparmor=mine"]).process?.apparmorProfile == "mine")
        #expect(try spec(["apparmor=unconfined"]).process?.apparmorProfile == nil)
        let groups = { (spec: RuntimeSpec) in spec.mounts?.first { $0.type == "cgroup" }?.options?.first }
        #expect(try groups(spec([])) == "ro")
        #expect(try groups(spec(["writable-cgroups=true"])) == "rw")
    }

    @Test func mountsOfEveryType() throws {
        let input = input { record in
            var image = MountRecord(point: MountPoint(type: "image", source: "alpine", destination: "/i"))
            image.image = "sha256:00"
            var top = MountRecord(
                point: MountPoint(type: "bind", source: "/a", destination: "/top", propagation: "rprivate"))
            top.readOnlyDepth = .top
            record.mounts = [
                image, top,
                MountRecord(
                    point: MountPoint(type: "bind", source: "/a", destination: "/deep", propagation: "rprivate")),
                MountRecord(
                    point: MountPoint(
                        type: "bind", source: "/a", destination: "/one", rw: true, propagation: "private"),
                    options: ["bind"]),
                MountRecord(
                    point: MountPoint(type: "tmpfs", destination: "/t", rw: true), options: ["nosuid", "size=1m"]),
            ]
        }
        let mounts = try #require(SpecBuilder.build(input).mounts)
        func options(_ place: String) -> [String]? { mounts.first { $0.destination == place }?.options }
        #expect(options("/i") == ["bind", "ro", "nosuid", "nodev", "rprivate"])
        #expect(options("/top") == ["rbind", "ro", "rprivate"])
        #expect(options("/deep") == ["rbind", "rro", "rprivate"])
        #expect(options("/one") == ["bind", "private"])
        #expect(options("/t") == ["nosuid", "size=1m"])
    }
}

@Suite struct SecurityOptionTests {
    @Test func readsWhatUsersWrite() throws {
        let options = try SecurityOptions(parsing: [
            "no-new-privileges:true", "seccomp:unconfined", "apparmor=mine", "label=disable", "writable-cgroups",
        ])
        #expect(options.noNewPrivileges && options.seccomp == .unconfined && options.writableCgroups)
        #expect(options.appArmor == "mine" && options.labels == ["disable"])
        #expect(try !SecurityOptions(parsing: ["no-new-privileges=0"]).noNewPrivileges)
        #expect(try SecurityOptions(parsing: [#"seccomp={"a":1}"#]).seccomp == .profile(#"{"a":1}"#))
    }

    @Test func refusesInDockersWords() {
        func text(_ option: String) -> String? { refusalText { _ = try SecurityOptions(parsing: [option]) } }
        #expect(text("x") == "invalid --security-opt 1: \"x\"")
        #expect(text("x=y") == "invalid --security-opt 2: \"x=y\"")
        #expect(text("no-new-privileges=x") == "invalid --security-opt 2: \"no-new-privileges=x\"")
        #expect(text("systempaths=unconfined") == "invalid --security-opt 2: \"systempaths=unconfined\"")
    }

    @Test func whatTheKernelLacks() throws {
        func text(_ option: String, _ support: SecuritySupport = SecuritySupport()) throws -> String? {
            let options = try SecurityOptions(parsing: [option])
            return refusalText { try options.check(on: support) }
        }
        #expect(
            try text("apparmor=mine") == "invalid --security-opt: \"apparmor=mine\": this host has no AppArmor")
        #expect(try text("apparmor=mine", SecuritySupport(appArmor: true)) == nil)
        #expect(try text("apparmor=unconfined") == nil && text("label=disable") == nil)
        #expect(
            try text("label=type:x") == "invalid --security-opt: \"label=type:x\": this host has no SELinux")
    }
}

@Suite struct SeccompFileTests {
    private let text = """
        {"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":38,"archMap":[
        {"architecture":"SCMP_ARCH_X86_64","subArchitectures":["SCMP_ARCH_X86"]},
        {"architecture":"SCMP_ARCH_AARCH64","subArchitectures":null}],
        "syscalls":[
        {"names":["read","write"],"action":"SCMP_ACT_ALLOW","args":[],"comment":"","includes":{},"excludes":{}},
        {"names":["bpf"],"action":"SCMP_ACT_ALLOW","includes":{"caps":["CAP_BPF"]}},
        {"names":["clone"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":2114060288,"valueTwo":0,"op":"SCMP_CMP_MASKED_EQ"}],
        "excludes":{"caps":["CAP_SYS_ADMIN"],"arches":["s390"]}},
        {"names":["ptrace"],"action":"SCMP_ACT_ALLOW","includes":{"minKernel":"4.8"}},
        {"names":["arch_prctl"],"action":"SCMP_ACT_ALLOW","includes":{"arches":["amd64","x32"]}},
        {"names":["cacheflush"],"action":"SCMP_ACT_ALLOW","includes":{"arches":["arm","arm64"]}},
        {"name":"mount","action":"SCMP_ACT_ERRNO","errnoRet":1,"excludes":{"caps":["CAP_SYS_ADMIN"]}}]}
        """

    private func names(_ capabilities: [String], _ machine: String, _ kernel: String) throws -> [String] {
        let filter = try SeccompFile(parsing: text).filter(capabilities: capabilities, machine: machine, kernel: kernel)
        return (filter.syscalls ?? []).flatMap(\.names)
    }

    @Test func rulesHoldWhereTheySay() throws {
        #expect(
            try names([], "x86_64", "6.1.0-13-amd64") == ["read", "write", "clone", "ptrace", "arch_prctl", "mount"])
        #expect(
            try names(["CAP_SYS_ADMIN", "CAP_BPF"], "x86_64", "6.1.0") == [
                "read", "write", "bpf", "ptrace", "arch_prctl",
            ])
        #expect(try names([], "aarch64", "4.4.0") == ["read", "write", "clone", "cacheflush", "mount"])
        #expect(try names([], "x86_64", "4.10").contains("ptrace"), "10 is more than 8")
    }

    @Test func therestIsTheSpecifications() throws {
        let filter = try SeccompFile(parsing: text).filter(capabilities: [], machine: "x86_64", kernel: "6.1")
        #expect(filter.defaultAction == "SCMP_ACT_ERRNO" && filter.defaultErrnoRet == 38)
        #expect(filter.architectures == ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"])
        let clone = filter.syscalls?.first { $0.names == ["clone"] }
        #expect(clone?.args == [.init(index: 0, value: 2_114_060_288, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ")])
        #expect(filter.syscalls?.last?.errnoRet == 1)
    }

    @Test(arguments: [
        "", "[]", "{}", "x", #"{"defaultAction":1}"#, #"{"defaultAction":"A","syscalls":{}}"#,
        #"{"defaultAction":"A","syscalls":[{"names":["x"]}]}"#,
        #"{"defaultAction":"A","syscalls":[{"names":"x","action":"B"}]}"#,
        #"{"defaultAction":"A","defaultErrnoRet":-1}"#,
        #"{"defaultAction":"A","syscalls":[{"names":["x"],"action":"B","includes":{"minKernel":"x"}}]}"#,
    ])
    func refusesWhatIsNoProfile(text: String) {
        #expect(
            refusalText { _ = try SeccompFile(parsing: text) }?.hasPrefix("Decoding seccomp profile failed: ") == true)
    }

    @Test func refusesTwoWaysAtOnce() {
        #expect(
            refusalText {
                _ = try SeccompFile(
                    parsing: #"{"defaultAction":"A","syscalls":[{"names":["x"],"name":"y","action":"B"}]}"#)
            } == "'name' and 'names' were specified in the seccomp profile, use either 'name' or 'names'")
        #expect(
            refusalText {
                _ = try SeccompFile(
                    parsing:
                        #"{"defaultAction":"A","architectures":["SCMP_ARCH_X86"],"archMap":[{"architecture":"x"}]}"#)
            }?.hasPrefix("'architectures' and 'archMap' were specified") == true)
    }
}
