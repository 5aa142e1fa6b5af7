// SPDX-License-Identifier: Apache-2.0

import EngineAPI
import Glibc
import JSON
import OCI
import Testing

@testable import EngineCore

@Suite struct SpecTests {
    func input(_ change: (inout ContainerRecord) -> Void = { _ in }) -> SpecInput {
        var config = ContainerConfig()
        config.hostname = "0123456789ab"
        config.env = ["PATH=/bin:/usr/bin", "K=V"]
        config.cmd = ["echo", "hi"]
        var host = HostConfig()
        var record = ContainerRecord(
            id: String(repeating: "0123456789abcdef", count: 4), name: "one", created: .zero, image: "sha256:00",
            platform: "linux", path: "echo", args: ["hi"], config: config, hostConfig: host, requestedNetworks: [:],
            networks: [:], mounts: [], state: ContainerState(status: "created"))
        host.fillIn(unifiedCgroup: false)
        record.hostConfig = host
        change(&record)
        return SpecInput(
            record: record, user: ResolvedUser(uid: 0, gid: 0, additionalGids: [0], home: "/root"),
            cgroupPath: "/wharf/\(record.id)", machine: "x86_64", namespaces: .inherited,
            files: [
                ("/etc/resolv.conf", "/c/resolv.conf"), ("/etc/hostname", "/c/hostname"), ("/etc/hosts", "/c/hosts"),
            ])
    }

