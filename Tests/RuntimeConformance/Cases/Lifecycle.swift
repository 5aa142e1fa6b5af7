// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON

let stateCases: [Case] = [
    Case("runtime.md#state", "it has ociVersion, id, status, pid and bundle") { box in
        try box.create()
        guard let state = try box.state() else { throw Mismatch(expected: "a state", came: "an error") }
        try requireEqual("id", state["id"]?.string, box.id)
        try requireEqual("bundle", state["bundle"]?.string, box.path)
        try requireEqual("status", state["status"]?.string, "created")
        try require(state["ociVersion"]?.string?.hasPrefix("1.") == true, "ociVersion", came: "\(state)")
        try requireEqual("pid", state["pid"]?.integer, Int64(box.pid))
    },
    Case("runtime.md#state", "the pid is the process's, as the machine sees it") { box in
        box.script = "sleep 1234"
        try box.createAndStart()
        let pid = try box.state()?["pid"]?.integer ?? 0
        let seen = eventually { (try? File.read("/proc/\(pid)/cmdline"))?.contains("1234") == true }
        try require(
            seen, "the program's command line at \(pid)", came: (try? File.read("/proc/\(pid)/cmdline")) ?? "no process"
        )
    },
    Case("runtime.md#state", "the bundle's path is absolute") { box in
        try box.writeConfiguration()
        let outcome = try Command.run(
            ["/bin/sh", "-c", "cd \(box.path) && \(box.runtime) --root \(box.path)/state create -b . \(box.id)"],
            directory: box.path)
        try require(outcome.succeeded, "create succeeds", came: outcome.summary)
        try requireEqual("bundle", try box.state()?["bundle"]?.string, box.path)
    },
    Case("runtime.md#state", "status is created, running, stopped, in this order") { box in
        box.script = "sleep 100"
        try box.create()
        try requireEqual("status after create", try box.status(), "created")
        try box.start()
        try requireEqual("status after start", try box.status(), "running")
        _ = try box.call("kill", [box.id, "KILL"])
        try box.waitUntilStopped()
    },
    Case("runtime.md#query-state", "without an id it is an error") { box in
        let outcome = try box.call("state", [])
        try require(!outcome.succeeded, "state generates an error", came: "it succeeded")
    },
    Case("runtime.md#query-state", "of what does not exist it is an error") { box in
        let outcome = try box.call("state", [box.id])
        try require(!outcome.succeeded, "state generates an error", came: "it succeeded")
    },
]

private let badIDs = ["", "a/b", "..", "../x"]

