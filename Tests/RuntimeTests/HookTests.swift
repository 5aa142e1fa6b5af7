// SPDX-License-Identifier: Apache-2.0

import OCI
import Testing

/// Hooks: when, where and with what they run, and what becomes of the container when one fails. Needs root.
@Suite(.serialized) struct HookTests {
    private func hook(_ script: String, timeout: Int? = nil, env: [String]? = nil) -> RuntimeSpec.Hook {
        .init(path: "/bin/sh", args: ["sh", "-c", script], env: env ?? ["PATH=/usr/bin:/bin"], timeout: timeout)
    }

    @Test func allSixInTheirOrder() throws {
        let bundle = try TestBundle("sh", "-c", "echo program >> /log")
        let log = "\(bundle.path)/rootfs/log"
        func note(_ name: String, _ path: String) -> [RuntimeSpec.Hook] { [hook("echo \(name) >> \(path)")] }
        var hooks = RuntimeSpec.Hooks()
        hooks.prestart = note("prestart", log)
        hooks.createRuntime = note("createRuntime", log)
        hooks.createContainer = note("createContainer", log)
        hooks.startContainer = note("startContainer", "/log")
        hooks.poststart = [hook("while ! grep -q program \(log); do sleep 0.01; done; echo poststart >> \(log)")]
        hooks.poststop = note("poststop", log)
        bundle.spec.hooks = hooks
        let outcome = try bundle.run()
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(
            try shell("cat \(log)").output
                == "prestart\ncreateRuntime\ncreateContainer\nstartContainer\nprogram\npoststart\npoststop\n")
    }

