// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON

extension Box {
    /// The features document; a runtime need not have one.
    func features() throws -> JSONValue {
        let outcome = try call("features", [])
        guard outcome.succeeded else { throw Unavailable("the runtime has no features document") }
        guard let document = try? JSON.parse(Array(outcome.output.utf8)), document.object != nil else {
            throw Mismatch(expected: "an object in JSON", came: outcome.output)
        }
        return document
    }

    func list(_ members: String...) throws -> [String] {
        let document = try features()
        let value = members.reduce(Optional(document)) { $0?[$1] }
        guard let list = value?.array?.compactMap(\.string) else {
            throw Unavailable("the document has no \(members.joined(separator: "."))")
        }
        return list
    }
}

/// What version 1.3 defines, by place in the document.
private let known: [String: Set<String>] = [
    "": [
        "ociVersionMin", "ociVersionMax", "hooks", "mountOptions", "linux", "annotations",
        "potentiallyUnsafeConfigAnnotations",
    ],
    "linux": [
        "namespaces", "capabilities", "cgroup", "seccomp", "apparmor", "selinux", "intelRdt", "memoryPolicy",
        "mountExtensions", "netDevices",
    ],
    "linux.cgroup": ["v1", "v2", "systemd", "systemdUser", "rdma"],
    "linux.seccomp": ["enabled", "actions", "operators", "archs", "knownFlags", "supportedFlags"],
    "linux.apparmor": ["enabled"], "linux.selinux": ["enabled"], "linux.netDevices": ["enabled"],
    "linux.intelRdt": ["enabled", "schemata", "monitoring"], "linux.memoryPolicy": ["modes", "flags"],
    "linux.mountExtensions": ["idmap"],
]

let featureCases: [Case] = [
    Case("features.md#specification-version", "ociVersionMin and ociVersionMax are there, and in order") { box in
        let document = try box.features()
        guard let least = document["ociVersionMin"]?.string, let most = document["ociVersionMax"]?.string else {
            throw Mismatch(
                expected: "ociVersionMin and ociVersionMax", came: "\(document.object?.members.map(\.key) ?? [])")
        }
        func numbers(_ text: String) -> [Int] {
            text.prefix { $0 != "-" && $0 != "+" }.split(separator: ".").compactMap { Int($0) }
        }
        try require(!numbers(most).lexicographicallyPrecedes(numbers(least)), "\(least) or more", came: most)
    },
    Case("features.md#specification-version", "both versions are taken for ociVersion") { box in
        let document = try box.features()
        for member in ["ociVersionMin", "ociVersionMax"] {
            box["ociVersion"] = document[member]
            try box.accepted()
        }
    },
    Case("features.md#specification-version", "it has only what the specification defines") { box in
        let document = try box.features()
        for (place, names) in known {
            let object = place.split(separator: ".").reduce(Optional(document)) { $0?[String($1)] }
            let unknown = Set((object?.object?.members ?? []).map(\.key)).subtracting(names)
            try require(
                unknown.isEmpty, "only what is defined in \(place)", came: unknown.sorted().joined(separator: ", "))
        }
    },
    Case("features.md#hooks", "every kind of hook that is listed is called") { box in
        let listed = try box.list("hooks")
        for kind in HookKind.all where listed.contains(kind.name) {
            box.add(hook: kind.name, "touch \(kind.place(box).inside)/hook-\(kind.name)")
        }
        try box.wholeLife()
        for kind in HookKind.all where listed.contains(kind.name) {
            let called = File.exists("\(kind.place(box).outside)/hook-\(kind.name)")
            try require(called, "\(kind.name) is called", came: "it is not")
        }
    },
    Case("features.md#mount-options", "every mount option that is listed is known") { box in
        let others: Set = [
            "bind", "rbind", "remount", "idmap", "ridmap", "tmpcopyup", "mand", "nomand", "acl", "noacl",
            "copy-symlink", "src-nofollow", "dest-nofollow",
        ]
        _ = try box.host("mkdir source")
        let kept = box["mounts"]
        for option in try box.list("mountOptions") where !others.contains(option) {
            box["mounts"] = kept
            let isRecursive = option.hasPrefix("r") && !["ro", "rw", "relatime"].contains(option)
            if isRecursive {
                box.append(mount: "/m", "bind", "\(box.path)/source", ["rbind", option])
            } else {
                box.append(mount: "/m", "tmpfs", "tmpfs", [option])
            }
            box.script = "true"
            let outcome = try box.runOnce()
            try require(outcome.succeeded, "\(option) is taken", came: outcome.summary)
        }
    },
    Case("features-linux.md#namespaces", "every namespace that is listed is made") { box in
        let files = ["network": "net", "mount": "mnt"]
        for type in try box.list("linux", "namespaces") where type != "user" {
            box.set(namespace: type)
            let file = files[type] ?? type
            let theirs = try box.inside("readlink /proc/self/ns/\(file)")
            try require(
                theirs != (try box.host("readlink /proc/self/ns/\(file)")), "a new \(type) namespace", came: theirs)
        }
    },
    Case("features-linux.md#capabilities", "every capability that is listed is known") { box in
        let names = try box.list("linux", "capabilities")
        box["process", "capabilities", "bounding"] = .array(names.map { .string($0) })
        box.script = "true"
        let outcome = try box.runOnce()
        try require(outcome.succeeded, "all are taken", came: outcome.summary)
    },
    Case("features-linux.md#seccomp", "every action that is listed is known") { box in
        for action in try box.list("linux", "seccomp", "actions") where action != "SCMP_ACT_NOTIFY" {
            box["linux", "seccomp"] = [
                "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [["names": ["acct"], "action": .string(action)]],
            ]
            try box.accepted()
        }
    },
    Case("features-linux.md#seccomp", "every operator that is listed is known") { box in
        for name in try box.list("linux", "seccomp", "operators") {
            box["linux", "seccomp"] = [
                "defaultAction": "SCMP_ACT_ALLOW",
                "syscalls": [
                    [
                        "names": ["acct"], "action": "SCMP_ACT_ERRNO",
                        "args": [["index": 0, "value": 1, "op": .string(name)]],
                    ]
                ],
            ]
            try box.accepted()
        }
    },
    Case("features-linux.md#seccomp", "every architecture that is listed is known") { box in
        let names = try box.list("linux", "seccomp", "archs")
        box["linux", "seccomp"] = [
            "defaultAction": "SCMP_ACT_ALLOW", "architectures": .array(names.map { .string($0) }),
            "syscalls": [["names": ["acct"], "action": "SCMP_ACT_ERRNO"]],
        ]
        try box.accepted()
    },
    Case("features-linux.md#seccomp", "every flag that is listed as supported is taken") { box in
        for flag in try box.list("linux", "seccomp", "supportedFlags") where !flag.hasSuffix("WAIT_KILLABLE_RECV") {
            box["linux", "seccomp"] = [
                "defaultAction": "SCMP_ACT_ALLOW", "flags": [.string(flag)],
                "syscalls": [["names": ["acct"], "action": "SCMP_ACT_ERRNO"]],
            ]
            try box.accepted()
        }
    },
]
