// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

/// The attacks that the rules of SECURITY.md are about, on a running engine. What the runtime alone can show is in
/// RuntimeTests/ContainmentTests, what hostile archives do in ArchiveTests and ImagesTests.
@Suite(.serialized) struct SecurityTests {
    /// R5 (CVE-2019-16884): a /proc of the attacker's, in which masks and labels would be written.
    @Test func procIsNobodysVolume() throws {
        try TestEngine.with { engine in
            let outcome = try engine("run", "--rm", "-v", "fake:/proc", "busybox", "true")
            #expect(outcome.status != 0, "\(outcome)")
            #expect(outcome.stderr.contains("/proc"), "\(outcome)")
            // Below it, only over what says nothing of other processes.
            #expect(try engine("run", "--rm", "-v", "fake:/proc/sys", "busybox", "true").status != 0)
            #expect(try engine("run", "--rm", "-v", "fake:/proc/self/attr", "busybox", "true").status != 0)
            try engine.ok("volume", "rm", "-f", "fake")
        }
    }

    /// R8 (CVE-2020-15257): whoever shares the host's network must not reach a supervisor through it.
    @Test func noAbstractSocketsAndNoOpenOnes() throws {
        try TestEngine.with { engine in
            try engine.ok("run", "-d", "--network", "host", "-p", "18080:80", "--name", "in", "busybox", "sleep", "300")
            try engine.ok("run", "-d", "-p", "18081:80", "--name", "out", "busybox", "sleep", "300")
            let sockets = try engine.ok("exec", "in", "cat", "/proc/net/unix").linesOfText.dropFirst()
            #expect(sockets.contains { $0.contains(engine.execRoot) }, "the supervisors' sockets are seen from there")
            #expect(sockets.filter { $0.contains("@") } == [])
            let found = try mustRun(["find", engine.execRoot, "-type", "s", "-printf", "%m %p\n"]).text.linesOfText
            #expect(found.count >= 3, "two shims' and netd's: \(found)")
            for socket in found where !socket.hasSuffix("/wharf.sock") {
                #expect(socket.hasPrefix("600 "), "\(socket)")
            }
        }
    }