let operationCases: [Case] =
    ["start", "kill", "delete"].flatMap { operation in
        [
            Case("runtime.md#\(operation)", "without an id it is an error") { box in
                let outcome = try box.call(operation, [])
                try require(!outcome.succeeded, "\(operation) generates an error", came: "it succeeded")
            },
            Case("runtime.md#\(operation)", "of what does not exist it is an error") { box in
                let outcome = try box.call(operation, operation == "kill" ? [box.id, "TERM"] : [box.id])
                try require(!outcome.succeeded, "\(operation) generates an error", came: "it succeeded")
            },
        ]
    }
    + badIDs.map { id in
        Case("runtime.md#create", "the id \"\(id)\" is an error") { box in
            let outcome = try box.tryCreate(id: id)
            try require(!outcome.succeeded, "create generates an error", came: "it succeeded")
        }
    }
    + [
        Case("runtime.md#create", "without an id it is an error") { box in
            try box.writeConfiguration()
            let outcome = try box.call("create", ["--bundle", box.path])
            try require(!outcome.succeeded, "create generates an error", came: "it succeeded")
        },
        Case("runtime.md#create", "without a bundle it is an error") { box in
            // The working directory, which a runtime may take for it, has no config.json.
            let outcome = try box.call("create", ["--bundle", "\(box.path)/state", box.id])
            try require(!outcome.succeeded, "create generates an error", came: "it succeeded")
        },
        Case("runtime.md#create", "an id that is taken is an error, and the first container stays") { box in
            box.script = "sleep 100"
            try box.createAndStart()
            let pid = box.pid
            let second = try box.tryCreate()
            try require(!second.succeeded, "the second create generates an error", came: "it succeeded")
            try requireEqual("status of the first", try box.status(), "running")
            try requireEqual("pid of the first", try box.state()?["pid"]?.integer, Int64(pid))
        },
        Case("runtime.md#create", "the program does not run yet") { box in
            box.script = "touch /tmp/ran"
            try box.create()
            usleep(200_000)
            try require(!File.exists("\(box.path)/rootfs/tmp/ran"), "the program has not run", came: "it has")
        },
        Case("runtime.md#create", "everything is there: namespaces, cgroup, mounts") { box in
            box.append(mount: "/m", "tmpfs", "tmpfs", [])
            try box.create()
            let table = try File.read("/proc/\(box.pid)/mountinfo").lines.compactMap(MountLine.init)
            try require(table.contains { $0.place == "/m" }, "the mount /m", came: "none")
            try require(!Host.directories(ofCgroup: box.cgroup).isEmpty, "the cgroup", came: "none")
            let ours = try box.host("readlink /proc/self/ns/ipc")
            try require(try box.host("readlink /proc/\(box.pid)/ns/ipc") != ours, "an ipc namespace", came: ours)
        },
        Case("runtime.md#create", "later changes of config.json have no effect") { box in
            box.script = "echo first"
            try box.create()
            box.script = "echo second"
            try box.writeConfiguration()
            try box.start()
            try box.waitUntilStopped()
            try requireEqual("output", box.printed, "first")
        },
        Case("runtime.md#start", "it runs the program") { box in
            box.script = "echo it runs"
            try box.createAndStart()
            try box.waitUntilStopped()
            try requireEqual("output", box.printed, "it runs")
        },
        Case("runtime.md#start", "a second time it is an error without effect") { box in
            box.script = "echo run >>/tmp/runs; sleep 100"
            try box.createAndStart()
            let second = try box.call("start", [box.id])
            try require(!second.succeeded, "the second start generates an error", came: "it succeeded")
            try requireEqual("status", try box.status(), "running")
            try requireEqual("runs", File.readIfThere("\(box.path)/rootfs/tmp/runs"), "run")
        },
        Case("runtime.md#start", "of a stopped container it is an error") { box in
            box.script = "true"
            try box.createAndStart()
            try box.waitUntilStopped()
            let second = try box.call("start", [box.id])
            try require(!second.succeeded, "start generates an error", came: "it succeeded")
        },
        Case("runtime.md#kill", "it sends the signal it is given") { box in
            box.script = "trap 'echo usr1 >/tmp/got; exit' USR1; echo ready >/tmp/ready; while :; do sleep 0.05; done"
            try box.createAndStart()
            let ready = eventually { File.exists("\(box.path)/rootfs/tmp/ready") }
            try require(ready, "the program runs", came: "it does not")
            let outcome = try box.call("kill", [box.id, "USR1"])
            try require(outcome.succeeded, "kill succeeds", came: outcome.summary)
            try box.waitUntilStopped()
            try requireEqual("signal", File.readIfThere("\(box.path)/rootfs/tmp/got"), "usr1")
        },
        Case("runtime.md#kill", "a created container can be killed") { box in
            try box.create()
            let outcome = try box.call("kill", [box.id, "KILL"])
            try require(outcome.succeeded, "kill succeeds", came: outcome.summary)
            try box.waitUntilStopped()
        },
        Case("runtime.md#kill", "of a stopped container it is an error") { box in
            box.script = "true"
            try box.createAndStart()
            try box.waitUntilStopped()
            let outcome = try box.call("kill", [box.id, "TERM"])
            try require(!outcome.succeeded, "kill generates an error", came: "it succeeded")
        },
        Case("runtime.md#kill", "an unknown signal is an error without effect") { box in
            box.script = "sleep 100"
            try box.createAndStart()
            let outcome = try box.call("kill", [box.id, "NOSUCH"])
            try require(!outcome.succeeded, "kill generates an error", came: "it succeeded")
            try requireEqual("status", try box.status(), "running")
        },
        Case("runtime.md#delete", "of a running container it is an error without effect") { box in
            box.script = "sleep 100"
            try box.createAndStart()
            let outcome = try box.call("delete", [box.id])
            try require(!outcome.succeeded, "delete generates an error", came: "it succeeded")
            try requireEqual("status", try box.status(), "running")
        },
        Case("runtime.md#delete", "of a created container it is an error without effect") { box in
            try box.create()
            let outcome = try box.call("delete", [box.id])
            try require(!outcome.succeeded, "delete generates an error", came: "it succeeded")
            try requireEqual("status", try box.status(), "created")
        },
        Case("runtime.md#delete", "it takes back what create made") { box in
            let before = try Host.snapshot()
            box.script = "true"
            try box.createAndStart()
            try box.waitUntilStopped()
            try box.delete()
            let left = try Host.snapshot().filter { !before.contains($0) }
            try require(left.isEmpty, "nothing is left", came: left.joined(separator: "; "))
            try requireEqual("state", try box.status(), "no such container")
        },
        Case("runtime.md#delete", "it leaves what it did not make") { box in
            let holder = try Holder(box, "-n")
            defer { holder.end() }
            _ = try box.host("mkdir source && echo kept >source/file")
            box.set(namespace: "network", path: "/proc/\(holder.pid)/ns/net")
            box.append(mount: "/m", "bind", "\(box.path)/source", ["bind"])
            box.script = "true"
            try box.createAndStart()
            try box.waitUntilStopped()
            try box.delete()
            try requireEqual("file", File.readIfThere("\(box.path)/source/file"), "kept")
            try require(File.exists("/proc/\(holder.pid)/ns/net"), "the namespace's holder lives", came: "it does not")
        },
        Case("runtime.md#delete", "the id can be used again") { box in
            box.script = "true"
            for _ in 0..<2 {
                try box.createAndStart()
                try box.waitUntilStopped()
                try box.delete()
            }
        },
        Case("runtime.md#errors", "a create that fails late leaves nothing") { box in
            box.add(hook: "createContainer", "exit 1")
            let before = try Host.snapshot()
            try box.refused("a hook fails")
            let same = try eventually { try Host.snapshot().filter { !before.contains($0) }.isEmpty }
            try require(same, "the mounts and cgroups from before", came: "others")
            try requireEqual("state directory", Host.names(in: "\(box.path)/state").filter { $0 == box.id }, [])
        },
    ]

