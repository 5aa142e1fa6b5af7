// SPDX-License-Identifier: Apache-2.0

import Linux
import OCI
import Testing

@testable import OCIRuntime

@Suite struct SpecificationTests {
    private static let json = """
        {"ociVersion":"1.2.0","process":{"args":["sh"],"cwd":"/","user":{"uid":7,"gid":8}},"root":{"path":"rootfs"},
         "linux":{"namespaces":[{"type":"mount"},{"type":"pid"},{"type":"cgroup"},{"type":"network","path":"/n"}],
         "seccomp": {"defaultAction":"SCMP_ACT_ALLOW", "x": "}\\"]" }, "maskedPaths":["/proc/kcore"]}}
        """

    @Test func leavesTheFilterAsItWasWritten() throws {
        let specification = try Specification(json: Array(SpecificationTests.json.utf8))
        #expect(specification.seccomp == Array(#"{"defaultAction":"SCMP_ACT_ALLOW", "x": "}\"]" }"#.utf8))
        #expect(specification.spec.linux?.seccomp == nil)
        #expect(specification.spec.linux?.maskedPaths == ["/proc/kcore"])
        #expect(specification.spec.process?.user == RuntimeSpec.User(uid: 7, gid: 8))
    }

    @Test func sortsNamespaces() throws {
        let specification = try Specification(json: Array(SpecificationTests.json.utf8))
        let plan = try ContainerPlan(specification.spec)
        #expect(plan.namespaces.made == [.mount, .pid])
        #expect(plan.namespaces.makesCgroup)
        #expect(plan.namespaces.joined.map(\.path) == ["/n"])
        #expect(!plan.namespaces.own(.ipc))
    }

    @Test(arguments: [
        (#""intelRdt":{"closID":"x"}"#, "linux.intelRdt")
    ])
    func refusesByName(_ member: String, _ name: String) throws {
        let json = """
            {"ociVersion":"1.2.0","process":{"args":["sh"],"cwd":"/"},"linux":{"namespaces":[{"type":"mount"}],\(member)}}
            """
        let specification = try Specification(json: Array(json.utf8))
        let error = #expect(throws: RuntimeError.self) { try ContainerPlan(specification.spec) }
        #expect(error?.message == "\(name) is not supported")
        #expect(error?.code == .unsupported)
    }

    @Test func saysWhereTheDocumentIsWrong() {
        let error = #expect(throws: RuntimeError.self) {
            try Specification(json: Array(#"{"ociVersion":"1.2.0","process":{"args":"sh","cwd":"/"}}"#.utf8))
        }
        #expect(error?.message.contains("process.args") == true)
    }
}

@Suite struct CredentialsTests {
    private func process(_ sets: RuntimeSpec.Capabilities?) -> RuntimeSpec.Process {
        var process = RuntimeSpec.Process(args: ["sh"])
        process.capabilities = sets
        return process
    }

    @Test func dockersFourteen() throws {
        let names = [
            "CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID", "SETFCAP", "SETPCAP",
            "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE",
        ].map { "CAP_" + $0 }
        let credentials = try Credentials(
            process(.init(bounding: names, effective: names, permitted: names)),
            available: CapabilitySet(rawValue: .max))
        #expect(credentials.effective.rawValue == 0xa804_25fb)
        #expect(credentials.bounding == credentials.effective)
        #expect(credentials.inheritable.rawValue == 0)
        #expect(credentials.ambient.rawValue == 0)
    }

    @Test func nothingIsGivenThatWasNotAskedFor() throws {
        let credentials = try Credentials(process(nil), available: CapabilitySet(rawValue: .max))
        #expect(credentials.bounding.rawValue | credentials.permitted.rawValue | credentials.effective.rawValue == 0)
    }

    @Test func whatTheRuntimeLacksIsLeftOut() throws {
        let credentials = try Credentials(
            process(
                .init(effective: ["CAP_SYS_RESOURCE", "CAP_CHOWN"], permitted: ["CAP_SYS_RESOURCE", "CAP_CHOWN"])),
            available: CapabilitySet(rawValue: 1))
        #expect(credentials.permitted.rawValue == 1)
        #expect(credentials.effective.rawValue == 1)
    }

    @Test func ambientNeedsInheritable() throws {
        let credentials = try Credentials(
            process(.init(permitted: ["CAP_CHOWN"], ambient: ["CAP_CHOWN"])), available: CapabilitySet(rawValue: .max))
        #expect(credentials.ambient.rawValue == 0)
    }

    /// Names the kernel does not know, and what the runtime itself may not do: told of, and no error.
    @Test func whatCanNotBeGivenIsToldOf() throws {
        let credentials = try Credentials(
            process(.init(bounding: ["CAP_NOPE", "CAP_CHOWN"], permitted: ["CAP_KILL", "CAP_CHOWN", "chown"])),
            available: CapabilitySet(rawValue: 1))
        #expect(
            credentials.warnings == [
                "process.capabilities.bounding: CAP_NOPE can't be given",
                "process.capabilities.permitted: CAP_KILL, chown can't be given",
            ])
        #expect(credentials.bounding.rawValue == 1 && credentials.permitted.rawValue == 1)
        let granted = try Credentials(process(.init(bounding: ["CAP_KILL"])), available: .all)
        #expect(granted.warnings == [])
    }
}

@Suite struct MountOptionTests {
    @Test func lastWins() throws {
        let options = try MountOptions(["ro", "nosuid", "rw", "mode=755", "size=1m", "rprivate", "rro"])
        #expect(options.set == [.noSetuid])
        #expect(options.clear == [.readOnly])
        #expect(options.recursiveSet == [.readOnly])
        #expect(options.data == ["mode=755", "size=1m"])
        #expect(options.propagation == .private)
        #expect(options.propagationIsRecursive)
    }

