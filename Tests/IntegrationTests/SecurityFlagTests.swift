// SPDX-License-Identifier: Apache-2.0

import Testing

/// `--security-opt`, `--user` and `--group-add`: what a process may do, and who it is.
@Suite(.serialized) struct SecurityFlagTests {
    private static let clients = [Client.docker, .wharf]

    @Test(arguments: clients)
    func filtersOfTheUsers(client: Client) throws {
        try TestEngine.with { engine in
            func output(_ flags: [String], _ command: String) throws -> String {
                try engine.command(
                    ["run", "--rm"] + flags + ["busybox", "sh", "-c", "(" + command + ") 2>&1; true"], by: client
                ).text
            }
            let profile = engine.folder + "/profile.json"
            let text = """
                { "defaultAction": "SCMP_ACT_ALLOW",
                  "archMap": [ { "architecture": "SCMP_ARCH_X86_64", "subArchitectures": [ "SCMP_ARCH_X86" ] } ],
                  "syscalls": [
                    { "names": [ "mkdir", "mkdirat" ], "action": "SCMP_ACT_ERRNO", "errnoRet": 95,
                      "excludes": { "caps": [ "CAP_SYS_ADMIN" ] } },
                    { "names": [ "chmod", "fchmodat" ], "action": "SCMP_ACT_ERRNO",
                      "includes": { "arches": [ "s390x" ] } } ] }
                """
            try writeFile(profile, Array(text.utf8))
            let make = "mkdir /x && echo made"
            #expect(try output(["--security-opt", "seccomp=" + profile], make).contains("not supported"))
            #expect(
                try output(["--security-opt", "seccomp=" + profile, "--cap-add", "SYS_ADMIN"], make) == "made")
            #expect(try output(["--security-opt", "seccomp=" + profile], "chmod 700 /tmp && echo ok") == "ok")
            let mode = "grep Seccomp: /proc/self/status"
            #expect(try output([], mode).fields.last == "2")
            #expect(try output(["--security-opt", "seccomp=builtin"], mode).fields.last == "2")
            #expect(try output(["--security-opt", "seccomp=unconfined"], mode).fields.last == "0")
            #expect(try output(["--privileged"], mode).fields.last == "0")
            #expect(try output(["--privileged", "--security-opt", "seccomp=" + profile], mode).fields.last == "2")
            try writeFile(profile, Array(#"{"defaultAction": 1}"#.utf8))
            #expect(
                try output(["--security-opt", "seccomp=" + profile], "true").isEmpty, "the engine refuses it")
        }
    }

    @Test(arguments: clients)
    func otherOptions(client: Client) throws {
        try TestEngine.with { engine in
            func output(_ flags: [String], _ command: String) throws -> String {
                try engine.command(
                    ["run", "--rm"] + flags + ["busybox", "sh", "-c", "(" + command + ") 2>&1; true"], by: client
                ).text
            }
            let privileges = "grep NoNewPrivs /proc/self/status"
            #expect(try output([], privileges).fields.last == "0")
            #expect(try output(["--security-opt", "no-new-privileges"], privileges).fields.last == "1")
            #expect(try output(["--security-opt", "no-new-privileges=true"], privileges).fields.last == "1")
            #expect(try output(["--security-opt", "no-new-privileges:false"], privileges).fields.last == "0")
            let masked = "grep -c ' /proc/' /proc/mounts"
            #expect(try output([], masked) != "0")
            #expect(try output(["--security-opt", "systempaths=unconfined"], masked) == "0")
            let write = "mkdir /sys/fs/cgroup/pids/x 2>/dev/null || mkdir /sys/fs/cgroup/x; echo $?"
            #expect(try output([], write).linesOfText.last == "1")
            #expect(try output(["--security-opt", "writable-cgroups=true"], write).linesOfText.last == "0")
            // Where the kernel has neither, only what asks for nothing of them is taken.
            #expect(try output(["--security-opt", "apparmor=unconfined"], "echo ok") == "ok")
            #expect(try output(["--security-opt", "label=disable"], "echo ok") == "ok")
            guard !isFolder("/sys/module/apparmor"), !isFolder("/sys/fs/selinux") else { return }
            for (option, text) in [("apparmor=mine", "has no AppArmor"), ("label=type:x", "has no SELinux")] {
                let outcome = try engine("run", "--rm", "--security-opt", option, "busybox", "true", by: client)
                #expect(outcome.status == 125 && outcome.stderr.contains(text), "\(outcome)")
            }
        }
    }

    /// A name or a number, alone or with a group by name or number.
    @Test(arguments: clients)
    func usersInAllSixForms(client: Client) throws {
        try TestEngine.with { engine in
            func id(_ flags: String...) throws -> String {
                try engine.command(
                    ["run", "--rm"] + flags + ["busybox", "sh", "-c", "id -u; id -g; id -G"], by: client
                )
                .text.linesOfText.joined(separator: " | ")
            }
            #expect(try id("-u", "www") == "1000 | 1000 | 1000 2000")
            #expect(try id("-u", "1000") == "1000 | 1000 | 1000 2000")
            #expect(try id("-u", "www:extra") == "1000 | 2000 | 2000")
            #expect(try id("-u", "www:77") == "1000 | 77 | 77")
            #expect(try id("-u", "55:extra") == "55 | 2000 | 2000")
            #expect(try id("-u", "55:77") == "55 | 77 | 77")
            #expect(try id("-u", "55") == "55 | 0 | 0")
            #expect(try id("--group-add", "extra", "--group-add", "99") == "0 | 0 | 0 99 2000")
            for (flags, text) in [
                (["-u", "nobody-there"], "unable to find user nobody-there: no matching entries in passwd file"),
                (["-u", "www:none"], "unable to find group none: no matching entries in group file"),
                (["--group-add", "none"], "unable to find group none: no matching entries in group file"),
            ] {
                let outcome = try engine.command(["run", "--rm"] + flags + ["busybox", "true"], by: client)
                #expect(outcome.status != 0 && outcome.stderr.contains(text.prefix(28)), "\(outcome)")
            }
        }
    }
}