    /// Compares with Golden/<name>.json; UPDATE_GOLDEN=1 writes it.
    func expectGolden(_ spec: RuntimeSpec, _ name: String, file: String = #filePath) throws {
        let path = file.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/Golden/\(name).json"
        let text = try JSON.value(spec).serialized(indent: "  ", sortedKeys: true) + [10]
        if getenv("UPDATE_GOLDEN") != nil {
            let output = try #require(fopen(path, "w"))
            defer { fclose(output) }
            _ = text.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, output) }
        }
        let input = try #require(fopen(path, "r"), "no golden file \(path): run with UPDATE_GOLDEN=1")
        defer { fclose(input) }
        var golden = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&golden, 1, golden.count, input)
        #expect(Array(golden[..<count]) == text, "the specification differs from \(name).json")
    }

    @Test func plain() throws { try expectGolden(SpecBuilder.build(input()), "plain") }

    @Test func privileged() throws {
        try expectGolden(
            SpecBuilder.build(
                input {
                    $0.hostConfig.privileged = true
                    $0.hostConfig.fillIn(unifiedCgroup: false)
                }), "privileged")
    }

    @Test func everything() throws {
        let input = input { record in
            record.config.tty = true
            record.config.workingDir = "/srv"
            record.hostConfig.memory = 64 << 20
            record.hostConfig.memorySwap = 128 << 20
            record.hostConfig.nanoCpus = 500_000_000
            record.hostConfig.pidsLimit = 20
            record.hostConfig.capAdd = ["CAP_NET_ADMIN"]
            record.hostConfig.capDrop = ["CAP_NET_RAW"]
            record.hostConfig.readonlyRootfs = true
            record.hostConfig.tmpfs = ["/t": "size=1m"]
            record.hostConfig.cgroupnsMode = "private"
            record.hostConfig.ulimits = [Ulimit(name: "nofile", hard: 200, soft: 100)]
            record.mounts = [
                MountRecord(
                    point: MountPoint(
                        type: "bind", source: "/host", destination: "/b/deep", rw: false, propagation: "rslave")),
                MountRecord(
                    point: MountPoint(type: "volume", name: "v", source: "/v/_data", destination: "/dev/shm", rw: true)),
            ]
        }
        try expectGolden(SpecBuilder.build(input), "everything")
    }

    @Test func theDefaultCapabilitiesAreDockersFourteen() {
        // CapEff of a container of Docker's: a80425fb.
        let bits = CapabilityNames.effective(add: [], drop: [], privileged: false)
            .compactMap { CapabilityNames.all.firstIndex(of: $0) }.reduce(UInt64(0)) { $0 | 1 << UInt64($1) }
        #expect(bits == 0xa804_25fb)
    }

    @Test func addAndDropAllMeanAll() {
        #expect(CapabilityNames.effective(add: ["ALL"], drop: [], privileged: false) == CapabilityNames.all)
        #expect(CapabilityNames.effective(add: ["CAP_CHOWN"], drop: ["ALL"], privileged: false) == ["CAP_CHOWN"])
        #expect(
            !CapabilityNames.effective(add: ["ALL"], drop: ["CAP_SYS_ADMIN"], privileged: false).contains(
                "CAP_SYS_ADMIN"))
    }

    @Test func theFilterBlocksCryptoAndVirtualSockets() throws {
        let filter = SeccompProfile.filter(capabilities: CapabilityNames.standard, machine: "x86_64")
        #expect(filter.defaultAction == "SCMP_ACT_ERRNO")
        let sockets = (filter.syscalls ?? []).filter { $0.names.contains("socket") }
        #expect(!sockets.isEmpty && sockets.allSatisfy { $0.args?.count == 1 }, "no rule lets every family through")
        func isAllowed(_ family: UInt64) -> Bool {
            sockets.contains { rule in
                guard let argument = rule.args?.first else { return true }
                return switch argument.op {
                case "SCMP_CMP_LT": family < argument.value
                case "SCMP_CMP_EQ": family == argument.value
                case "SCMP_CMP_GT": family > argument.value
                default: true
                }
            }
        }
        #expect(isAllowed(1) && isAllowed(2) && isAllowed(10) && isAllowed(16) && isAllowed(44))
        #expect(!isAllowed(38), "AF_ALG")
        #expect(!isAllowed(40), "AF_VSOCK")
        let multiplexed = (filter.syscalls ?? []).filter { $0.names.contains("socketcall") }
        #expect(multiplexed.map(\.action) == ["SCMP_ACT_ERRNO"], "its arguments can't be seen")
        #expect(multiplexed.first?.errnoRet == 38)
    }

    /// Syscall by syscall, on this architecture, with no capability and with each.
    @Test(arguments: [[]] + CapabilityNames.all.map { [$0] })
    func theFilterIsDockersButForSocketcall(_ capabilities: [String]) throws {
        let path = #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/Golden/docker-seccomp.txt"
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = fread(&bytes, 1, bytes.count, file)
        let text = String(decoding: bytes[..<count], as: UTF8.self)
        var wanted: Set<String> = []
        var applies = false
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            if line.hasPrefix("[") {
                let conditions = line.dropFirst().dropLast().split(separator: " ")
                let machines = conditions.filter { !"+-".contains($0.first ?? "+") && !$0.hasPrefix("not-") }
                applies =
                    (machines.isEmpty || machines.contains("amd64") || machines.contains("always"))
                    && conditions.allSatisfy { condition in
                        switch condition.first {
                        case "+": capabilities.contains(String(condition.dropFirst()))
                        case "-": !capabilities.contains(String(condition.dropFirst()))
                        default: true
                        }
                    }
            } else if applies {
                wanted.formUnion(line.split(separator: " ").map(String.init))
            }
        }
        // Decision 0006.
        wanted.remove("socketcall")
        wanted.insert("socketcall=38")
        let filter = SeccompProfile.filter(capabilities: capabilities, machine: "x86_64")
        let ours = (filter.syscalls ?? []).flatMap { rule in
            rule.names.map { name in
                let arguments = (rule.args ?? []).map { argument in
                    let op = argument.op.replacing("SCMP_CMP_", with: "")
                    return "(\(argument.index),\(op),\(argument.value))"
                }
                let answer = rule.action == "SCMP_ACT_ALLOW" ? "" : "=\(rule.errnoRet ?? 0)"
                return name + arguments.joined() + answer
            }
        }
        #expect(Set(ours).subtracting(wanted) == [] && wanted.subtracting(ours) == [])
    }

    @Test func capabilitiesOpenTheirCalls() {
        func names(_ capabilities: [String]) -> Set<String> {
            Set(
                (SeccompProfile.filter(capabilities: capabilities, machine: "x86_64").syscalls ?? []).filter {
                    $0.action == "SCMP_ACT_ALLOW"
                }.flatMap(\.names))
        }
        #expect(!names([]).contains("mount") && !names([]).contains("bpf") && !names([]).contains("clone3"))
        #expect(names(["CAP_SYS_ADMIN"]).isSuperset(of: ["mount", "clone3", "unshare", "setns"]))
        #expect(names(["CAP_SYS_CHROOT"]).contains("chroot"))
        #expect(names(["CAP_BPF"]).contains("bpf"))
    }

    @Test func hostNetworkLeavesTheNamespaceAlone() throws {
        var input = input()
        input.namespaces = .host
        let spec = try SpecBuilder.build(input)
        #expect(spec.linux?.namespaces?.contains { $0.type == .network } == false)
        #expect(spec.linux?.sysctl == nil)
    }
}