    @Test func theStateIsOnStandardInput() throws {
        let bundle = try TestBundle("sleep", "1000")
        var hooks = RuntimeSpec.Hooks()
        hooks.createRuntime = [hook("cat > \(bundle.path)/createRuntime")]
        hooks.createContainer = [hook("cat > \(bundle.path)/createContainer")]
        hooks.startContainer = [hook("cat > /startContainer")]
        hooks.poststart = [hook("cat > \(bundle.path)/poststart")]
        hooks.poststop = [hook("cat > \(bundle.path)/poststop")]
        bundle.spec.hooks = hooks
        // More than a pipe holds.
        bundle.spec.annotations = ["org.example.key": String(repeating: "v", count: 100_000)]
        try bundle.start()
        let pid = try shell("cat \(bundle.path)/state/\(bundle.id)/state.json").output.firstNumber(after: "\"pid\":")
        try bundle.runtime("delete --force \(bundle.id)")
        let expected = [
            ("createRuntime", "creating"), ("createContainer", "creating"), ("rootfs/startContainer", "created"),
            ("poststart", "running"), ("poststop", "stopped"),
        ]
        for (name, status) in expected {
            let state = try shell("cat \(bundle.path)/\(name)").output
            #expect(state.contains(#""status":"\#(status)""#), "\(name)")
            #expect(state.contains(#""id":"\#(bundle.id)""#), "\(name)")
            #expect(state.contains(#""org.example.key":"vvv"#), "\(name)")
            #expect(state.contains(#""bundle":"\#(bundle.path)""#), "\(name)")
            if name != "poststop" { #expect(state.contains(#""pid":\#(pid)"#), "\(name): \(pid) \(state.prefix(99))") }
        }
    }

    @Test func namespacesArgumentsAndEnvironment() throws {
        let bundle = try TestBundle("true")
        let script = "{ readlink /proc/self/ns/mnt; readlink /proc/self/ns/uts; echo $0 $A; env | wc -l; } > "
        func hook(_ path: String) -> RuntimeSpec.Hook {
            .init(path: "/bin/sh", args: ["sh", "-c", script + path, "name"], env: ["A=b", "PATH=/bin:/usr/bin"])
        }
        var hooks = RuntimeSpec.Hooks()
        hooks.createRuntime = [hook("\(bundle.path)/runtime")]
        hooks.createContainer = [hook("\(bundle.path)/container")]
        bundle.spec.hooks = hooks
        #expect(try bundle.run().status == 0)
        let host = try shell("readlink /proc/self/ns/mnt; readlink /proc/self/ns/uts").output
        let runtime = try shell("cat \(bundle.path)/runtime").output
        let container = try shell("cat \(bundle.path)/container").output
        #expect(runtime.hasPrefix(host))
        #expect(runtime.contains("name b\n"))
        let lines = host.split(separator: "\n")
        #expect(!container.contains(lines[0]) && !container.contains(lines[1]))
    }

    @Test(arguments: ["prestart", "createRuntime", "createContainer"])
    func oneThatFailsStopsTheCreation(_ kind: String) throws {
        let bundle = try TestBundle("true")
        let failing = [hook("echo out; echo err >&2; exit 3"), hook("touch \(bundle.path)/second")]
        var hooks = RuntimeSpec.Hooks()
        switch kind {
        case "prestart": hooks.prestart = failing
        case "createRuntime": hooks.createRuntime = failing
        default: hooks.createContainer = failing
        }
        hooks.poststop = [hook("touch \(bundle.path)/end")]
        bundle.spec.hooks = hooks
        let outcome = try bundle.run()
        #expect(outcome.status == 125)
        #expect(outcome.output.contains("\(kind) hook /bin/sh failed: exit status 3: out\nerr"), "\(outcome.output)")
        #expect(try shell("ls \(bundle.path)").output.contains("second") == false)
        #expect(try bundle.status().isEmpty)
        // The end of its life, all the same.
        #expect(try shell("ls \(bundle.path)").output.contains("end"))
    }

    @Test func aStartContainerHookThatFailsFailsTheStart() throws {
        let bundle = try TestBundle("sh", "-c", "echo ran > /ran")
        bundle.spec.hooks = .init()
        bundle.spec.hooks?.startContainer = [hook("echo why; exit 4")]
        try bundle.writeConfiguration()
        #expect(try bundle.runtime("create -b \(bundle.path) \(bundle.id) </dev/null >/dev/null 2>&1").status == 0)
        let started = try bundle.runtime("start \(bundle.id)")
        #expect(started.status == 1)
        #expect(started.output.contains("startContainer hook /bin/sh failed: exit status 4: why"), "\(started.output)")
        #expect(try eventually { try bundle.status() == "stopped" })
        #expect(try shell("ls \(bundle.path)/rootfs").output.contains("ran") == false)
        #expect(try bundle.runtime("delete \(bundle.id)").status == 0)
        #expect(try shell("ls \(bundle.path)/state").output == "")
        let run = try bundle.run()
        #expect(run.status == 125)
        #expect(run.output.contains("exit status 4: why"), "\(run.output)")
    }

    @Test func aPoststartHookThatFailsStopsTheContainer() throws {
        let bundle = try TestBundle("sleep", "1000")
        bundle.spec.hooks = .init()
        bundle.spec.hooks?.poststart = [hook("exit 5")]
        try bundle.writeConfiguration()
        #expect(try bundle.runtime("create -b \(bundle.path) \(bundle.id) </dev/null >/dev/null 2>&1").status == 0)
        let started = try bundle.runtime("start \(bundle.id)")
        #expect(started.status == 1)
        #expect(started.output.contains("poststart hook /bin/sh failed: exit status 5"))
        #expect(try eventually { try bundle.status() == "stopped" })
    }

    /// The program may have ended before `start` comes to them.
    @Test func poststartHooksRunHoweverShortTheProgramIs() throws {
        let bundle = try TestBundle("true")
        bundle.spec.hooks = .init()
        bundle.spec.hooks?.startContainer = [.init(path: "/bin/true", args: ["true"])]
        bundle.spec.hooks?.poststart = [hook("echo called >>\(bundle.path)/calls")]
        try bundle.writeConfiguration()
        for _ in 0..<20 {
            #expect(try bundle.runtime("create -b \(bundle.path) \(bundle.id) </dev/null >/dev/null 2>&1").status == 0)
            let started = try bundle.runtime("start \(bundle.id)")
            #expect(started.status == 0, "\(started.output)")
            #expect(try eventually { try bundle.status() == "stopped" })
            #expect(try bundle.runtime("delete \(bundle.id)").status == 0)
        }
        #expect(try shell("wc -l <\(bundle.path)/calls").output == "20\n")
    }

    @Test func poststopHooksAllRun() throws {
        let bundle = try TestBundle("true")
        bundle.spec.hooks = .init()
        bundle.spec.hooks?.poststop = [hook("exit 6"), hook("touch \(bundle.path)/second")]
        let outcome = try bundle.run()
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("warning: poststop hook /bin/sh failed: exit status 6"))
        #expect(try shell("ls \(bundle.path)").output.contains("second"))
    }

    @Test func timeIsUp() throws {
        let bundle = try TestBundle("true")
        bundle.spec.hooks = .init()
        bundle.spec.hooks?.createRuntime = [hook("echo going; exec sleep 30", timeout: 1)]
        let outcome = try bundle.run()
        #expect(outcome.status == 125)
        #expect(outcome.output.contains("createRuntime hook /bin/sh did not end in 1 seconds: going"))
        #expect(try shell("pgrep -f '[s]leep 30$'", mayFail: true).status != 0)
    }

    @Test func whatTheyWriteIsNotTheContainers() throws {
        let bundle = try TestBundle("echo", "program")
        bundle.spec.hooks = .init()
        bundle.spec.hooks?.createRuntime = [hook("echo hook; dd if=/dev/zero bs=4096 count=400 2>/dev/null; true")]
        bundle.spec.hooks?.startContainer = [hook("echo hook")]
        #expect(try bundle.run().output == "program\n")
    }
}
