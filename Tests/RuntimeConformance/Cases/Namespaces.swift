// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON

/// The namespaces of config-linux.md, with their names below /proc/PID/ns and a flag of unshare(1).
private let kinds: [(type: String, file: String, flag: String)] = [
    ("pid", "pid", "-f -p --mount-proc"), ("network", "net", "-n"), ("mount", "mnt", "-m"), ("ipc", "ipc", "-i"),
    ("uts", "uts", "-u"), ("user", "user", "-U -r"), ("cgroup", "cgroup", "-C"), ("time", "time", "-T"),
]

let namespaceCases = newCases + inheritedCases + joinedCases + otherCases

private let newCases: [Case] =
    kinds.flatMap { kind -> [Case] in
        [
            Case(
                "config-linux.md#namespaces", "\(kind.type): a new one is made where no path is given",
                kind.type == "time" || kind.type == "cgroup" ? .should : .must
            ) { box in
                box.set(namespace: kind.type)
                prepare(box, kind.type)
                let theirs = try box.inside("readlink /proc/self/ns/\(kind.file)")
                let ours = try box.host("readlink /proc/self/ns/\(kind.file)")
                try require(theirs != ours, "a \(kind.type) namespace other than \(ours)", came: theirs)
            },
            Case("config-linux.md#namespaces", "\(kind.type): listed twice is an error") { box in
                box.set(namespace: kind.type)
                prepare(box, kind.type)
                box.append(["type": .string(kind.type)], to: "linux", "namespaces")
                try box.refused("\(kind.type) is listed twice")
            },
        ]
    }

private let inheritedCases: [Case] =
    kinds.filter { $0.type != "mount" && $0.type != "user" }.map { kind -> Case in
        Case("config-linux.md#namespaces", "\(kind.type): the runtime's is inherited where it is not listed") { box in
            box.remove(namespace: kind.type)
            // A sysfs mount needs the owner of the network namespace.
            let theirs = try box.inside("readlink /proc/self/ns/\(kind.file)")
            try requireEqual("\(kind.type) namespace", theirs, try box.host("readlink /proc/self/ns/\(kind.file)"))
        }
    }

private let joinedCases: [Case] =
    kinds.filter { $0.type != "mount" && $0.type != "user" }.flatMap { kind -> [Case] in
        [
            Case(
                "config-linux.md#namespaces", "\(kind.type): the one at a path is joined",
                kind.type == "time" || kind.type == "cgroup" ? .should : .must
            ) { box in
                let holder = try Holder(box, kind.flag)
                defer { holder.end() }
                let path = "/proc/\(holder.pid)/ns/\(kind.file)"
                box.set(namespace: kind.type, path: path)
                let theirs = try box.inside("readlink /proc/self/ns/\(kind.file)")
                try requireEqual("\(kind.type) namespace", theirs, try box.host("readlink \(path)"))
            },
            Case("config-linux.md#namespaces", "\(kind.type): a path to one of another type is an error") { box in
                let other = kind.type == "uts" ? "ipc" : "uts"
                box.set(namespace: kind.type, path: "/proc/\(getpid())/ns/\(other)")
                try box.refused("the path is of a \(other) namespace")
            },
        ]
    }

private let otherCases: [Case] =
    [
        Case("config-linux.md#namespaces", "a path that is no namespace is an error") { box in
            _ = try box.host("touch file")
            box.set(namespace: "network", path: "\(box.path)/file")
            try box.refused("the path is a file")
        },
        Case("config-linux.md#namespaces", "a path that does not exist is an error") { box in
            box.set(namespace: "network", path: "\(box.path)/not-there")
            try box.refused("the path does not exist")
        },
        Case("config-linux.md#namespaces", "a relative path is an error") { box in
            box.set(namespace: "network", path: "proc/self/ns/net")
            try box.refused("the path is relative")
        },
        Case("config-linux.md#namespaces", "an unknown type is an error") { box in
            box.set(namespace: "no-such-type")
            try box.refused("the type is unknown")
        },
        Case("config-linux.md#namespaces", "pid: processes see only the container's") { box in
            try box.prints("echo $$; cat /proc/1/comm; test -e /proc/\(getpid()) || echo alone", "1\nsh\nalone")
        },
        Case("config-linux.md#user-namespace-mappings", "uidMappings and gidMappings are the namespace's") { box in
            box.set(namespace: "user")
            prepare(box, "user")
            let maps = try box.inside("cat /proc/self/uid_map /proc/self/gid_map").lines.map(\.words)
            try requireEqual("maps", maps, [["0", "100000", "65536"], ["0", "200000", "65536"]])
        },
        Case("config-linux.md#user-namespace-mappings", "mappings of several ranges") { box in
            box.set(namespace: "user")
            prepare(box, "user")
            box["linux", "uidMappings"] = [
                ["containerID": 0, "hostID": 100_000, "size": 10], ["containerID": 10, "hostID": 300_000, "size": 5],
            ]
            let maps = try box.inside("cat /proc/self/uid_map").lines.map(\.words)
            try requireEqual("uid_map", maps, [["0", "100000", "10"], ["10", "300000", "5"]])
        },
        Case("config-linux.md#offset-for-time-namespace", "timeOffsets shift the container's clocks") { box in
            box.set(namespace: "time")
            box["linux", "timeOffsets"] = ["boottime": ["secs": 86400], "monotonic": ["secs": 172_800, "nanosecs": 5]]
            let offsets = try box.inside("cat /proc/self/timens_offsets").lines.map(\.words)
            try requireEqual("offsets", offsets, [["monotonic", "172800", "5"], ["boottime", "86400", "0"]])
        },
    ]

/// A user namespace needs mappings, and a root file system its root may enter.
@Sendable private func prepare(_ box: Box, _ type: String) {
    guard type == "user" else { return }
    box["linux", "uidMappings"] = [["containerID": 0, "hostID": 100_000, "size": 65536]]
    box["linux", "gidMappings"] = [["containerID": 0, "hostID": 200_000, "size": 65536]]
    _ = try? box.host("chown -R 100000:200000 rootfs")
}

/// A process of the machine's with namespaces of its own.
struct Holder {
    let pid: Int32
    private let outer: Int32

    init(_ box: Box, _ flags: String) throws {
        let script =
            "echo $$ >holder; unshare \(flags) sh -c 'echo made >made; exec sleep 1000' >/dev/null 2>&1 & echo $!"
        outer = Int32(try box.host("cd \(box.path) && \(script)")) ?? 0
        let made = eventually { File.exists("\(box.path)/made") }
        guard made, outer > 0 else { throw Trouble("unshare \(flags)") }
        // With -f the namespaces are the child's.
        let child = flags.hasPrefix("-f") ? try box.host("cat /proc/\(outer)/task/\(outer)/children") : ""
        pid = Int32(child) ?? outer
    }

    func end() {
        kill(pid, SIGKILL)
        if outer != pid { kill(outer, SIGKILL) }
    }
}
