// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

/// System calls that fail, one at a time, all the way through each command: whatever came of it, nothing half-made is
/// left. Needs root, strace and a host that lets it trace.
@Suite(.serialized) struct FaultTests {
    /// What the runtime itself calls once it has started. A call that waits for a child, or gives memory back, does
    /// not fail.
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
    /// What the way into a container is made of.
    private static let entering = """
        socketpair,pipe2,clone3,pidfd_open,setns,setsid,keyctl,prctl,capget,capset,setuid,setgid,setgroups,setresuid,\
        setresgid,openat2,openat,write,chdir,getcwd,sendmsg,recvmsg,fstat,fcntl,close_range
        """
    /// What giving back is made of.
    private static let leaving =
        "openat,read,unlink,rmdir,kill,pidfd_send_signal,pidfd_open,poll,access,getdents64,write"

    /// One call after the other, of `create`.
    @Test func noFailureOfTheRuntimeLeavesAnything() throws {
        let bundle = try TestBundle("sleep", "4324")
        #expect(try inject(FaultTests.runtime, "", bundle, "create") > 15)
    }

    /// The same of the container's process. (strace waits for it, so it must end: `run`.)
    @Test func noFailureOfTheContainersProcessLeavesAnything() throws {
        let bundle = try TestBundle("true")
        #expect(try inject(FaultTests.container, "-f", bundle, "run") > 40)
    }

    /// Of `exec`: the container goes on, with its own process alone.
    @Test func noFailureOfAnExecLeavesAnything() throws {
        let bundle = try TestBundle("sleep", "4324")
        try bundle.start()
        let failed = try faults(FaultTests.entering, "-f", bundle, "exec \(bundle.id) true") { _, what in
            let status = try bundle.status()
            #expect(status == "running", "\(what)")
            let count = "cat /sys/fs/cgroup/*/wharf-test/\(bundle.id)/cgroup.procs | sort -u | wc -l"
            let isAlone = try eventually { try shell(count).output == "1\n" }
            #expect(isAlone, "\(what)")
        }
        #expect(failed > 30)
    }

    /// Of `start`: the container waits still, runs, or is gone with `delete`.
    @Test func aStartThatFailsCanBeTakenBack() throws {
        let bundle = try TestBundle("sleep", "4324")
        try bundle.writeConfiguration()
        let create = "create -b \(bundle.path) \(bundle.id) </dev/null >/dev/null 2>&1"
        #expect(try bundle.runtime(create).status == 0)
        _ = try faults(FaultTests.leaving, "", bundle, "start \(bundle.id)") { _, what in
            let status = try bundle.status()
            #expect(["created", "running"].contains(status), "\(what)")
            let deleted = try bundle.runtime("delete --force \(bundle.id)")
            #expect(deleted.status == 0, "\(what)\(deleted)")
            try expectNothing(of: bundle, what)
            let made = try bundle.runtime(create)
            #expect(made.status == 0)
        }
    }

    /// Of `delete --force`: a second one finishes what the first left.
    @Test func aDeleteThatFailsCanBeRepeated() throws {
        let bundle = try TestBundle("sleep", "4324")
        try bundle.start()
        let failed = try faults(FaultTests.leaving, "", bundle, "delete --force \(bundle.id)") { outcome, what in
            if outcome.status != 0 {
                let again = try bundle.runtime("delete --force \(bundle.id)")
                #expect(again.status == 0, "\(what)\(again.output)")
            }
            try expectNothing(of: bundle, what)
            try bundle.start()
        }
        #expect(failed > 3)
    }

    /// Fails the first of each of `calls`, then the second, and so on as long as there is one. Returns how many made
    /// the command fail; `check` is told of each.
    private func faults(
        _ calls: String, _ flags: String, _ bundle: TestBundle, _ command: String,
        _ check: (Outcome, String) throws -> Void
    ) throws -> Int {
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
                    \(runtime) \(command) </dev/null >\(bundle.path)/out 2>&1
                    """, mayFail: true)
                let injected = try shell("grep -h INJECTED \(bundle.path)/strace", mayFail: true)
                let said = try shell("cat \(bundle.path)/out").output
                let what = "\(number): \(injected.output)status \(outcome.status): \(said)"
                if outcome.status != 0 {
                    failed += 1
                    // The message may be what could not be written.
                    #expect(said.contains("wharf-runtime: ") || call == "write", "\(what)")
                }
                try check(outcome, what)
                if injected.status != 0 { break }
            }
        }
        #expect(try shell("grep \(bundle.path) /proc/self/mountinfo", mayFail: true).output == "")
        return failed
    }

    private func inject(_ calls: String, _ flags: String, _ bundle: TestBundle, _ command: String) throws -> Int {
        try faults(calls, flags, bundle, "\(command) -b \(bundle.path) \(bundle.id)") { outcome, what in
            if outcome.status == 0, command == "create" {
                // It was no call that a container needs.
                #expect(try bundle.status() == "created", "\(what)")
                let deleted = try bundle.runtime("delete --force \(bundle.id)")
                #expect(deleted.status == 0, "\(what)\(deleted.output)")
            }
            try expectNothing(of: bundle, what)
        }
    }

    private func expectNothing(of bundle: TestBundle, _ what: String) throws {
        let left = try shell(
            """
            ls \(bundle.path)/state; ls -d /sys/fs/cgroup/*/wharf-test/\(bundle.id) 2>/dev/null
            pgrep -a -f '[s]leep 4324|state [c]reate -b \(bundle.path) ' ; true
            """)
        #expect(left.output == "", "\(what)")
    }
}
