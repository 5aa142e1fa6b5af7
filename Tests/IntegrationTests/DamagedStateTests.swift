// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

/// What is on the disk may be anything when a daemon starts: it comes up, or says why not and changes nothing.
@Suite(.serialized) struct DamagedStateTests {
    private static let contents = [
        "", "{\"code\":", "{\"code\":99999999999999999999}", String(repeating: "\0", count: 100_000),
    ]

    /// An exit record that can't be read counts as none: the container is reported dead.
    @Test(arguments: contents) func exitRecord(content: String) throws {
        try TestEngine.with { engine in
            let id = try engine.ok("run", "-d", "--name", "c1", "busybox", "sh", "-c", "sleep 0.5; exit 5")
            try engine.stop(SIGKILL)
            let path = "\(engine.execRoot)/containers/\(id)/exit.json"
            #expect(eventually { exists(path) })
            try write(content, to: path)
            try engine.start()
            #expect(try engine.inspect("c1", "{{.State.Status}} {{.State.ExitCode}}") == "exited 137")
            try engine.ok("rm", "c1")
        }
    }

    /// The files that a shim has read are not needed to take its container over.
    @Test(arguments: ["config.json", "shim.json"]) func filesOfARunningContainer(name: String) throws {
        try TestEngine.with { engine in
            let id = try engine.ok("run", "-d", "--name", "c1", "busybox", "sleep", "300")
            for content in Self.contents {
                try engine.stop(SIGKILL)
                try write(content, to: "\(engine.execRoot)/containers/\(id)/\(name)")
                try engine.start()
                #expect(try engine.ok("exec", "c1", "echo", "hi") == "hi")
            }
        }
    }

    /// One that can't be reached any more is dead, and so is what it watched over.
    @Test func aLostSocket() throws {
        try TestEngine.with { engine in
            let id = try engine.ok("run", "-d", "--name", "c1", "busybox", "sleep", "300")
            let pids = try [engine.processID("c1"), engine.shim("c1")]
            try engine.stop(SIGKILL)
            unlink("\(engine.execRoot)/containers/\(id)/shim.sock")
            try engine.start()
            #expect(try engine.inspect("c1", "{{.State.Status}} {{.State.ExitCode}}") == "exited 137")
            #expect(eventually { pids.allSatisfy { !exists("/proc/\($0)") } })
            try engine.ok("start", "c1")
        }
    }

    @Test func theExecRootIsGone() throws {
        try TestEngine.with { engine in
            try engine.ok("run", "-d", "--name", "c1", "busybox", "sleep", "300")
            let pid = try engine.processID("c1")
            try engine.stop(SIGKILL)
            removeTree(engine.execRoot)
            try engine.start()
            #expect(try engine.inspect("c1", "{{.State.Status}} {{.State.ExitCode}}") == "exited 137")
            #expect(eventually { !exists("/proc/\(pid)") })
            try engine.ok("start", "c1")
        }
    }

