// SPDX-License-Identifier: Apache-2.0

import ContainerLog
import Glibc
import JSON
import Linux
import OCI
import Testing

@testable import Shim

/// One real container under the real `wharf-runtime shim`, in a run directory of its own. Needs root and busybox.
final class ShimFixture: Sendable {
    /// The programs are built before the tests are run.
    static let runtime: String = {
        if let path = getenv("WHARF_BIN") { return String(cString: path) + "/wharf-runtime" }
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        return "/\(root)/.build/release/wharf-runtime"
    }()
    private static let cgroupParent = "/wharf-shim-tests-\(getpid())"
    static let launcher = Result {
        atexit { ShimFixture.removeParent() }
        return try ShimLauncher(executable: runtime, cgroupParent: cgroupParent)
    }

    let id: String
    let root: String
    var directory: String { "\(root)/run" }
    var logPath: String { "\(root)/log" }
    let connection: ShimConnection

    struct Options: Sendable {
        var terminal = false
        var openStdin = false
        var stdinOnce = false
        var logMaximumSize: Int64? = 20_000_000
        var logDirectory: String?
    }

    /// Makes the root file system, and launches; the container is created and waits for `start`.
    init(_ arguments: [String], _ options: Options = Options()) throws {
        var template = Array("/tmp/wharf-supervisor-XXXXXX".utf8CString)
        root = mkdtemp(&template).map { String(cString: $0) } ?? ""
        try Self.write(Array("\(getpid())".utf8), "\(root)/owner")
        id = String(root.utf8.map { String($0, radix: 16) }.joined().suffix(64))
        let directory = "\(root)/run"
        for name in [
            "run", "rootfs", "rootfs/bin", "rootfs/proc", "rootfs/dev", "rootfs/tmp", "rootfs/sys", "rootfs/etc",
        ] {
            mkdir("\(root)/\(name)", 0o700)
        }
        try Self.copy("/bin/busybox", to: "\(root)/rootfs/bin/busybox")
        for name in ["sh", "cat", "echo", "sleep", "true", "stty", "head", "dd", "seq", "yes", "kill", "id", "wc"] {
            link("\(root)/rootfs/bin/busybox", "\(root)/rootfs/bin/\(name)")
        }
        var configuration = ShimConfiguration(id: id, seccompCache: "\(root)/seccomp")
        mkdir(configuration.seccompCache, 0o700)
        configuration.terminal = options.terminal
        configuration.openStdin = options.openStdin
        configuration.stdinOnce = options.stdinOnce
        configuration.logPath = (options.logDirectory ?? root) + "/log"
        configuration.logMaximumSize = options.logMaximumSize
        try Self.write(try JSON.encode(configuration), "\(directory)/shim.json")
        let specification = Self.specification(arguments, id, root, options)
        try Self.write(try JSON.encode(specification), "\(directory)/config.json")
        connection = try Self.launcher.get().launch(directory: directory, ShimDescriptors())
    }

    deinit {
        connection.close()
        _ = spawnAndWait(["/bin/rm", "-rf", root])
    }

