// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

/// Another engine that is given our runtime: its roots, cgroup parent, mount and network namespace are its own, and
/// gone with it.
final class OtherEngine {
    enum Kind: String, CaseIterable, CustomTestStringConvertible {
        /// Debian's podman 4.3.
        case podman
        /// Debian's dockerd 20.10 with its containerd (Scripts/install-test-clients).
        case dockerd

        var testDescription: String { rawValue }
    }

    let kind: Kind
    let folder: String
    private let name: String
    private var daemon: RunningCommand?

    private static let runtime = Project.programs + "/wharf-runtime"
    private static let tools = Project.tools + "/dockerd-20.10"

    static func with(
        _ kind: Kind, sourceLocation: SourceLocation = #_sourceLocation, _ body: (OtherEngine) throws -> Void
    ) throws {
        let engine = try OtherEngine(kind)
        defer { engine.dispose() }
        do {
            try engine.start()
            try engine.ok("load", "-q", "-i", try Project.busybox())
            try body(engine)
            try engine.removeContainers()
            for leak in engine.leaks() { Issue.record("left behind: \(leak)", sourceLocation: sourceLocation) }
        } catch {
            let log = (readText(engine.folder + "/log") ?? "").linesOfText.suffix(15).joined(separator: "\n")
            Issue.record("\(error)\n\(log)", sourceLocation: sourceLocation)
        }
    }

    private init(_ kind: Kind) throws {
        self.kind = kind
        folder = try makeTemporaryFolder("wo")
        name = String(folder.dropFirst("/tmp/".count))
        if kind == .dockerd {
            try mustRun(["ip", "netns", "add", name])
            // Without forwarding dockerd warns of each container.
            let script = "ip link set lo up && echo 1 >/proc/sys/net/ipv4/ip_forward"
            try mustRun(["nsenter", "--net=/run/netns/" + name, "sh", "-c", script])
        }
    }

