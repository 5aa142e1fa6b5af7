// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import OCI
import Testing

/// `checkpoint` and `restore` with a program in place of criu that does what criu would: what it is asked for, and what
/// becomes of a container when it fails. (The real one is met in the virtual machine: Tests/VM/checks/40-checkpoint.)
@Suite(.serialized) struct CheckpointTests {
    /// Writes down its arguments. `dump` ends the process it is given; `restore` makes another.
    private static let criu = """
        #!/bin/sh
        case $1 in check) exit 0;; esac
        D=$(dirname "$0"); F=
        printf '%s\\n' "$@" >"$D/$1.args"; cat /proc/self/cgroup >"$D/$1.cgroup"; cat /proc/self/mountinfo >"$D/$1.mounts"
        if [ -e "$D/fail" ]; then
            for a; do [ "$F" = --work-dir ] && W=$a; F=$a; done
            echo '(00.1) Error (criu/util.c:1): iptables: nothing' >"$W/$1.log"
            echo '(00.2) Error (criu/x.c:7): x: it can not' >>"$W/$1.log"
            echo '(00.3) Error (criu/y.c:7): Dumping FAILED.' >>"$W/$1.log"
            exit 1
        fi
        for a; do
            case $F in --tree) P=$a;; --pidfile) O=$a;; --action-script) S=$a;; esac
            [ "$a" = --leave-running ] && L=1
            F=$a
        done
        case $1 in
        dump) [ -n "$L" ] || kill -9 "$P";;
        restore)
            sleep 4326 >/dev/null 2>&1 & P=$!
            if [ -n "$S" ]; then
                CRTOOLS_SCRIPT_ACTION=pre-restore "$S" || exit 1
                CRTOOLS_SCRIPT_ACTION=setup-namespaces CRTOOLS_INIT_PID=$P "$S" || { kill -9 $P; exit 1; }
            fi
            echo $P >"$O";;
        esac
        """

    private func prepare(_ arguments: String...) throws -> TestBundle {
        let bundle = try TestBundle("sleep", "1000")
        try HostPath.write(CheckpointTests.criu, to: "\(bundle.path)/criu", mode: 0o755)
        try shell("mkdir \(bundle.path)/data; echo of the host > \(bundle.path)/file")
        bundle.mount("\(bundle.path)/data", "/data", "rbind")
        return bundle
    }

    private func criu(_ bundle: TestBundle, _ command: String) throws -> Outcome {
        try bundle.runtime("--criu \(bundle.path)/criu \(command)")
    }

    private func arguments(_ bundle: TestBundle, _ command: String) throws -> String {
        try shell("tr '\\n' ' ' <\(bundle.path)/\(command).args").output
    }

    @Test func thereAndBack() throws {
        let bundle = try prepare()
        try bundle.start()
        let flags =
            "--tcp-established --ext-unix-sk --shell-job --file-locks --link-remap --auto-dedup --empty-ns network"
        let images = "--image-path \(bundle.path)/img --work-path \(bundle.path)/work"
        let outcome = try criu(bundle, "checkpoint \(flags) \(images) \(bundle.id)")
        #expect(outcome.status == 0 && outcome.output == "", "\(outcome.output)")
        #expect(try bundle.status() == "")
        #expect(
            try shell("ls \(bundle.path)/state; ls -d /sys/fs/cgroup/*/wharf-test/\(bundle.id)", mayFail: true).status
                != 0)
        let dump = try arguments(bundle, "dump")
        for expected in [
            "--images-dir \(bundle.path)/img ", "--work-dir \(bundle.path)/work ", "--manage-cgroups=ignore ",
            "--external mnt[/data]:/data ", "--external mnt[/proc/keys]:/proc/keys ", "--external file[",
            "--tcp-established --ext-unix-sk --shell-job --file-locks --link-remap --auto-dedup --empty-ns net ",
            "--freeze-cgroup /sys/fs/cgroup/freezer/wharf-test/\(bundle.id) ",
        ] { #expect(dump.contains(expected), "\(expected) in \(dump)") }
        #expect(
            !dump.contains("mnt[/proc/acpi]") && !dump.contains("mnt[/dev/pts]") && !dump.contains("--leave-running"))