    /// R9 (CVE-2021-41091, CVE-2021-41103): no other user walks into layers and looks for set-user-ID programs.
    @Test func stateIsRootsAlone() throws {
        try TestEngine.with { engine in
            try engine.ok("run", "-d", "--name", "c1", "busybox", "sleep", "300")
            for root in [engine.dataRoot, engine.execRoot] {
                #expect(try mustRun(["stat", "-c", "%a %u", root]).text == "700 0", "\(root)")
                let nobody = try run(["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "ls", root])
                #expect(nobody.status != 0)
            }
            // The root file system is in nobody else's mount table, so nothing on the host can run a program from it.
            #expect((readText("/proc/self/mountinfo") ?? "").contains(engine.dataRoot) == false)
        }
    }

    /// R10: what comes from outside is one path component of a fixed alphabet.
    @Test func namesAreNoPaths() throws {
        try TestEngine.with { engine in
            for name in ["../x", "a/b", "..", ".x", "a b", ""] where !name.isEmpty {
                #expect(try engine("create", "--name", name, "busybox").status != 0, "\(name)")
                #expect(try engine("volume", "create", name).status != 0, "\(name)")
            }
            for path in ["..%2F..%2Fetc", "%2e%2e", "..%2f", "%00"] {
                let status = try engine.http("GET", "/containers/\(path)/json").status
                #expect((400...404).contains(status), "\(path): \(status)")
                #expect(try (400...404).contains(engine.http("DELETE", "/volumes/\(path)").status), "\(path)")
                #expect(try (400...404).contains(engine.http("DELETE", "/images/\(path)").status), "\(path)")
            }
        }
    }

    /// R13 (CVE-2022-36109, CVE-2023-25173): an additional process gets the groups that the first one gets.
    @Test func execHasTheSameIdentity() throws {
        try TestEngine.with { engine in
            for flags in [["-u", "1000:1001"], ["-u", "1000"], ["-u", "www"], ["--group-add", "777"], []] {
                try engine.command(["run", "-d", "--name", "c1"] + flags + ["busybox", "sh", "-c", "id; sleep 300"])
                #expect(try eventually { try !engine.ok("logs", "c1").isEmpty })
                #expect(try engine.ok("exec", "c1", "id") == engine.ok("logs", "c1"), "\(flags)")
                let sets = try engine.ok("exec", "c1", "grep", "-E", "Cap(Inh|Amb)", "/proc/self/status")
                #expect(sets == "CapInh:\t0000000000000000\nCapAmb:\t0000000000000000")
                try engine.ok("rm", "-f", "c1")
            }
        }
    }

    /// R15 (CVE-2026-53488): labels are data, whoever else reads meaning into them.
    @Test func labelsSteerNothing() throws {
        try TestEngine.with { engine in
            let labels = [
                "run.oci.hooks.stdout=/pwned", "run.oci.keep_original_groups=1", "org.criu.config=/pwned",
                "io.kubernetes.cri.container-type=sandbox", "org.systemd.property.CPUQuota=1", "wharf.privileged=true",
            ]
            let id = try engine.command(
                ["run", "-d", "--name", "c1"] + labels.flatMap { ["--label", $0] } + ["busybox", "sleep", "300"]
            ).text
            let configuration = readText("\(engine.execRoot)/containers/\(id)/config.json") ?? ""
            #expect(configuration.contains("\"ociVersion\""))
            for label in labels { #expect(!configuration.contains(label.prefix { $0 != "=" }), "\(label)") }
        }
    }

    /// R20: clients that are killed leave no stream, descriptor or process behind: the fixture looks.
    @Test func clientsThatGoAwayLeaveNothing() throws {
        try TestEngine.with { engine in
            try engine.ok(
                "run", "-d", "-i", "--name", "c1", "busybox", "sh", "-c", "while echo line; do usleep 10000; done")
            let commands = [
                ["logs", "-f", "c1"], ["events"], ["attach", "c1"], ["wait", "c1"], ["exec", "c1", "sleep", "2"],
            ]
            for _ in 0..<4 {
                let clients = try commands.map {
                    try RunningCommand([Client.docker.program] + $0, environment: engine.clientEnvironment)
                }
                usleep(200_000)
                for client in clients {
                    kill(client.pid, SIGKILL)
                    _ = try? client.wait(timeout: 5)
                }
            }
            #expect(try engine.ok("exec", "c1", "echo", "well") == "well")
            #expect(try eventually { try !engine.ok("top", "c1").contains("sleep 2") })
        }
    }

    /// R23 (CVE-2026-31431): the families that the filter keeps away can't be had through the calls of 32-bit programs
    /// either.
    @Test func cryptoAndVirtualSocketsAreOutOfReach() throws {
        try TestEngine.with { engine in
            let folder = engine.folder + "/probe"
            try mustRun(["mkdir", folder])
            func probe(_ family: UInt8, multiplexed: Bool, _ flags: String...) throws -> Int32 {
                try writeProgram(SocketProbe.program(family: family, multiplexed: multiplexed), to: folder + "/probe")
                return try engine.command(["run", "--rm", "-v", folder + ":/p"] + flags + ["busybox", "/p/probe"])
                    .status
            }
            let works: Int32 = 253
            // Without a filter both ways lead to a socket, so the probe measures something.
            #expect(try probe(1, multiplexed: true, "--security-opt", "seccomp=unconfined") == works)
            #expect(try probe(1, multiplexed: false, "--security-opt", "seccomp=unconfined") == works)
            #expect(try probe(1, multiplexed: false) == works)
            for family: UInt8 in [38, 40] {
                #expect(try probe(family, multiplexed: false) == EPERM)
                #expect(try probe(family, multiplexed: true) == ENOSYS)
            }
        }
    }

    private func writeProgram(_ bytes: [UInt8], to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o755)
        guard file >= 0, write(file, bytes, bytes.count) == bytes.count, close(file) == 0 else {
            throw Failure("writing \(path)")
        }
    }
}

/// A program of a few instructions for the 32-bit calls of x86: it makes a socket and ends with the error's number, or
/// with 256 less the socket's.
enum SocketProbe {
    static func program(family: UInt8, multiplexed: Bool) -> [UInt8] {
        let make: [UInt8] =
            multiplexed
            // push 0, 5 (SOCK_SEQPACKET), family; socketcall(1, esp)
            ? [0x6a, 0, 0x6a, 5, 0x6a, family, 0x89, 0xe1, 0x6a, 1, 0x5b, 0x6a, 102, 0x58, 0xcd, 0x80]
            // socket(family, 5, 0)
            : [0x6a, family, 0x5b, 0x6a, 5, 0x59, 0x31, 0xd2, 0xb8, 0x67, 1, 0, 0, 0xcd, 0x80]
        // exit(-result)
        let code = make + [0xf7, 0xd8, 0x89, 0xc3, 0x6a, 1, 0x58, 0xcd, 0x80]
        let base: UInt32 = 0x0804_8000
        let size = UInt32(84 + code.count)
        return [0x7f, 0x45, 0x4c, 0x46, 1, 1, 1] + [UInt8](repeating: 0, count: 9)
            // Executable for the 80386; entry, program headers at 52, no sections.
            + halves(2, 3) + words(1, base + 84, 52, 0, 0) + halves(52, 32, 1, 0, 0, 0)
            // One segment, readable and executable.
            + words(1, 0, base, base, size, size, 5, 0x1000) + code
    }

    private static func halves(_ values: UInt16...) -> [UInt8] {
        values.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }
    }

    private static func words(_ values: UInt32...) -> [UInt8] {
        values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
    }
}
