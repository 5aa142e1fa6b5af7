// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON

/// A kind of hook: when it is called, and in whose namespaces.
struct HookKind: Sendable {
    let name: String
    let isContainers: Bool
    /// How the spec calls the container's state at that time.
    let status: [String]
    /// The operation it is part of.
    let operation: String

    static let all = [
        HookKind(name: "prestart", isContainers: false, status: ["creating", "created"], operation: "create"),
        HookKind(name: "createRuntime", isContainers: false, status: ["creating", "created"], operation: "create"),
        HookKind(name: "createContainer", isContainers: true, status: ["creating", "created"], operation: "create"),
        HookKind(name: "startContainer", isContainers: true, status: ["created"], operation: "start"),
        HookKind(name: "poststart", isContainers: false, status: ["running"], operation: "start"),
        HookKind(name: "poststop", isContainers: false, status: ["stopped"], operation: "delete"),
    ]

    /// Where a hook's shell text can write, and where the suite finds it: a startContainer hook lives in the container.
    func place(_ box: Box) -> (inside: String, outside: String) {
        name == "startContainer" ? ("/tmp", "\(box.path)/rootfs/tmp") : (box.path, box.path)
    }

    var section: String {
        name == "createRuntime" || name == "createContainer" || name == "startContainer"
            ? "config.md#\(name.lowercased())-hooks" : "config.md#\(name)"
    }
}

extension Box {
    func add(hook kind: String, _ script: String, timeout: Int64? = nil) {
        var hook: JSONObject = [
            "path": "/bin/sh", "args": ["sh", "-c", .string(script)], "env": ["PATH=/usr/bin:/bin"],
        ]
        if let timeout { hook["timeout"] = .integer(timeout) }
        append(.object(hook), to: "hooks", kind)
    }

    /// create, start, wait and delete. The program leaves `ran` in its /tmp.
    func wholeLife() throws {
        script = "touch /tmp/ran"
        try createAndStart()
        try waitUntilStopped()
        try delete()
    }
}

let hookCases: [Case] =
    HookKind.all.flatMap { kind in
        [
            Case(kind.section, "\(kind.name) hooks are called in \(kind.operation), once") { box in
                let place = kind.place(box)
                box.add(hook: kind.name, "echo called >>\(place.inside)/hook")
                box.script = "sleep 100"
                func called() -> String { File.readIfThere("\(place.outside)/hook") ?? "" }
                try box.create()
                try requireEqual("calls after create", called(), kind.operation == "create" ? "called" : "")
                try box.start()
                _ = eventually { kind.operation == "delete" || !called().isEmpty }
                try requireEqual("calls after start", called(), kind.operation == "delete" ? "" : "called")
                _ = try box.call("kill", [box.id, "KILL"])
                try box.waitUntilStopped()
                try box.delete()
                try requireEqual("calls after delete", called(), "called")
            },
            Case(kind.section, "\(kind.name) hooks run in the \(kind.isContainers ? "container" : "runtime") namespace")
            {
                box in
                let place = kind.place(box)
                box.add(hook: kind.name, "readlink /proc/self/ns/mnt >\(place.inside)/hook")
                try box.wholeLife()
                let ours = try box.host("readlink /proc/self/ns/mnt")
                let theirs = File.readIfThere("\(place.outside)/hook") ?? "not called"
                try require(
                    (theirs == ours) != kind.isContainers,
                    "the mount namespace is \(kind.isContainers ? "not " : "")\(ours)", came: theirs)
            },
            Case("config.md#posix-platform-hooks", "\(kind.name) hooks read the state on standard input") { box in
                let place = kind.place(box)
                box["annotations"] = ["com.example.key": "value"]
                box.add(hook: kind.name, "cat >\(place.inside)/hook")
                try box.wholeLife()
                let text = File.readIfThere("\(place.outside)/hook") ?? ""
                guard let state = try? JSON.parse(Array(text.utf8)) else {
                    throw Mismatch(expected: "a state in JSON", came: text)
                }
                try requireEqual("id", state["id"]?.string, box.id)
                try requireEqual("bundle", state["bundle"]?.string, box.path)
                try require(state["ociVersion"]?.string != nil, "ociVersion", came: text)
                let status = state["status"]?.string ?? ""
                try require(
                    kind.status.contains(status), "status \(kind.status.joined(separator: " or "))", came: status)
                try requireEqual("annotations", state["annotations"]?["com.example.key"]?.string, "value")
                if kind.name != "poststop" { try require((state["pid"]?.integer ?? 0) > 0, "pid", came: text) }
            },
            Case("config.md#posix-platform-hooks", "\(kind.name) hooks are called in the listed order") { box in
                let place = kind.place(box)
                for number in 1...3 { box.add(hook: kind.name, "echo \(number) >>\(place.inside)/hook") }
                try box.wholeLife()
                try requireEqual("order", (File.readIfThere("\(place.outside)/hook") ?? "").words, ["1", "2", "3"])
            },
            Case("config.md#posix-platform-hooks", "\(kind.name) hooks get args and env as they are") { box in
                let place = kind.place(box)
                box.append(
                    [
                        "path": "/bin/sh",
                        "args": [
                            "sh", "-c", "echo $0 $1 >\(place.inside)/hook; env >>\(place.inside)/hook", "zero", "one",
                        ],
                        "env": ["PATH=/usr/bin:/bin", "ONLY=this"],
                    ], to: "hooks", kind.name)
                box.environment = ["LEAKED=yes"]
                try box.wholeLife()
                let lines = (File.readIfThere("\(place.outside)/hook") ?? "").lines
                try requireEqual("arguments", lines.first, "zero one")
                try require(lines.contains("ONLY=this"), "ONLY=this", came: lines.joined(separator: " "))
                try require(!lines.contains("LEAKED=yes"), "no other variables", came: lines.joined(separator: " "))
            },
            Case("config.md#posix-platform-hooks", "\(kind.name): a path that is not absolute is an error") { box in
                box.append(["path": "bin/sh"], to: "hooks", kind.name)
                try failsSomewhere(box, kind)
            },
            Case("config.md#posix-platform-hooks", "\(kind.name): a timeout of 0 is an error") { box in
                box.add(hook: kind.name, "true", timeout: 0)
                try failsSomewhere(box, kind)
            },
        ]
    }

