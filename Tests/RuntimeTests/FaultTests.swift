// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

/// System calls that fail, one at a time, all the way through the making of a container: whatever came of it, nothing
/// of a container that was not made is left. Needs root, strace and a host that lets it trace.
@Suite(.serialized) struct FaultTests {
    /// What the runtime itself calls once it has started. A call that waits for a child, or gives memory back, does not
    /// fail.
    private static let runtime = """
        mkdir,mknodat,socketpair,pipe2,clone3,sendmsg,write,writev,rename,ioctl,mount_setattr,open_tree,statfs,getcwd,prctl,\
        capget,pidfd_open,access,eventfd2,signalfd4,recvmsg
        """
    /// What only the container's own process calls.
    private static let container = """
        move_mount,mount_setattr,fsopen,fsconfig,fsmount,mount,umount2,pivot_root,sethostname,setdomainname,unshare,setns,\
        setsid,keyctl,mknodat,symlinkat,mkdirat,fchownat,fchmodat,fchdir,chdir,capset,setuid,setgid,setgroups,setresuid,\
        setresgid,openat2,chown,fchown,chmod,socket,sendto,recvmsg,sendmsg
        """

    /// One call after the other, of `create`.
    @Test func noFailureOfTheRuntimeLeavesAnything() throws {
        let bundle = try TestBundle("sleep", "4324")
        let failed = try inject(FaultTests.runtime, "", bundle, "create")
        #expect(failed > 15)
    }

    /// The same of the container's process. (strace waits for it, so it must end: `run`.)
    @Test func noFailureOfTheContainersProcessLeavesAnything() throws {
        let bundle = try TestBundle("true")
        let failed = try inject(FaultTests.container, "-f", bundle, "run")
        #expect(failed > 40)
    }

    /// Fails the first of each of `calls`, then the second, and so on as long as there is one. Returns how many made
    /// the command fail.
    private func inject(_ calls: String, _ flags: String, _ bundle: TestBundle, _ command: String) throws -> Int {
        try bundle.writeConfiguration()
        var failed = 0
        for call in calls.split(separator: ",") {
            // Of calls that come often, the first few.
            for number in 1...8 {
                let trace = "strace \(flags) -qq -o \(bundle.path)/strace -e trace=\(call)"
                let runtime = "\(TestBundle.program) --root \(bundle.path)/state"
                let outcome = try shell(
                    """
                    timeout 20 \(trace) -e inject=\(call):error=ENOSPC:when=\(number) \
                    \(runtime) \(command) -b \(bundle.path) \(bundle.id) </dev/null >\(bundle.path)/out 2>&1
                    """, mayFail: true)
                let injected = try shell("grep -h INJECTED \(bundle.path)/strace", mayFail: true)
                let said = try shell("cat \(bundle.path)/out").output
                let what = "\(number): \(injected.output)status \(outcome.status): \(said)"
                if outcome.status != 0 { failed += 1 }
                try check(outcome, what, bundle, command)
                if injected.status != 0 { break }
            }
        }
        #expect(try shell("grep \(bundle.path) /proc/self/mountinfo", mayFail: true).output == "")
        return failed
    }

    private func check(_ outcome: Outcome, _ what: String, _ bundle: TestBundle, _ command: String) throws {
        if outcome.status != 0 {
            #expect(what.contains("wharf-runtime: "), "\(what)")
        } else if command == "create" {
            // It was no call that a container needs.
            #expect(try bundle.status() == "created", "\(what)")
            let deleted = try bundle.runtime("delete --force \(bundle.id)")
            #expect(deleted.status == 0, "\(what)\(deleted.output)")
        }
        let left = try shell(
            """
            ls \(bundle.path)/state; ls -d /sys/fs/cgroup/*/wharf-test/\(bundle.id) 2>/dev/null
            pgrep -a -f '[s]leep 4324|state [c]reate -b \(bundle.path) ' ; true
            """)
        #expect(left.output == "", "\(what)")
    }
}