    /// A record that can't be read is set aside; its container is left alone, and the others are well.
    @Test func aRecord() throws {
        try TestEngine.with { engine in
            let bad = try engine.ok("run", "-d", "--name", "bad", "busybox", "sleep", "300")
            try engine.ok("run", "-d", "--name", "good", "busybox", "sleep", "300")
            let pids = try [engine.processID("bad"), engine.shim("bad")]
            try engine.stop()
            let program = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); "
            try mustRun([
                "python3", "-c",
                program + "c.execute(\"update record set value='{' where key=?\", [sys.argv[2]]); c.commit()",
                engine.dataRoot + "/wharf.db", bad,
            ])
            try engine.start()
            #expect(try engine.ok("ps", "--format", "{{.Names}}") == "good")
            #expect(pids.allSatisfy { exists("/proc/\($0)") })
            #expect(exists("\(engine.dataRoot)/containers/\(bad)"))
            #expect(engine.logTail().contains(bad))
            // By hand, as nobody else will.
            for pid in pids.reversed() { kill(pid, SIGKILL) }
            try engine.stop()
            try mustRun([
                "python3", "-c", program + "c.execute('delete from quarantine'); c.commit()",
                engine.dataRoot + "/wharf.db",
            ])
            try engine.start()
        }
    }

    /// Without its database all that the engine has would look like garbage: it does not start, and removes nothing.
    @Test(arguments: ["garbage", "half", "empty", "missing", "directory"]) func database(damage: String) throws {
        try TestEngine.with { engine in
            let id = try engine.ok("run", "-d", "--name", "c1", "-v", "v1:/v", "busybox", "sleep", "300")
            let pid = try engine.processID("c1")
            try engine.stop()
            let path = engine.dataRoot + "/wharf.db"
            // All of it into the one file that is then damaged.
            try mustRun([
                "python3", "-c",
                "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('pragma wal_checkpoint(truncate)')", path,
            ])
            try mustRun(["cp", "-a", path, path + ".kept"])
            switch damage {
            case "garbage": try write(String(repeating: "garbage!", count: 1000), to: path)
            case "half": try mustRun(["truncate", "-s", "\((readFile(path)?.count ?? 0) / 2)", path])
            case "empty": try mustRun(["truncate", "-s", "0", path])
            default: unlink(path)
            }
            if damage == "directory" { mkdir(path, 0o700) }
            let before = readFile(path)
            #expect(throws: Failure.self) { try engine.start() }
            #expect(readFile(path) == before, "it is left as it is")
            #expect(engine.logTail().contains("wharf.db"), "\(engine.logTail())")
            #expect(exists("/proc/\(pid)") && exists("\(engine.dataRoot)/containers/\(id)"))
            if damage == "directory" { rmdir(path) }
            try mustRun(["mv", path + ".kept", path])
            try engine.start()
            #expect(try engine.ok("exec", "c1", "echo", "hi") == "hi")
            try engine.ok("rm", "-f", "c1")
            try engine.ok("volume", "rm", "v1")
        }
    }

    // MARK: Roots and sockets

    @Test func aSecondDaemon() throws {
        try TestEngine.with { engine in
            let roots = [engine.dataRoot, engine.execRoot]
            for (index, root) in roots.enumerated() {
                let other = "\(engine.folder)/other\(index)"
                let arguments =
                    index == 0
                    ? ["--data-root", root, "--exec-root", other] : ["--data-root", other, "--exec-root", root]
                let outcome = try run(
                    engine.inNamespace([Project.programs + "/wharfd", "-H", "unix://\(other).sock"] + arguments),
                    timeout: 10)
                #expect(outcome.status == 1)
                #expect(outcome.stderr.contains("\(root) is in use by another daemon (pid "), "\(outcome)")
            }
            let outcome = try run(
                engine.inNamespace([
                    Project.programs + "/wharfd", "-H", "unix://" + engine.socket, "--data-root", engine.folder + "/d3",
                    "--exec-root", engine.folder + "/e3", "--cgroup-parent", engine.cgroupParent,
                ]), timeout: 10)
            #expect(
                outcome.status == 1 && outcome.stderr.contains("\(engine.socket) is in use by another daemon"),
                "\(outcome)")
            #expect(try engine.ok("run", "--rm", "busybox", "echo", "hi") == "hi")
        }
    }

    @Test func theSocketsPath() throws {
        try TestEngine.with(image: false) { engine in
            // What a killed daemon leaves is replaced.
            try engine.stop(SIGKILL)
            #expect(exists(engine.socket))
            try engine.start()
            try engine.stop()
            // What is no socket is somebody's.
            try write("precious", to: engine.socket)
            #expect(throws: Failure.self) { try engine.start() }
            #expect(readText(engine.socket) == "precious")
            #expect(engine.logTail().contains("is no socket"), "\(engine.logTail())")
            unlink(engine.socket)
            mkdir(engine.socket, 0o700)
            #expect(throws: Failure.self) { try engine.start() }
            rmdir(engine.socket)
            try engine.start()
        }
    }

    @Test func aDataRootThatCanNotBeWritten() throws {
        try TestEngine.with { engine in
            try engine.stop()
            try mustRun(["mount", "--bind", engine.dataRoot, engine.dataRoot])
            defer { umount2(engine.dataRoot, Int32(MNT_DETACH)) }
            try mustRun(["mount", "-o", "remount,ro,bind", engine.dataRoot])
            #expect(throws: Failure.self) { try engine.start() }
            #expect(engine.logTail().contains("read-only file system"), "\(engine.logTail())")
            umount2(engine.dataRoot, Int32(MNT_DETACH))
            try engine.start()
            #expect(try engine.ok("run", "--rm", "busybox", "echo", "hi") == "hi")
        }
    }

    /// R9: whoever made the directory, layers with set-user-ID programs are nobody's but root's.
    @Test func theDataRootIsClosed() throws {
        try TestEngine.with(image: false) { engine in
            try engine.stop()
            chmod(engine.dataRoot, 0o777)
            try engine.start()
            #expect(try mustRun(["stat", "-c", "%a", engine.dataRoot]).text == "700")
        }
    }

    private func write(_ text: String, to path: String) throws {
        guard let file = fopen(path, "w") else { throw Failure("open \(path): errno \(errno)") }
        defer { fclose(file) }
        let bytes = Array(text.utf8)
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw Failure("write \(path)") }
    }
}