/// An error of create, start or delete, whichever comes to look at it.
@Sendable private func failsSomewhere(_ box: Box, _ kind: HookKind) throws {
    box.script = "true"
    guard try box.tryCreate().succeeded, try box.call("start", [box.id]).succeeded else { return }
    try box.waitUntilStopped()
    let deleted = try box.call("delete", [box.id])
    try require(!deleted.succeeded, "an error in create, start or delete", came: "none")
}

let hookTimingCases: [Case] =
    ["prestart", "createRuntime", "createContainer"].map { name in
        Case(
            name == "prestart" ? "config.md#prestart" : "config.md#\(name.lowercased())-hooks",
            "\(name) hooks come before the root is changed, and after the namespaces are made"
        ) { box in
            box.script = "touch /tmp/ran"
            // The container's process, or the hook itself, still has the machine's root.
            let process = name == "createContainer" ? "self" : "$pid"
            box.add(
                hook: name,
                """
                pid=$(sed -n 's/.*"pid": *\\([0-9]*\\).*/\\1/p')
                { test -e /proc/\(process)/root\(box.path)/config.json && echo before
                [ "$(readlink /proc/\(process)/ns/ipc)" != "$(readlink /proc/$PPID/ns/ipc)" ] && echo made; } >\(box.path)/hook
                """)
            try box.create()
            let text = (File.readIfThere("\(box.path)/hook") ?? "").words
            try require(text.contains("before"), "the root is the machine's", came: text.joined(separator: " "))
            if name != "createContainer" {
                try require(text.contains("made"), "the namespaces are made", came: text.joined(separator: " "))
            }
        }
    }
    + [
        Case("config.md#prestart", "prestart, createRuntime and createContainer hooks come in this order") { box in
            for name in ["createContainer", "createRuntime", "prestart"] {
                box.add(hook: name, "echo \(name) >>\(box.path)/hook")
            }
            try box.wholeLife()
            let order = (File.readIfThere("\(box.path)/hook") ?? "").words
            try requireEqual("order", order, ["prestart", "createRuntime", "createContainer"])
        },
        Case("config.md#startcontainer-hooks", "startContainer hooks come before the program") { box in
            box.add(hook: "startContainer", "sleep 0.2; test -e /tmp/ran || echo before >/tmp/hook")
            try box.wholeLife()
            try requireEqual("hook", File.readIfThere("\(box.path)/rootfs/tmp/hook"), "before")
        },
        Case("config.md#startcontainer-hooks", "startContainer paths are the container's") { box in
            _ = try box.host("ln -s /bin/busybox rootfs/only-here")
            box.append(["path": "/only-here", "args": ["touch", "/tmp/hook"]], to: "hooks", "startContainer")
            try box.wholeLife()
            try require(
                File.exists("\(box.path)/rootfs/tmp/hook"), "the container's program is found", came: "it is not")
        },
        Case("config.md#createcontainer-hooks", "createContainer paths are the runtime's") { box in
            _ = try box.host("cp \"$(command -v busybox)\" touch")
            box.append(
                ["path": "\(box.path)/touch", "args": ["touch", "\(box.path)/hook"]], to: "hooks", "createContainer")
            try box.wholeLife()
            try require(File.exists("\(box.path)/hook"), "the machine's program is found", came: "it is not")
        },
        Case("config.md#poststart", "poststart hooks come after the program is started, before start returns") { box in
            let ran = "\(box.path)/rootfs/tmp/ran"
            box.add(
                hook: "poststart",
                "for i in 1 2 3 4 5 6 7 8 9 10; do test -e \(ran) && break; sleep 0.1; done; ls \(ran) >\(box.path)/hook"
            )
            box.script = "touch /tmp/ran; sleep 100"
            try box.createAndStart()
            try requireEqual("what the hook sees", File.readIfThere("\(box.path)/hook"), ran)
        },
        Case("config.md#poststop", "poststop hooks come after the container is gone, before delete returns") { box in
            let cgroups = "ls -d /sys/fs/cgroup\(box.cgroup) /sys/fs/cgroup/*\(box.cgroup) 2>/dev/null"
            box.add(hook: "poststop", "{ \(cgroups); echo called; } >\(box.path)/hook")
            try box.wholeLife()
            try requireEqual("cgroups the hook sees", File.readIfThere("\(box.path)/hook"), "called")
        },
        Case("config.md#posix-platform-hooks", "a hook is aborted after its timeout") { box in
            box.add(hook: "createRuntime", "sleep 15", timeout: 1)
            let started = time(nil)
            let outcome = try box.tryCreate()
            try require(time(nil) - started < 10, "an end after 1 second", came: "\(time(nil) - started) seconds")
            try require(!outcome.succeeded, "create generates an error", came: "it succeeded")
        },
    ]