    @Test func accessTimesAreOneField() throws {
        let options = try MountOptions(["noatime", "strictatime", "rnoatime", "rrelatime"])
        #expect(options.set == [.strictAccessTime])
        #expect(options.recursiveSet.isEmpty)
        #expect(options.recursiveClear == .accessTimeMask)
    }

    @Test func optionsThatAreNobodysAttribute() throws {
        let options = try MountOptions(["ridmap", "tmpcopyup", "remount"])
        #expect(options.idMapping == .recursive)
        #expect(options.copiesUp && options.isRemount)
        #expect(options.data.isEmpty)
    }
}

@Suite struct SysctlTests {
    private func plan(_ kinds: [RuntimeSpec.Namespace.Kind]) throws -> NamespacePlan {
        try NamespacePlan(([.mount] + kinds).map { RuntimeSpec.Namespace($0) })
    }

    @Test func namespacedOnesHaveAFile() throws {
        let plan = try plan([.network, .ipc])
        #expect(try Sysctls.file("net.ipv4.ip_forward", namespaces: plan) == "sys/net/ipv4/ip_forward")
        #expect(
            try Sysctls.file("net/ipv4/conf/eth0.100/forwarding", namespaces: plan)
                == "sys/net/ipv4/conf/eth0.100/forwarding")
        #expect(try Sysctls.file("kernel.msgmax", namespaces: plan) == "sys/kernel/msgmax")
    }

    @Test(arguments: ["kernel.panic", "vm.swappiness", "kernel.core_pattern", "net..x", "net/../../kernel/panic"])
    func theHostsAreRefused(_ name: String) throws {
        let plan = try plan([.network, .ipc, .uts])
        #expect(throws: RuntimeError.self) { try Sysctls.file(name, namespaces: plan) }
    }

    @Test func aSharedNamespacesAreRefused() throws {
        let plan = try plan([])
        #expect(throws: RuntimeError.self) { try Sysctls.file("net.ipv4.ip_forward", namespaces: plan) }
    }
}

@Suite struct SignalTests {
    @Test(
        arguments: [("SIGTERM", 15), ("term", 15), ("9", 9), ("RTMIN+3", 37), ("SIGRTMAX-1", 63), ("IOT", 6)]
            as [(String, Int32)])
    func names(_ text: String, _ number: Int32) {
        #expect(Signals.number(text) == number)
    }

    @Test(arguments: ["SIGNOPE", "0", "65", "", "RTMIN+16"]) func unknown(_ text: String) {
        #expect(Signals.number(text) == nil)
    }
}
