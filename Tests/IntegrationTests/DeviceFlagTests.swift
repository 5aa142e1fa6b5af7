// SPDX-License-Identifier: Apache-2.0

import Testing

/// `--device` and its like.
@Suite(.serialized) struct DeviceFlagTests {
    private static let clients = [Client.docker, .wharf]

    @Test(arguments: clients)
    func nodesAreThereAndOnlyThey(client: Client) throws {
        try TestEngine.with { engine in
            func output(_ flags: [String], _ command: String) throws -> String {
                try engine.command(
                    ["run", "--rm"] + flags + ["busybox", "sh", "-c", "(" + command + ") 2>&1; true"], by: client
                ).text
            }
            let write = ": >>/dev/fuse && echo written"
            #expect(try output([], "ls /dev/fuse").contains("No such file"))
            #expect(try output(["--device", "/dev/fuse"], write) == "written")
            #expect(try output(["--device", "/dev/fuse:r"], write).contains("Operation not permitted"))
            #expect(
                try output(["--device", "/dev/fuse:/dev/other:rw"], ": >>/dev/other && stat -c %t:%T /dev/other")
                    == "a:e5")
            // A directory stands for all nodes below it, a link for what it leads to.
            let folder = engine.folder + "/nodes"
            try mustRun(["mkdir", "-p", folder + "/sub"])
            try mustRun(["mknod", folder + "/a", "c", "1", "3"])
            try mustRun(["mknod", folder + "/sub/b", "c", "10", "229"])
            try mustRun(["ln", "-s", "sub/b", folder + "/link"])
            let all = try output(["--device", folder + ":/dev/mine"], "cd /dev/mine; stat -c %t:%T a sub/b; ls")
            #expect(all.linesOfText == ["1:3", "a:e5", "a", "sub"])
            #expect(try output(["--device", folder + "/link:/dev/via"], "stat -c %t:%T /dev/via") == "a:e5")
            let made = "mknod /tmp/f c 10 229 && : >>/tmp/f && echo opened"
            #expect(try output([], made).contains("Operation not permitted"))
            #expect(try output(["--device-cgroup-rule", "c 10:229 rwm"], made) == "opened")
            #expect(try output(["--device-cgroup-rule", "c 10:* r"], made).contains("Operation not permitted"))
        }
    }

    @Test(arguments: clients)
    func whatIsNoDeviceIsRefused(client: Client) throws {
        try TestEngine.with { engine in
            func refusal(_ flags: String...) throws -> String {
                let outcome = try engine.command(["run", "--rm"] + flags + ["busybox", "true"], by: client)
                #expect(outcome.status != 0, "\(flags)")
                return outcome.stderr
            }
            let gathering = "error gathering device information while adding custom device"
            #expect(
                try refusal("--device", "/dev/nosuch").contains("\(gathering) \"/dev/nosuch\": no such file"))
            #expect(
                try refusal("--device", "/etc/passwd:/dev/x").contains(
                    "\(gathering) \"/etc/passwd\": not a device node"))
            let gpus = try refusal("--gpus", "all")
            #expect(gpus.contains("could not select device driver \"\" with capabilities: [[gpu]]"), "\(gpus)")
            #expect(gpus.contains("no CDI specification"), "\(gpus)")
            let cdi = try refusal("--device", "vendor.com/class=name")
            #expect(cdi.contains("could not select device driver \"cdi\""), "\(cdi)")
        }
    }
}
