// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON

let versionCases: [Case] = [
    Case("config.md#specification-version", "a configuration without ociVersion is an error") { box in
        box["ociVersion"] = nil
        try box.refused("ociVersion is missing")
    },
    Case("config.md#specification-version", "an ociVersion that is no semantic version is an error") { box in
        box["ociVersion"] = "banana"
        try box.refused("ociVersion is \"banana\"")
    },
    Case("config.md#specification-version", "an ociVersion of another major version is an error") { box in
        box["ociVersion"] = "99.0.0"
        try box.refused("ociVersion is 99.0.0")
    },
    Case("config.md#specification-version", "any older minor version is taken") { box in
        box["ociVersion"] = "1.0.0"
        try box.accepted()
    },
]

let rootCases: [Case] = [
    Case("config.md#root", "root.path may be relative to the bundle") { box in
        _ = try box.host("echo relative >rootfs/here")
        box["root", "path"] = "rootfs"
        try box.prints("cat /here", "relative")
    },
    Case("config.md#root", "root.path may be absolute") { box in
        box["root", "path"] = "\(box.path)/rootfs"
        _ = try box.host("echo absolute >rootfs/here")
        try box.prints("cat /here", "absolute")
    },
    Case("config.md#root", "a configuration without root is an error") { box in
        box["root"] = nil
        try box.refused("root is missing")
    },
    Case("config.md#root", "a root.path where there is no directory is an error") { box in
        box["root", "path"] = "not-there"
        try box.refused("root.path does not exist")
    },
    Case("config.md#root", "a root.path that is a file is an error") { box in
        _ = try box.host("touch file")
        box["root", "path"] = "file"
        try box.refused("root.path is a file")
    },
    Case("config.md#root", "a read-only root can't be written") { box in
        box["root", "readonly"] = true
        try box.prints("touch /x 2>/dev/null; echo $?", "1")
    },
    Case("config.md#root", "the root is writable by default") { box in
        try box.prints("touch /x && echo written", "written")
    },
    Case("config.md#root", "mounts below a read-only root stay writable") { box in
        box["root", "readonly"] = true
        box.append(mount: "/tmp", "tmpfs", "tmpfs", [])
        try box.prints("touch /tmp/x && echo written", "written")
    },
]

let annotationCases: [Case] = [
    Case("config.md#annotations", "state shows the annotations") { box in
        box["annotations"] = ["com.example.key": "value", "com.example.empty": ""]
        try box.create()
        let annotations = try box.state()?["annotations"]
        try requireEqual("com.example.key", annotations?["com.example.key"]?.string, "value")
        try requireEqual("com.example.empty", annotations?["com.example.empty"]?.string, "")
    },
    Case("config.md#annotations", "an empty annotation key is an error") { box in
        box["annotations"] = ["": "value"]
        try box.refused("a key is empty")
    },
    Case("config.md#annotations", "an annotation that is no string is an error") { box in
        box["annotations"] = ["com.example.number": 1]
        try box.refused("a value is a number")
    },
    Case("config.md#annotations", "annotations that are no map are an error") { box in
        box["annotations"] = ["com.example.key"]
        try box.refused("it is an array")
    },
    Case("config.md#annotations", "an unknown key of the reserved namespace is no error") { box in
        box["annotations"] = ["org.opencontainers.unheard-of": "x"]
        try box.accepted()
    },
    Case("config.md#extensibility", "an unknown property at the top is ignored") { box in
        box["unheardOf"] = ["a": [1, 2]]
        try box.accepted()
    },
    Case("config.md#extensibility", "an unknown property of process, linux or a mount is ignored") { box in
        box["process", "unheardOf"] = true
        box["linux", "unheardOf"] = "x"
        box.append(["destination": "/m", "type": "tmpfs", "source": "tmpfs", "unheardOf": 1], to: "mounts")
        try box.accepted()
    },
    Case("config.md#hostname", "the host name is what processes see") { box in
        box["hostname"] = "conformance"
        try box.prints("hostname", "conformance")
    },
    Case("config.md#domainname", "the domain name is what processes see") { box in
        box["domainname"] = "conformance.test"
        try box.prints("cat /proc/sys/kernel/domainname", "conformance.test")
    },
]

/// Each a path into the configuration and a value it can't have.
let invalidValueCases: [Case] =
    [
        ("process.args", ["process", "args"], "sh"), ("process.env", ["process", "env"], ["A": "b"]),
        ("process.cwd", ["process", "cwd"], 1), ("process.terminal", ["process", "terminal"], "yes"),
        ("process.user.uid", ["process", "user", "uid"], "root"), ("process.user.uid", ["process", "user", "uid"], -1),
        ("process.rlimits", ["process", "rlimits"], [["type": "RLIMIT_NOFILE", "soft": "many", "hard": 1]]),
        ("process.capabilities.bounding", ["process", "capabilities", "bounding"], "CAP_KILL"),
        ("process.oomScoreAdj", ["process", "oomScoreAdj"], 5000),
        ("root.readonly", ["root", "readonly"], "no"), ("mounts", ["mounts"], "none"), ("hostname", ["hostname"], 5),
        ("linux.namespaces", ["linux", "namespaces"], ["pid"]), ("linux.sysctl", ["linux", "sysctl"], ["a.b"]),
        ("linux.resources.memory.limit", ["linux", "resources", "memory", "limit"], "1g"),
        ("linux.resources.pids.limit", ["linux", "resources", "pids", "limit"], "none"),
        ("linux.maskedPaths", ["linux", "maskedPaths"], "/proc/kcore"), ("hooks", ["hooks"], ["poststop"]),
    ].map { (name: String, path: [String], value: JSONValue) in
        let text = String(decoding: value.serialized(), as: UTF8.self)
        return Case("config.md#valid-values", "\(name): \(text) is an error") { box in
            var changed = box.config
            changed.put(path[...], value)
            box.config = changed
            try box.refused("\(name) is \(text)")
        }
    }
    + [
        Case("config.md#valid-values", "a config.json that is no JSON is an error") { box in
            try File.write(Array("{\"ociVersion\": \"1.0.0\",".utf8), to: "\(box.path)/config.json")
            let outcome = try box.call("create", ["--bundle", box.path, box.id])
            try require(!outcome.succeeded, "create generates an error", came: "it succeeded")
        }
    ]

extension JSONValue {
    fileprivate mutating func put(_ path: ArraySlice<String>, _ value: JSONValue) {
        guard let name = path.first else {
            self = value
            return
        }
        var object = self.object ?? JSONObject()
        var member = object[name] ?? .object([:])
        member.put(path.dropFirst(), value)
        object[name] = member
        self = .object(object)
    }
}
