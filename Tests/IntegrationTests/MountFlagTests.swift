// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

/// `--mount`, `-v` and `--volumes-from`, in all their forms.
@Suite(.serialized) struct MountFlagTests {
    private static let clients = [Client.docker, .wharf]

    private struct Runner {
        let engine: TestEngine
        let client: Client

        /// What `command` prints in a container with these flags, whatever its status.
        func callAsFunction(_ flags: String..., of command: String) throws -> String {
            let outcome = try engine.command(
                ["run", "--rm"] + flags + ["busybox", "sh", "-c", "(" + command + ") 2>&1; true"], by: client)
            guard outcome.status == 0 else { throw Failure("\(flags) \(command): \(outcome)") }
            return outcome.text
        }

        func refusal(_ flags: String...) throws -> String {
            let outcome = try engine.command(["run", "--rm"] + flags + ["busybox", "true"], by: client)
            #expect(outcome.status == 125, "\(flags): \(outcome)")
            return outcome.stderr
        }
    }

    @Test(arguments: clients)
    func volumes(client: Client) throws {
        try TestEngine.with { engine in
            let run = Runner(engine: engine, client: client)
            #expect(try run("--mount", "type=volume,src=v1,dst=/www", of: "ls /www") == "index.html")
            #expect(try run("--mount", "type=volume,src=v2,dst=/www,volume-nocopy", of: "ls /www") == "")
            #expect(try run("-v", "v3:/www:nocopy", of: "ls /www") == "")
            #expect(try run("--mount", "src=v1,dst=/d,readonly", of: "touch /d/x").contains("Read-only file system"))
            try engine.ok(
                "run", "--rm", "--mount", "src=v4,dst=/d,volume-label=a=b", "busybox", "true", by: client)
            #expect(try engine.ok("volume", "inspect", "-f", "{{json .Labels}}", "v4", by: client) == #"{"a":"b"}"#)
            // Only a part of it; links lead nowhere else.
            let script = "mkdir -p /d/sub/deep; echo part >/d/sub/deep/f; ln -s /etc /d/out; ln -s sub /d/in"
            #expect(try run("-v", "v1:/d", of: script) == "")
            #expect(try run("--mount", "src=v1,dst=/p,volume-subpath=sub/deep", of: "ls /p; cat /p/f") == "f\npart")
            #expect(try run("--mount", "src=v1,dst=/p,volume-subpath=in", of: "ls /p") == "deep")
            #expect(
                try run("--mount", "src=v1,dst=/p,volume-subpath=sub/deep,readonly", of: "touch /p/x").contains(
                    "Read-only file system"))
            #expect(try run("--mount", "src=v1,dst=/p,volume-subpath=sub/deep/f", of: "cat /p") == "part")
            let outcome = try engine(
                "run", "--rm", "--mount", "src=v1,dst=/p,volume-subpath=out", "busybox", "true", by: client)
            #expect(outcome.status != 0 && outcome.stderr.contains("cannot access path"), "\(outcome)")
            for (mount, text) in [
                ("src=v1,dst=/p,volume-subpath=../x", "subpath must be a relative path within the volume"),
                ("dst=/p,volume-subpath=x", "must not set Subpath when using anonymous volumes"),
                ("dst=/p,readonly", "must not set ReadOnly mode when using anonymous volumes"),
                ("src=v1,dst=/p,volume-driver=none", "plugin \"none\" not found"),
                ("src=v1,dst=/p,volume-opt=o=uid=1", "option \"o\" of the local volume driver is not supported yet"),
                ("type=nope,src=v1,dst=/p", "mount type unknown"),
            ] {
                #expect(try run.refusal("--mount", mount).contains(text), "\(mount)")
            }
            #expect(try run.refusal("--volume-driver", "none", "-v", "v1:/d").contains("plugin \"none\" not found"))
            #expect(try run("--volume-driver", "local", "-v", "v1:/d", of: "ls /d/sub") == "deep")
            #expect(try run.refusal("-v", "v1:/a", "-v", "v2:/a").contains("Duplicate mount point: /a"))
        }
    }

    @Test(arguments: clients)
    func binds(client: Client) throws {
        try TestEngine.with { engine in
            let run = Runner(engine: engine, client: client)
            let host = engine.folder + "/host"
            try mustRun(["mkdir", "-p", host + "/below"])
            let bind = "type=bind,src=\(host),dst=/h"
            #expect(try run("--mount", bind + ",readonly", of: "touch /h/x").contains("Read-only file system"))
            for letters in ["z", "Z", "rw,rslave", "ro,cached", "delegated"] {
                #expect(try run("-v", "\(host):/h:\(letters)", of: "ls /h") == "below", "\(letters)")
            }
            // What is mounted below it is read-only with it, unless told otherwise, or not there.
            let script = """
                mount -t tmpfs none \(host)/below && touch \(host)/below/f && exec "$@"
                """
            func inside(_ flags: String..., of command: String) throws -> String {
                // The daemon's mount namespace is where binds are looked up.
                try run.callAsFunction(flags[0], flags[1], of: command)
            }
            let daemon = try #require(engine.daemon?.pid)
            try mustRun(["nsenter", "-t", "\(daemon)", "-m", "sh", "-c", script, "sh", "true"])
            defer { _ = try? mustRun(["umount", "-l", host + "/below"]) }
            #expect(try inside("--mount", bind, of: "ls /h/below") == "f")
            #expect(try inside("--mount", bind + ",bind-recursive=disabled", of: "ls /h/below") == "")
            let deep = "touch /h/below/x && echo written"
            #expect(try inside("--mount", bind + ",readonly", of: deep).contains("Read-only file system"))
            #expect(try inside("-v", host + ":/h:ro", of: deep).contains("Read-only file system"))
            #expect(try inside("--mount", bind + ",readonly,bind-recursive=writable", of: deep) == "written")
            #expect(
                try inside(
                    "--mount", bind + ",readonly,bind-propagation=rprivate,bind-recursive=readonly", of: deep
                ).contains("Read-only file system"))
            for (mount, text) in [
                ("type=bind,src=/nosuch/x,dst=/h", "bind source path does not exist: /nosuch/x"),
                (bind + ",bind-propagation=x", "invalid propagation mode: x"),
                ("type=bind,dst=/h", "field Source must not be empty"),
                ("type=bind,src=\(host),dst=/", "destination can't be '/'"),
            ] {
                #expect(try run.refusal("--mount", mount).contains(text), "\(mount)")
            }
        }
    }

    @Test(arguments: clients)
    func tmpfsAndImages(client: Client) throws {
        try TestEngine.with { engine in
            let run = Runner(engine: engine, client: client)
            let options = try run(
                "--mount", "type=tmpfs,dst=/t,tmpfs-size=1m,tmpfs-mode=700", of: "grep /t /proc/mounts")
            #expect(options.contains("size=1024k") && options.contains("mode=700"), "\(options)")
            #expect(
                try run("--mount", "type=tmpfs,dst=/t,readonly", of: "touch /t/x").contains("Read-only file system"))
            let image = "type=image,src=busybox,dst=/i"
            #expect(try run("--mount", image, of: "cat /i/www/index.html").contains("It works"))
            #expect(try run("--mount", image, of: "touch /i/x").contains("Read-only file system"))
            #expect(try run("--mount", image + ",image-subpath=www", of: "ls /i") == "index.html")
            #expect(try run("--mount", image + ",image-subpath=etc/passwd", of: "head -1 /i").hasPrefix("root:"))
            #expect(
                try run.refusal("--mount", image + ",image-subpath=../x").contains("relative path within the image"))
            let missing = try engine(
                "run", "--rm", "--mount", image + ",image-subpath=nosuch", "busybox", "true", by: client)
            #expect(missing.status != 0 && missing.stderr.contains("cannot access path"), "\(missing)")
            // An image that is mounted is in use.
            try engine.ok("load", "-i", Project.image("other.tar", ["--name", "other:1", "--fill", "1"]))
            try engine.ok(
                "run", "-d", "--name", "user", "--mount", "type=image,src=other:1,dst=/o", "busybox", "sleep", "300",
                by: client)
            let refused = try engine("rmi", "other:1", by: client)
            #expect(refused.status == 1 && refused.stderr.contains("is using its referenced image"), "\(refused)")
            #expect(
                try engine.inspect("user", "{{range .Mounts}}{{.Type}} {{.Source}} {{.RW}}{{end}}")
                    == "image other:1 false")
            try engine.ok("rm", "-f", "user", by: client)
            try engine.ok("rmi", "other:1", by: client)
        }
    }

    @Test(arguments: clients)
    func volumesFromOthers(client: Client) throws {
        try TestEngine.with { engine in
            let run = Runner(engine: engine, client: client)
            let host = engine.folder + "/host"
            try mustRun(["mkdir", host])
            try engine.ok(
                "run", "--name", "one", "-v", "named:/n", "-v", host + ":/h:ro", "-v", "/anonymous", "busybox", "sh",
                "-c", "echo kept >/n/f; echo too >/anonymous/f", by: client)
            let read = "cat /n/f /anonymous/f; ls -d /h"
            #expect(try run("--volumes-from", "one", of: read).linesOfText == ["kept", "too", "/h"])
            #expect(try run("--volumes-from", "one", of: "touch /h/x").contains("Read-only file system"))
            #expect(try run("--volumes-from", "one", of: "touch /n/x && echo ok") == "ok")
            #expect(try run("--volumes-from", "one:ro", of: "touch /n/x").contains("Read-only file system"))
            // Its own wins; and what is in use stays.
            #expect(try run("--volumes-from", "one", "-v", "mine:/n", of: "ls /n") == "")
            try engine.ok(
                "create", "--name", "two", "--volumes-from", "one", "busybox", "cat", "/anonymous/f", by: client)
            try engine.ok("rm", "-v", "one", by: client)
            #expect(try engine.ok("start", "-a", "two", by: client) == "too")
            #expect(try run.refusal("--volumes-from", "nosuch").contains("No such container: nosuch"))
            #expect(try run.refusal("--volumes-from", "two:rslave").contains("invalid mode: rslave"))
            #expect(try run.refusal("--volumes-from", "two:nocopy").contains("invalid mode: nocopy"))
        }
    }

    @Test(arguments: clients)
    func theEnginesSocket(client: Client) throws {
        guard client == .wharf else { return }
        try TestEngine.with { engine in
            let run = Runner(engine: engine, client: client)
            let ping = "printf 'GET /_ping HTTP/1.0\\r\\n\\r\\n' | nc -w 5 local:/var/run/docker.sock"
            let text = try run("--use-api-socket", of: ping + "; ls -l /var/run/docker.sock")
            #expect(text.contains("srw"), "\(text)")
        }
    }
}