        let hook = "echo $1 >>\(bundle.path)/hooks; cat >>\(bundle.path)/hooks"
        var hooks = RuntimeSpec.Hooks()
        hooks.createRuntime = [.init(path: "/bin/sh", args: ["sh", "-c", hook, "sh", "made"])]
        bundle.spec.hooks = hooks
        try bundle.writeConfiguration()
        let restored = try criu(
            bundle,
            "restore -d --pid-file \(bundle.path)/pid \(images) -b \(bundle.path) \(bundle.id) </dev/null >\(bundle.path)/out 2>&1; cat \(bundle.path)/out"
        )
        #expect(restored.output == "")
        #expect(try bundle.status() == "running")
        let restore = try arguments(bundle, "restore")
        for expected in [
            "--root \(bundle.path)/rootfs ", "--external mnt[/data]:\(bundle.path)/data ", "--inherit-fd fd[",
            "]:file[",
            "--external mnt[/proc/keys]:/dev/null ", "--restore-sibling ",
            "mnt[/sys/fs/cgroup/pids]:/sys/fs/cgroup/pids/wharf-test/\(bundle.id) ",
        ] { #expect(restore.contains(expected), "\(expected) in \(restore)") }
        #expect(try shell("cat \(bundle.path)/restore.cgroup").output.contains(":pids:/\n"))
        #expect(try shell("grep -c ' \(bundle.path)/data ' \(bundle.path)/restore.mounts").output == "1\n")
        #expect(try shell("grep -c \(bundle.path) /proc/self/mountinfo", mayFail: true).output == "0\n")
        let told = try shell("cat \(bundle.path)/hooks").output
        #expect(told.hasPrefix("made\n") && told.contains(#""status":"creating""#), "\(told)")
        #expect(
            try bundle.runtime("ps -f json \(bundle.id)").output == "[\(try shell("cat \(bundle.path)/pid").output)]\n")
        #expect(try bundle.runtime("events --stats \(bundle.id)").output.contains(#""current":1"#))
        #expect(try shell("ls \(bundle.path)/state/\(bundle.id)").output == "config.json\nstate.json\n")
        #expect(try bundle.runtime("kill \(bundle.id) KILL").status == 0)
        #expect(try eventually { try bundle.status() == "stopped" })
        #expect(try bundle.runtime("delete \(bundle.id)").status == 0)
    }

    @Test func otherFlags() throws {
        let bundle = try prepare()
        try bundle.start()
        let images = "--image-path \(bundle.path)/img"
        #expect(try criu(bundle, "checkpoint --pre-dump --image-path \(bundle.path)/1 \(bundle.id)").status == 0)
        #expect(try arguments(bundle, "pre-dump").contains("--track-mem"))
        #expect(try bundle.status() == "running")
        try shell("mkdir \(bundle.path)/img")
        let outcome = try criu(
            bundle,
            """
            checkpoint \(images) --leave-running --parent-path ../1 --page-server 10.0.0.1:99 --lazy-pages --status-fd 1 \
            --manage-cgroups-mode soft --tcp-skip-in-flight \(bundle.id)
            """)
        #expect(outcome.status == 0, "\(outcome.output)")
        let dump = try arguments(bundle, "dump")
        for expected in [
            "--leave-running ", "--prev-images-dir ../1 ", "--page-server --address 10.0.0.1 --port 99 ",
            "--lazy-pages ",
            "--status-fd 1 ", "--manage-cgroups=ignore ", "--skip-in-flight ",
        ] { #expect(dump.contains(expected), "\(expected) in \(dump)") }
        #expect(try bundle.status() == "running")
        for (flags, message) in [
            ("--parent-path /x", "must be relative"), ("--parent-path nosuch", "there is no directory"),
            ("--page-server x", "ADDRESS:PORT"), ("--empty-ns pid", #"not "pid""#),
            ("--manage-cgroups-mode x", "Invalid manage cgroups mode"), ("--manage-cgroups-mode full", "not by CRIU"),
            ("--status-fd 1", "needs --lazy-pages"),
        ] {
            let refused = try criu(bundle, "checkpoint \(images) \(flags) \(bundle.id)")
            #expect(refused.status == 1 && refused.output.contains(message), "\(flags): \(refused.output)")
        }
        #expect(try criu(bundle, "restore --no-pivot x").output.contains("--no-pivot is not supported: CRIU pivots"))
    }

    @Test func aDumpThatFailsLeavesTheContainerRunning() throws {
        let bundle = try prepare()
        try bundle.start()
        try shell("touch \(bundle.path)/fail")
        let outcome = try criu(bundle, "checkpoint --image-path \(bundle.path)/img \(bundle.id)")
        #expect(
            outcome.output
                == "wharf-runtime: criu dump: x: it can not (its log is \(bundle.path)/img/dump.log)\n")
        #expect(outcome.status == 1)
        #expect(try bundle.status() == "running")
        #expect(try bundle.exec("true").status == 0)
    }

    @Test func aRestoreThatFailsLeavesNothing() throws {
        let bundle = try prepare()
        try bundle.start()
        let images = "--image-path \(bundle.path)/img -b \(bundle.path) \(bundle.id)"
        #expect(try criu(bundle, "checkpoint --image-path \(bundle.path)/img \(bundle.id)").status == 0)
        let left =
            "ls \(bundle.path)/state; ls -d /sys/fs/cgroup/*/wharf-test/\(bundle.id) 2>/dev/null; pgrep -f 'sleep 432[6]'; true"
        try shell("touch \(bundle.path)/fail")
        #expect(try criu(bundle, "restore \(images) </dev/null").output.contains("criu restore: x: it can not"))
        #expect(try shell(left).output == "")
        try shell("rm \(bundle.path)/fail")
        var hooks = RuntimeSpec.Hooks()
        hooks.createRuntime = [.init(path: "/bin/false")]
        bundle.spec.hooks = hooks
        try bundle.writeConfiguration()
        let failed = try criu(bundle, "restore -d \(images) </dev/null")
        #expect(failed.output.contains("createRuntime hook /bin/false failed"), "\(failed.output)")
        #expect(try shell(left).output == "")
        // A mount that the checkpoint has comes from the bundle, or not at all.
        bundle.spec.hooks = nil
        bundle.spec.mounts?.removeLast()
        try bundle.writeConfiguration()
        let mount = try criu(bundle, "restore -d \(images) </dev/null")
        #expect(mount.output.contains("the checkpoint has a mount at /data that config.json does not have"))
        #expect(try shell(left).output == "")
    }

    @Test func withoutCRIUNothingIsTouched() throws {
        let bundle = try prepare()
        try bundle.start()
        try HostPath.write(
            "#!/bin/sh\necho 'Error (criu/vdso.c:381): vdso: Unexpected rt vDSO area bounds' >&2; exit 1\n",
            to: "\(bundle.path)/criu", mode: 0o755)
        let refused = try criu(bundle, "checkpoint --image-path \(bundle.path)/img \(bundle.id)")
        #expect(
            refused.output
                == "wharf-runtime: checkpoint and restore need CRIU, and it does not work on this kernel: vdso: Unexpected rt vDSO area bounds\n"
        )
        #expect(try shell("ls -d \(bundle.path)/img", mayFail: true).status != 0)
        let absent = try bundle.runtime("--criu \(bundle.path)/nosuch checkpoint \(bundle.id)")
        #expect(absent.output.contains("there is no program \"\(bundle.path)/nosuch\""))
        #expect(try bundle.status() == "running")
        try shell("mkdir \(bundle.path)/img")
        let restore = try criu(bundle, "restore --image-path \(bundle.path)/img -b \(bundle.path) other")
        #expect(restore.output.contains("it does not work on this kernel"))
        #expect(try shell("ls \(bundle.path)/state").output == "\(bundle.id)\n")
    }

    @Test func onlyWhatRunsIsWritten() throws {
        let bundle = try prepare()
        try bundle.writeConfiguration()
        #expect(try bundle.runtime("create -b \(bundle.path) \(bundle.id) </dev/null >/dev/null 2>&1").status == 0)
        #expect(
            try criu(bundle, "checkpoint \(bundle.id)").output.contains("cannot be checkpointed in created state"))
        #expect(try criu(bundle, "checkpoint nosuch").output.contains("does not exist"))
    }

    /// CRIU writes it, and fails when it is to come back: too late.
    @Test func aUserNamespaceIsRefusedBefore() throws {
        let bundle = try prepare()
        bundle.spec.linux?.namespaces?.append(.init(.user))
        let own = [RuntimeSpec.IDMapping(containerID: 0, hostID: 100_000, size: 1000)]
        bundle.spec.linux?.uidMappings = own
        bundle.spec.linux?.gidMappings = own
        try shell("chmod 755 \(bundle.path); chown -R 100000:100000 \(bundle.path)/rootfs")
        try bundle.start()
        #expect(try criu(bundle, "checkpoint \(bundle.id)").output.contains("a container with a user namespace"))
        #expect(try bundle.status() == "running")
    }
}
