// SPDX-License-Identifier: Apache-2.0

import OCI
import Testing

/// User and time namespaces, and id-mapped mounts. Needs root.
@Suite(.serialized) struct UserNamespaceTests {
    private static let map = [RuntimeSpec.IDMapping(containerID: 0, hostID: 100_000, size: 65_536)]

    private func bundle(_ arguments: String...) throws -> TestBundle {
        let bundle = try TestBundle()
        bundle.spec.process?.args = arguments
        bundle.spec.linux?.namespaces?.append(.init(.user))
        bundle.spec.linux?.uidMappings = UserNamespaceTests.map
        bundle.spec.linux?.gidMappings = UserNamespaceTests.map
        try shell("chown -R 100000:100000 \(bundle.path)/rootfs")
        return bundle
    }

    @Test func rootIsSomebodyElse() throws {
        let bundle = try bundle(
            "sh", "-c", "id; touch /tmp/made; cat /proc/self/uid_map; hostname; grep CapEff /proc/self/status; echo $$")
        let output = try bundle.run().output
        #expect(output.hasPrefix("uid=0(root) gid=0"), "\(output)")
        #expect(output.contains("100000      65536"))
        #expect(output.hasSuffix("box\nCapEff:\t00000000a80425fb\n1\n"), "\(output)")
        #expect(try shell("ls -ln \(bundle.path)/rootfs/tmp/made").output.contains(" 100000 100000 "))
    }

    @Test func devicesAreTheHosts() throws {
        let bundle = try bundle(
            "sh", "-c", "echo x > /dev/null && head -c 2 /dev/zero | cat -v; ls -l /dev/null /dev/fifo")
        bundle.spec.linux?.devices = [
            .init(type: "c", path: "/dev/fuse", major: 10, minor: 229), .init(type: "p", path: "/dev/fifo"),
        ]
        bundle.spec.process?.args?[2] += "; ls -l /dev/fuse"
        let output = try bundle.run().output
        #expect(output.contains("^@^@") && output.contains("1,   3") && output.contains("10, 229"), "\(output)")
        #expect(output.contains("prw"))
        // What is another device on the host is not bound.
        bundle.spec.linux?.devices = [.init(type: "c", path: "/dev/zero2", major: 1, minor: 5)]
        #expect(try bundle.run().output.contains("/dev/zero2"))
    }

    @Test func anOrdinaryUserOpensItsOutputByName() throws {
        let bundle = try bundle("sh", "-c", "echo named > /dev/stdout; id")
        bundle.spec.process?.user = .init(uid: 1000, gid: 1001, additionalGids: [7])
        #expect(try bundle.run().output == "named\nuid=1000 gid=1001 groups=7\n")
    }

    @Test func sourcesOnlyTheHostsRootMayEnter() throws {
        let bundle = try bundle("cat", "/m/file", "/etc/given")
        try shell(
            "cd \(bundle.path); mkdir -m 700 closed; mkdir closed/source; echo a > closed/source/file; echo b > closed/b"
        )
        bundle.mount("\(bundle.path)/closed/source", "/m", "rbind ro")
        bundle.mount("\(bundle.path)/closed/b", "/etc/given", "bind")
        #expect(try bundle.run().output == "a\nb\n")
    }

