// SPDX-License-Identifier: Apache-2.0

import OCI
import Testing

/// Containers of an ordinary user: daemon (uid 1), who has no rights on the host. Needs root, to become that user.
@Suite(.serialized) struct RootlessTests {
    private static let user = "setpriv --reuid 1 --regid 1 --clear-groups "

    private func bundle(_ map: [RuntimeSpec.IDMapping], _ arguments: String...) throws -> TestBundle {
        let bundle = try TestBundle()
        bundle.spec.process?.args = arguments
        bundle.spec.linux?.namespaces?.append(.init(.user))
        bundle.spec.linux?.uidMappings = map
        bundle.spec.linux?.gidMappings = map
        bundle.spec.linux?.cgroupsPath = nil
        bundle.spec.linux?.resources = nil
        bundle.spec.mounts?.removeAll { $0.type == "cgroup" }
        for index in bundle.spec.mounts.map({ $0.indices }) ?? 0..<0 {
            bundle.spec.mounts?[index].options?.removeAll { $0.hasPrefix("gid=") }
        }
        try bundle.writeConfiguration()
        try shell("cp \(TestBundle.program) \(bundle.path)/wharf-runtime; chown -R 1:1 \(bundle.path)")
        return bundle
    }

    private func runtime(_ bundle: TestBundle, _ command: String, after setup: String = "true") throws -> Outcome {
        try shell(
            "unshare -m sh -c '\(setup); cd /; \(RootlessTests.user) \(bundle.path)/wharf-runtime --root \(bundle.path)/state \(command)'",
            mayFail: true)
    }

    @Test func onesOwnIdIsRoot() throws {
        let bundle = try bundle(
            [.init(containerID: 0, hostID: 1, size: 1)], "sh", "-c",
            "id -u; hostname; touch /tmp/made; echo x > /dev/null; cat /proc/self/setgroups; echo $$"
        )
        let outcome = try runtime(bundle, "run -b \(bundle.path) \(bundle.id) </dev/null")
        #expect(outcome.output == "0\nbox\ndeny\n1\n", "\(outcome.output)")
        #expect(try shell("ls -ln \(bundle.path)/rootfs/tmp/made").output.contains(" 1 1 "))
    }

    @Test func theWholeLifecycle() throws {
        let bundle = try bundle([.init(containerID: 0, hostID: 1, size: 1)], "sleep", "1000")
        let created = try runtime(
            bundle, "create -b \(bundle.path) \(bundle.id) </dev/null >/dev/null 2>\(bundle.path)/err")
        let errors = try shell("cat \(bundle.path)/err").output
        #expect(created.status == 0, "\(errors)")
        #expect(try runtime(bundle, "start \(bundle.id)").status == 0)
        let links = "readlink /proc/1/ns/user; readlink /proc/self/ns/user; id -u"
        let inside = try runtime(bundle, "exec \(bundle.id) sh -c \"\(links)\" </dev/null").output.split(
            separator: "\n")
        #expect(inside.count == 3 && inside[0] == inside[1] && inside[2] == "0", "\(inside)")
        #expect(try runtime(bundle, "state \(bundle.id)").output.contains("running"))
        #expect(try runtime(bundle, "delete --force \(bundle.id)").status == 0)
    }

    /// More ids than one's own are /etc/subuid's to give, through newuidmap and newgidmap.
    @Test func idsThatWereGiven() throws {
        let map: [RuntimeSpec.IDMapping] = [
            .init(containerID: 0, hostID: 1, size: 1), .init(containerID: 1, hostID: 200_000, size: 1000),
        ]
        let bundle = try bundle(map, "sh", "-c", "id; grep -c . /proc/self/uid_map; touch /tmp/made")
        bundle.spec.process?.user = .init(uid: 7, gid: 8, additionalGids: [9])
        try bundle.writeConfiguration()
        try shell(
            "chmod 644 \(bundle.path)/config.json; chmod 1777 \(bundle.path)/rootfs/tmp; echo daemon:200000:1000 > \(bundle.path)/sub"
        )
        let run = "run -b \(bundle.path) \(bundle.id) </dev/null"
        let given = "for f in /etc/subuid /etc/subgid; do mount --bind \(bundle.path)/sub $f; done"
        let outcome = try runtime(bundle, run, after: given)
        #expect(outcome.output == "uid=7 gid=8 groups=9\n2\n", "\(outcome.output)")
        #expect(try shell("ls -ln \(bundle.path)/rootfs/tmp/made").output.contains(" 200006 200007 "))
        // Ids nobody gave.
        let none = "for f in /etc/subuid /etc/subgid; do mount --bind /dev/null $f; done"
        let refused = try runtime(bundle, run, after: none)
        #expect(refused.status == 125)
        #expect(refused.output.contains("newuidmap"), "\(refused.output)")
    }

    @Test func withoutAUserNamespaceItIsRefused() throws {
        let bundle = try bundle([.init(containerID: 0, hostID: 1, size: 1)], "true")
        bundle.spec.linux?.namespaces?.removeAll { $0.type == .user }
        bundle.spec.linux?.uidMappings = nil
        bundle.spec.linux?.gidMappings = nil
        try bundle.writeConfiguration()
        try shell("chown 1:1 \(bundle.path)/config.json")
        let outcome = try runtime(bundle, "run -b \(bundle.path) \(bundle.id) </dev/null")
        #expect(outcome.status == 125)
        #expect(outcome.output.contains("linux.namespaces must have user"), "\(outcome.output)")
    }
}
