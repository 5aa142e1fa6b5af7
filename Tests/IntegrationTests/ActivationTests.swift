// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

/// systemd listens first and hands the socket over (Packaging/wharf.socket).
@Suite(.serialized) struct ActivationTests {
    @Test func aSocketAtTheDaemonsOwnPathIsTakenOver() throws {
        let folder = try makeTemporaryFolder("wa")
        defer { removeTree(folder) }
        let socket = folder + "/e/wharf.sock"
        try mustRun(["mkdir", folder + "/e"])
        // What systemd does: listens, and executes the daemon with the socket as descriptor 3
        let program = """
            import os, socket, sys
            s = socket.socket(socket.AF_UNIX)
            s.bind(sys.argv[1])
            s.listen(16)
            os.dup2(s.fileno(), 3)
            os.set_inheritable(3, True)
            os.environ["LISTEN_FDS"] = "1"
            os.environ["LISTEN_PID"] = str(os.getpid())
            os.execv(sys.argv[2], sys.argv[2:])
            """
        let name = String(folder.dropFirst("/tmp/".count))
        try mustRun(["ip", "netns", "add", name])
        defer { _ = try? run(["ip", "netns", "del", name]) }
        let daemon = try RunningCommand([
            "nsenter", "--net=/run/netns/" + name, "python3", "-c", program, socket, Project.programs + "/wharfd",
            "--data-root", folder + "/d", "--exec-root", folder + "/e", "--cgroup-parent", "/" + name, "--pidfile",
            folder + "/pid",
        ])
        let environment = ["DOCKER_HOST": "unix://" + socket, "HOME": folder]
        #expect(
            try eventually {
                try run(
                    [Client.docker.program, "version", "--format", "{{.Server.Version}}"], environment: environment
                )
                .status == 0
            }, "\(daemon.errorsSoFar)")
        kill(daemon.pid, SIGTERM)
        #expect(try daemon.wait(timeout: 10).status == 0)
        #expect(exists(socket), "the path is systemd's")
    }
}