    private func start() throws {
        guard kind == .dockerd else { return try writeFile(folder + "/containers.conf", Array(podmanSettings.utf8)) }
        try writeFile(folder + "/daemon.json", Array(#"{"deprecated-key-path": "\#(folder)/key"}"#.utf8))
        // In a mount namespace of its own: what it mounts is gone with the last of its processes.
        let command = try RunningCommand(
            [
                "nsenter", "--net=/run/netns/" + name, "unshare", "-m", "--propagation", "slave",
                Self.tools + "/dockerd", "--config-file", folder + "/daemon.json", "--data-root", folder + "/d",
                "--exec-root", folder + "/e", "--pidfile", folder + "/pid",
                "-H", "unix://" + folder + "/s",
                "--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-forward=false", "--cgroup-parent",
                "/" + name, "--exec-opt", "native.cgroupdriver=cgroupfs", "--add-runtime", "wharf=" + Self.runtime,
                "--default-runtime", "wharf",
            ],
            environment: ["PATH": Self.tools + ":/usr/sbin:/usr/bin:/sbin:/bin", "TMPDIR": "/tmp", "WHARF_TEST": name])
        daemon = command
        let answers = eventually(30, every: 0.1) { !command.isRunning || (try? run("version"))?.status == 0 }
        guard answers, command.isRunning else { throw Failure("dockerd did not come up: \(command.errorsSoFar)") }
    }

    private var podmanSettings: String {
        """
        [containers]
        default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
        [engine]
        cgroup_manager = "cgroupfs"
        events_logger = "none"
        lock_type = "file"
        runtime = "wharf"
        [engine.runtimes]
        wharf = ["\(Self.runtime)"]

        """
    }

    // MARK: Commands

    private func words(_ arguments: [String]) -> [String] {
        switch kind {
        case .dockerd: [Client.docker20.program, "-H", "unix://" + folder + "/s"] + arguments
        case .podman:
            [
                "podman", "--root", folder + "/d", "--runroot", folder + "/r", "--tmpdir", folder + "/t",
                "--storage-driver", "vfs",
            ] + arguments
        }
    }

    private var environment: [String: String] {
        ["CONTAINERS_CONF": folder + "/containers.conf", "HOME": folder, "TMPDIR": folder, "WHARF_TEST": name]
    }

    @discardableResult
    func run(_ arguments: String..., stdin: String? = nil) throws -> Outcome {
        try IntegrationTests.run(
            words(arguments), environment: environment, stdin: stdin.map { Array($0.utf8) }, timeout: 60)
    }

    /// Runs a command that has to succeed; gives what it wrote, without white space at the ends.
    @discardableResult
    func ok(_ arguments: String...) throws -> String {
        try mustRun(words(arguments), environment: environment, timeout: 60).text
    }

    func begin(_ arguments: String..., typing: Bool = false) throws -> RunningCommand {
        try RunningCommand(words(arguments), environment: environment, typing: typing)
    }

    /// What a container of the test's is always given: no network, and a cgroup of this engine's.
    var place: [String] { kind == .podman ? ["--network", "none", "--cgroup-parent", "/" + name] : [] }

    /// `run`, with `place`.
    @discardableResult
    func container(_ arguments: String..., stdin: String? = nil) throws -> Outcome {
        try IntegrationTests.run(
            words(["run"] + place + arguments), environment: environment, stdin: stdin.map { Array($0.utf8) },
            timeout: 60)
    }

    func inspect(_ container: String, _ template: String) throws -> String {
        try ok("inspect", "-f", template, container)
    }

    // MARK: Afterwards

    private func removeContainers() throws {
        for id in try ok("ps", "-aq").fields { try remove(id) }
    }

    /// `rm -f`, at once: podman's grace is ten seconds otherwise.
    func remove(_ container: String) throws {
        let flags = kind == .podman ? ["-t", "0"] : []
        try mustRun(words(["rm", "-f"] + flags + [container]), environment: environment, timeout: 60)
    }

    /// Cgroups of containers, and processes but for the engine's own.
    private func leaks() -> [String] {
        var found: [String] = []
        _ = eventually(6, every: 0.1) {
            // conmon's, of podman's own, stays.
            found = cgroups().filter { !$0.hasSuffix("/" + name) && !$0.contains("conmon") }.map { "cgroup \($0)" }
            found += processes().filter { $0.command.hasPrefix(Self.runtime) || $0.command.hasPrefix("sleep") }
                .map { "process \($0.pid): \($0.command)" }
            return found.isEmpty
        }
        return found
    }

    private func cgroups() -> [String] {
        let script = "find /sys/fs/cgroup/\(name) /sys/fs/cgroup/*/\(name) -depth -type d 2>/dev/null; true"
        return ((try? IntegrationTests.run(["sh", "-c", script]))?.text ?? "").linesOfText
    }

    private func processes() -> [(pid: pid_t, command: String)] {
        list("/proc").compactMap { pid_t($0) }.filter { $0 != getpid() }.compactMap { pid in
            let command = (readText("/proc/\(pid)/cmdline") ?? "").map { $0 == "\0" ? " " : $0 }
            let text = String(command)
            let environment = readText("/proc/\(pid)/environ") ?? ""
            let cgroup = readText("/proc/\(pid)/cgroup") ?? ""
            guard text.contains(folder) || environment.contains("WHARF_TEST=\(name)\0") || cgroup.contains("/" + name)
            else { return nil }
            return (pid, text)
        }
    }

    private func dispose() {
        if let daemon, daemon.isRunning {
            kill(daemon.pid, SIGTERM)
            _ = try? daemon.wait(timeout: 20)
        }
        for _ in 0..<5 {
            let left = processes()
            if left.isEmpty { break }
            for process in left { kill(process.pid, SIGKILL) }
            usleep(100_000)
        }
        for path in cgroups() { rmdir(path) }
        if kind == .dockerd { _ = try? IntegrationTests.run(["ip", "netns", "del", name]) }
        _ = try? IntegrationTests.run(["sh", "-c", "umount -l $(grep -o '\(folder)/[^ ]*' /proc/self/mountinfo)"])
        removeTree(folder)
    }
}