    @Test func execEntersIt() throws {
        let bundle = try bundle("sleep", "1000")
        bundle.spec.process?.oomScoreAdj = 77
        try bundle.start()
        let kinds = "mnt net uts pid ipc cgroup user"
        let script = "for k in \(kinds); do readlink /proc/1/ns/$k; readlink /proc/self/ns/$k; done"
        let namespaces = try bundle.exec("sh -c '\(script)'").output.split(separator: "\n")
        #expect(Set(namespaces).count == 7 && namespaces.count == 14, "\(namespaces)")
        #expect(try bundle.exec("id").output.hasPrefix("uid=0(root) gid=0"))
        #expect(try bundle.exec("cat /proc/self/oom_score_adj").output == "77\n")
        #expect(
            try bundle.runtime("exec -u 5:6 \(bundle.id) sh -c 'id; echo x > /dev/stdout' </dev/null").output
                == "uid=5 gid=6\nx\n")
        #expect(try bundle.exec("nosuch").status == 127)
        #expect(try bundle.exec("sh -c 'exit 9'").status == 9)
    }

    @Test func aTerminal() throws {
        let bundle = try bundle("sh", "-c", "tty; [ -t 0 ] && echo x")
        bundle.spec.process?.terminal = true
        let output = try bundle.run().output
        #expect(output.hasPrefix("/dev/pts/0\r\n") && output.hasSuffix("x\r\n"), "\(output)")
    }

    @Test func anothersNamespacesAreJoined() throws {
        let first = try bundle("sleep", "1000")
        try first.start()
        let pid = try shell("cat \(first.path)/state/\(first.id)/state.json").output.firstNumber(after: "\"pid\":")
        let second = try bundle(
            "sh", "-c", "id -u; for k in user net ipc uts; do readlink /proc/self/ns/$k; done; hostname")
        second.spec.hostname = nil
        second.spec.linux?.uidMappings = nil
        second.spec.linux?.gidMappings = nil
        second.spec.linux?.namespaces = [.init(.mount), .init(.pid), .init(.cgroup)]
        for (kind, name) in [
            (RuntimeSpec.Namespace.Kind.network, "net"), (.ipc, "ipc"), (.uts, "uts"), (.user, "user"),
        ] {
            second.spec.linux?.namespaces?.append(.init(kind, path: "/proc/\(pid)/ns/\(name)"))
        }
        let links = try shell("for k in user net ipc uts; do readlink /proc/\(pid)/ns/$k; done").output
        let outcome = try second.run()
        #expect(outcome.output == "0\n\(links)box\n", "\(outcome.output)")
    }

    /// A namespace of the host's, which only the host's root may enter.
    @Test func theHostsNetworkWithAUserNamespaceOfItsOwn() throws {
        let bundle = try bundle("sleep", "1000")
        let pid = try shell("unshare -n sleep 1000 >/dev/null 2>&1 & echo $!").output.firstNumber(after: "")
        defer { _ = try? shell("kill -KILL \(pid)") }
        bundle.spec.linux?.namespaces?.removeAll { $0.type == .network }
        bundle.spec.linux?.namespaces?.append(.init(.network, path: "/proc/\(pid)/ns/net"))
        bundle.spec.mounts?.removeAll { $0.destination.hasPrefix("/sys") }
        #expect(
            try eventually {
                try shell("readlink /proc/\(pid)/ns/net").output != shell("readlink /proc/self/ns/net").output
            })
        try bundle.start()
        let own = try shell("readlink /proc/\(pid)/ns/net").output
        #expect(try bundle.exec("sh -c 'readlink /proc/self/ns/net; readlink /proc/1/ns/net'").output == own + own)
    }

    @Test func clocks() throws {
        let bundle = try TestBundle("cat", "/proc/uptime")
        bundle.spec.linux?.namespaces?.append(.init(.time))
        bundle.spec.linux?.timeOffsets = [
            "boottime": .init(secs: 1_000_000_000), "monotonic": .init(secs: 5, nanosecs: 7),
        ]
        #expect(try bundle.run().output.hasPrefix("10000"))
        bundle.spec.process?.args = ["sleep", "1000"]
        try bundle.start()
        #expect(try bundle.exec("cat /proc/uptime").output.hasPrefix("10000"))
        let pid = try shell("cat \(bundle.path)/state/\(bundle.id)/state.json").output.firstNumber(after: "\"pid\":")
        let other = try TestBundle("cat", "/proc/uptime")
        other.spec.linux?.namespaces?.append(.init(.time, path: "/proc/\(pid)/ns/time"))
        #expect(try other.run().output.hasPrefix("10000"))
        // And with a user namespace.
        let both = try self.bundle("cat", "/proc/uptime")
        both.spec.linux?.namespaces?.append(.init(.time))
        both.spec.linux?.timeOffsets = ["boottime": .init(secs: 2_000_000_000)]
        #expect(try both.run().output.hasPrefix("20000"))
    }

    @Test func aMountNamespaceIsJoined() throws {
        let bundle = try TestBundle("readlink", "/proc/self/ns/mnt")
        let pid = try shell("unshare -m --propagation slave sleep 1000 >/dev/null 2>&1 & echo $!").output.firstNumber(
            after: "")
        defer { _ = try? shell("kill -KILL \(pid)") }
        let link = "readlink /proc/\(pid)/ns/mnt"
        #expect(try eventually { try shell(link).output != shell("readlink /proc/self/ns/mnt").output })
        bundle.spec.linux?.namespaces?.removeAll { $0.type == .mount }
        bundle.spec.linux?.namespaces?.append(.init(.mount, path: "/proc/\(pid)/ns/mnt"))
        let expected = try shell(link).output
        #expect(try bundle.run().output == expected)
    }

    @Test func idsOfAMountAreMapped() throws {
        let bundle = try TestBundle("/bin/busybox", "stat", "-c", "%u:%g", "/m/file", "/m/sub/file")
        try shell("cd \(bundle.path); mkdir -p source/sub; echo x > source/file; chown 3:4 source/file")
        bundle.mount("\(bundle.path)/source", "/m", "rbind idmap")
        let index = (bundle.spec.mounts?.count ?? 1) - 1
        bundle.spec.mounts?[index].uidMappings = [.init(containerID: 0, hostID: 5000, size: 10)]
        bundle.spec.mounts?[index].gidMappings = [.init(containerID: 0, hostID: 6000, size: 10)]
        let setup = "mount -t tmpfs none source/sub && echo x > source/sub/file"
        #expect(try bundle.run(after: setup).output == "5003:6004\n0:0\n")
        bundle.spec.mounts?[index].options = ["rbind", "ridmap"]
        #expect(try bundle.run(after: setup).output == "5003:6004\n5000:6000\n")
        bundle.spec.mounts?[index].uidMappings = nil
        bundle.spec.mounts?[index].gidMappings = nil
        let refused = try bundle.run()
        #expect(refused.status == 125)
        #expect(refused.output.contains("idmap needs uidMappings and gidMappings"))
    }

    @Test func idmapAloneIsTheContainersOwn() throws {
        let bundle = try bundle("sh", "-c", "/bin/busybox stat -c %u /m/file; touch /m/new")
        try shell("cd \(bundle.path); mkdir source; echo x > source/file")
        bundle.mount("\(bundle.path)/source", "/m", "bind idmap")
        #expect(try bundle.run().output == "0\n")
        // What the container's root makes is the host root's.
        #expect(try shell("stat -c %u \(bundle.path)/source/new").output == "0\n")
    }
}

extension String {
    /// The digits that follow `text`.
    func firstNumber(after text: String) -> String {
        var rest = Substring(self)
        if !text.isEmpty {
            while !rest.isEmpty, !rest.hasPrefix(text) { rest = rest.dropFirst() }
            rest = rest.dropFirst(text.count)
        }
        return String(rest.drop { !$0.isNumber }.prefix { $0.isNumber })
    }
}
