// SPDX-License-Identifier: Apache-2.0

import Glibc
import OCI
import Testing

/// A create or run that is killed with SIGKILL: what it has left, the next command that meets it removes. Needs root,
/// strace and a host that lets it trace.
@Suite(.serialized) struct KilledCreateTests {
    /// What the runtime calls once it has started; each of these is an end.
    private static let calls = """
        symlink,mkdir,mknodat,socketpair,pipe2,clone3,sendmsg,write,writev,rename,unlink,mount_setattr,open_tree,pidfd_open,\
        recvmsg,readlink,close,openat
        """
    private static let cleaners = ["list", "delete --force ID", "create"]

    /// At the first of each call, at the second, and so on.
    @Test(arguments: ["create", "run -d"]) func killedAtAnyCall(_ command: String) throws {
        let bundle = try TestBundle("sleep", "4325")
        try bundle.writeConfiguration()
        var killed = 0
        for call in KilledCreateTests.calls.split(separator: ",") {
            for number in 1...12 {
                let outcome = try shell(
                    """
                    timeout 20 strace -qq -o /dev/null -e trace=\(call) -e inject=\(call):signal=SIGKILL:when=\(number) \
                    \(TestBundle.program) --root \(bundle.path)/state \(command) -b \(bundle.path) \(bundle.id) \
                    </dev/null >\(bundle.path)/out 2>&1
                    """, mayFail: true)
                if outcome.status == 0 {
                    try bundle.runtime("delete --force \(bundle.id)")
                    break
                }
                killed += 1
                try clear(bundle, killed, "\(call) \(number): status \(outcome.status)")
            }
        }
        #expect(killed > 40)
    }

    @Test func killedAtAnyMoment() throws {
        let bundle = try TestBundle("sleep", "4325")
        try bundle.writeConfiguration()
        for number in 0..<60 {
            // From right after the start of the program to after its end.
            try shell(
                """
                \(TestBundle.program) --root \(bundle.path)/state create -b \(bundle.path) \(bundle.id) </dev/null >/dev/null 2>&1 &
                usleep \(number * 150) 2>/dev/null || busybox usleep \(number * 150); kill -9 $! 2>/dev/null; wait $!; true
                """)
            if try bundle.status() == "created", try shell("ls \(bundle.path)/state").output == "\(bundle.id)\n" {
                try bundle.runtime("delete --force \(bundle.id)")
            }
            try clear(bundle, number, "after \(number * 150) us")
        }
    }

    private func clear(_ bundle: TestBundle, _ number: Int, _ what: String) throws {
        let cleaner = KilledCreateTests.cleaners[number % KilledCreateTests.cleaners.count]
        if cleaner == "create" {
            let created = try shell(
                """
                \(TestBundle.program) --root \(bundle.path)/state create -b \(bundle.path) \(bundle.id) </dev/null \
                >\(bundle.path)/out 2>&1 || cat \(bundle.path)/out
                """)
            #expect(created.output == "", "\(what)")
            #expect(try bundle.status() == "created", "\(what)")
            #expect(try bundle.runtime("delete \(bundle.id) --force").status != 0)
            #expect(try bundle.runtime("delete --force \(bundle.id)").status == 0, "\(what)")
        } else {
            let cleared = try bundle.runtime(cleaner.replacing("ID", with: bundle.id))
            #expect(cleared.status == 0, "\(what): \(cleared.output)")
        }
        let left = """
            ls \(bundle.path)/state; ls -d /sys/fs/cgroup/*/wharf-test/\(bundle.id) 2>/dev/null
            pgrep -a -f '[s]leep 4325|state [cr][ru].* -b \(bundle.path) ' | grep -v strace; true
            """
        let isClear = try eventually { try shell(left).output == "" }
        let rest = try shell(left).output
        #expect(isClear, "\(what), \(cleaner): \(rest)")
    }

    /// What is under way is nobody's to clear up.
    @Test func aCreateThatIsStoppedIsLeftAlone() throws {
        let bundle = try TestBundle("sleep", "4325")
        var hooks = RuntimeSpec.Hooks()
        hooks.createRuntime = [.init(path: "/bin/sh", args: ["sh", "-c", "sleep 3"])]
        bundle.spec.hooks = hooks
        try bundle.writeConfiguration()
        try shell(
            """
            \(TestBundle.program) --root \(bundle.path)/state create -b \(bundle.path) \(bundle.id) </dev/null \
            >\(bundle.path)/out 2>&1 & true
            """)
        #expect(try eventually { try shell("ls \(bundle.path)/state").output.contains("\(bundle.id):new") })
        #expect(try !bundle.runtime("list").output.contains(bundle.id))
        #expect(try bundle.runtime("delete --force \(bundle.id)").output.contains("that is being made"))
        let second = try bundle.runtime("create -b \(bundle.path) \(bundle.id) </dev/null")
        #expect(second.output.contains("container with given ID already exists"), "\(second.output)")
        #expect(try eventually { try bundle.status() == "created" })
        #expect(try eventually { try shell("ls \(bundle.path)/state").output == "\(bundle.id)\n" })
    }
}
