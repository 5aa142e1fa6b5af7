// SPDX-License-Identifier: Apache-2.0

import Cgroups
import Glibc
import Linux
import OCI
import Testing

/// cgroup v2 on a real hierarchy: the host's own, or the one a hybrid host has beside v1. Needs root.
@Suite(.serialized) struct UnifiedTests {
    private static let root =
        (try? shell("test -e /sys/fs/cgroup/unified/cgroup.procs").status) == 0
        ? "/sys/fs/cgroup/unified" : "/sys/fs/cgroup"

    /// A group with Docker's kind of device rules, and what a shell in it says.
    private func inGroup(_ name: String, _ body: (CgroupV2, String) throws -> Void) throws {
        let group = CgroupV2(path: "/wharf-test-v2/\(name)", root: UnifiedTests.root)
        // The host's hierarchy is as it was afterwards: `apply` hands controllers down from its root.
        let enabled = try shell("cat \(UnifiedTests.root)/cgroup.subtree_control").output
        try group.make()
        defer {
            try? group.kill(9)
            try? group.remove()
            let restore = """
                cd \(UnifiedTests.root); rmdir wharf-test-v2
                for c in $(cat cgroup.subtree_control); do
                    case " \(enabled.split(whereSeparator: \.isWhitespace).joined(separator: " ")) " in
                    *" $c "*) ;; *) echo -$c > cgroup.subtree_control ;;
                    esac
                done
                """
            _ = try? shell(restore, mayFail: true)
        }
        try body(group, "\(UnifiedTests.root)\(group.path)")
    }

    @Test func theKernelTakesTheDeviceProgram() throws {
        try inGroup("devices") { group, directory in
            var resources = RuntimeSpec.Resources()
            resources.devices = [
                .init(allow: false, access: "rwm"), .init(allow: true, type: "c", access: "m"),
                .init(allow: true, type: "c", major: 1, minor: 5, access: "r"),
                .init(allow: true, type: "c", major: 1, minor: 3, access: "rwm"),
            ]
            try group.apply(resources)
            let script = """
                echo $$ > \(directory)/cgroup.procs; head -c 1 /dev/zero | wc -c; head -c 1 /dev/full
                echo x > /dev/zero; mknod /tmp/wharf-test-node c 1 7 && rm /tmp/wharf-test-node && echo made
                """
            let output = try shell("sh -c '\(script)'", mayFail: true).output
            #expect(output.contains("1\n"))
            #expect(output.contains("/dev/full' for reading: Operation not permitted"), "\(output)")
            #expect(output.contains("/dev/zero: Operation not permitted"), "\(output)")
            #expect(output.contains("made"))
        }
    }

    @Test func freezesAndKills() throws {
        try inGroup("freeze") { group, directory in
            try shell("sh -c 'echo $$ > \(directory)/cgroup.procs; exec sleep 777' >/dev/null 2>&1 & sleep 0.2")
            #expect(try group.processes().count == 1)
            try group.setFrozen(true)
            #expect(try group.isFrozen())
            try group.setFrozen(false)
            try group.kill(9)
            #expect(try eventually { try group.processes().isEmpty })
        }
    }

    @Test func aProcessIsForkedIntoTheGroup() throws {
        try inGroup("entrance") { group, _ in
            let entrance = try group.entrance(beside: nil)
            #expect(group.isForkedInto && entrance.files.isEmpty)
            let pid: Int32
            switch try forkChild(cgroup: entrance.directory) {
            case .child:
                pause()
                exitNow(0)
            case .parent(let number, _): pid = number
            }
            #expect(try group.processes() == [pid])
            try group.kill(9)
            waitpid(pid, nil, 0)
        }
    }

    @Test func aLimitWithoutItsControllerIsRefused() throws {
        try inGroup("limits") { group, _ in
            var resources = RuntimeSpec.Resources()
            resources.unified = ["nosuch.max": "1"]
            #expect(throws: CgroupError.self) { try group.apply(resources) }
        }
    }
}