    private static func specification(
        _ arguments: [String], _ id: String, _ root: String, _ options: Options
    ) -> RuntimeSpec {
        var specification = RuntimeSpec()
        specification.root = .init(path: "\(root)/rootfs")
        specification.hostname = "test"
        var process = RuntimeSpec.Process(args: arguments)
        process.terminal = options.terminal
        process.user = .init()
        process.env = ["PATH=/bin"]
        specification.process = process
        specification.mounts = [
            .init(destination: "/proc", type: "proc", source: "proc"),
            .init(destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755"]),
            .init(
                destination: "/dev/pts", type: "devpts", source: "devpts",
                options: ["newinstance", "ptmxmode=0666", "mode=0620"]),
        ]
        var linux = RuntimeSpec.Linux()
        linux.namespaces = [.pid, .mount, .ipc, .uts, .network].map { .init($0) }
        linux.cgroupsPath = "\(cgroupParent)/\(id)"
        specification.linux = linux
        return specification
    }

    /// A client's two ends: what is given to the shim, and what the test holds.
    func attach(
        stdin: Bool = true, replayLog: Bool = false, stream: Bool = true, detachKeys: [UInt8] = [16, 17],
        buffered: String = ""
    ) async throws -> TestClient {
        let (theirs, ours) = try TestClient.pair()
        let request = AttachRequest(
            stdin: stdin, stdout: true, stderr: true, replayLog: replayLog, stream: stream, detachKeys: detachKeys,
            buffered: Array(buffered.utf8))
        try await connection.send(.attach(request), descriptor: try theirs.descriptor.duplicate())
        return ours
    }

    func exec(_ arguments: [String], terminal: Bool = false) async throws -> TestClient {
        let (theirs, ours) = try TestClient.pair()
        var process = RuntimeSpec.Process(args: arguments)
        process.user = .init()
        process.env = ["PATH=/bin"]
        process.terminal = terminal
        let attach = AttachRequest(stdin: true, stdout: true, stderr: true, detachKeys: [16, 17])
        let request = ExecRequest(execID: "e1", process: process, privileged: false, attach: attach)
        try await connection.send(.exec(request), descriptor: try theirs.descriptor.duplicate())
        return ours
    }

    @discardableResult
    func start() async throws -> Int32 {
        guard case .started(let pid, _) = try await connection.send(.start) else {
            throw Errno(.invalidArgument, "start")
        }
        return pid
    }

    /// Waits for the container's end, as the event and the file tell it.
    func exit() async throws -> ExitRecord {
        for await event in connection.events {
            guard case .exited(let record) = event else { continue }
            #expect(try exitFile() == record)
            return record
        }
        throw Errno(.connectionReset, "events")
    }

    func exitFile() throws -> ExitRecord {
        try JSON.decode(
            ExitRecord.self, from: try FileDescriptor.open("\(directory)/exit.json", O_RDONLY).readAll(limit: 4096))
    }

    func log() throws -> [LogEntry] {
        let scanner = LogScanner(path: logPath, query: LogQuery())
        try scanner.open()
        var result: [LogEntry] = []
        while true {
            let batch = try scanner.read()
            if batch.isEmpty { return result }
            result += batch
        }
    }

    /// The cgroups of a container whose shim was killed.
    func removeCgroups() { Self.inHierarchies { rmdir("\($0)\(Self.cgroupParent)/\(id)") } }

    /// When the tests end.
    private static func removeParent() {
        inHierarchies { hierarchy in
            rmdir("\(hierarchy)\(cgroupParent)/supervisors")
            rmdir("\(hierarchy)\(cgroupParent)")
        }
    }

    private static func inHierarchies(_ body: (String) -> Void) {
        let mounts = (try? FileDescriptor.open("/proc/self/mounts", O_RDONLY).readAll(limit: 1 << 20)) ?? []
        for line in String(decoding: mounts, as: UTF8.self).split(separator: "\n") where line.hasPrefix("cgroup") {
            body(String(line.split(separator: " ")[1]))
        }
    }

    private static func write(_ bytes: [UInt8], _ path: String) throws {
        try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC).writeAll(bytes)
    }

    private static func copy(_ source: String, to path: String) throws {
        let bytes = try FileDescriptor.open(source, O_RDONLY).readAll(limit: 16 << 20)
        try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o755).writeAll(bytes)
    }
}

/// Runs a host program to its end.
@discardableResult
func spawnAndWait(_ arguments: [String]) -> Int32 {
    var pid: pid_t = 0
    var pointers = arguments.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    guard posix_spawn(&pid, arguments[0], nil, nil, &pointers, nil) == 0 else { return -1 }
    var status: Int32 = 0
    waitpid(pid, &status, 0)
    return status
}