let lifecycleCases: [Case] =
    ["prestart", "createRuntime", "createContainer"].map { hook in
        Case("runtime.md#lifecycle", "a \(hook) hook that fails makes create an error, and the container is gone") {
            box in
            box.add(hook: hook, "exit 3")
            box.script = "touch /tmp/ran"
            try box.refused("the hook exits with 3")
            try require(!File.exists("\(box.path)/rootfs/tmp/ran"), "the program has not run", came: "it has")
        }
    }
    + [
        Case("runtime.md#lifecycle", "a startContainer hook that fails is an error, and the program does not run") {
            box in
            box.add(hook: "startContainer", "exit 3")
            box.script = "touch /tmp/ran; sleep 100"
            try box.create()
            let outcome = try box.call("start", [box.id])
            usleep(200_000)
            try require(!File.exists("\(box.path)/rootfs/tmp/ran"), "the program has not run", came: "it has")
            let stopped = try eventually { ["stopped", "no such container"].contains(try box.status()) }
            try require(stopped, "the container is stopped", came: try box.status())
            try require(!outcome.succeeded, "start generates an error", came: "it succeeded")
        },
        Case("runtime.md#lifecycle", "a poststart hook that fails is an error, and the container is stopped") { box in
            box.add(hook: "poststart", "exit 3")
            box.script = "sleep 100"
            try box.create()
            let outcome = try box.call("start", [box.id])
            try require(!outcome.succeeded, "start generates an error", came: "it succeeded")
            let stopped = try eventually { ["stopped", "no such container"].contains(try box.status()) }
            try require(stopped, "the container is stopped", came: try box.status())
        },
        Case("runtime.md#lifecycle", "a poststop hook that fails does not keep the others, or delete, from going on") {
            box in
            box.add(hook: "poststop", "exit 3")
            box.add(hook: "poststop", "echo called >\(box.path)/second")
            try box.wholeLife()
            try requireEqual("the second hook", File.readIfThere("\(box.path)/second"), "called")
            try requireEqual("state", try box.status(), "no such container")
        },
        Case("runtime.md#lifecycle", "poststop hooks run after create failed in a later hook") { box in
            box.add(hook: "createContainer", "exit 3")
            box.add(hook: "poststop", "echo called >\(box.path)/after")
            try box.refused("a hook fails")
            try requireEqual("the poststop hook", File.readIfThere("\(box.path)/after"), "called")
        },
        Case("runtime.md#lifecycle", "a failing poststop hook is warned of") { box in
            box.add(hook: "poststop", "exit 3")
            box.script = "true"
            try box.createAndStart()
            try box.waitUntilStopped()
            let log = "\(box.path)/log"
            let outcome = try Command.run(
                [box.runtime, "--root", "\(box.path)/state", "--log", log, "delete", box.id], directory: box.path)
            try require(outcome.succeeded, "delete succeeds", came: outcome.summary)
            let text = (File.readIfThere(log) ?? "") + outcome.errors
            try require(!text.isEmpty, "a line in the log or on standard error", came: "none")
        },
    ]

let runtimeLinuxCases: [Case] =
    [
        ("/dev/fd", "/proc/self/fd"), ("/dev/stdin", "/proc/self/fd/0"), ("/dev/stdout", "/proc/self/fd/1"),
        ("/dev/stderr", "/proc/self/fd/2"),
    ].map { link, target in
        Case("runtime-linux.md#dev-symbolic-links", "\(link) is a link to \(target)") { box in
            try box.prints("readlink \(link)", target)
        }
    }
    + [
        Case("runtime-linux.md#file-descriptors", "only the three standard streams are open") { box in
            box["process", "args"] = ["/bin/ls", "/proc/self/fd"]
            // The fourth is that of the directory.
            try requireEqual("descriptors", try box.runOnce().output.words, ["0", "1", "2", "3"])
        },
        Case("runtime-linux.md#file-descriptors", "a descriptor of the runtime's caller is not the program's") { box in
            try box.writeConfiguration()
            box["process", "args"] = ["/bin/ls", "/proc/self/fd"]
            try box.writeConfiguration()
            let outcome = try Command.run(
                ["/bin/sh", "-c", "exec 7</ && \(box.runtime) --root \(box.path)/state run -b \(box.path) \(box.id)"],
                directory: box.path)
            try requireEqual("descriptors", outcome.output.words, ["0", "1", "2", "3"])
        },
    ]
