// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON
import Testing

/// A real daemon of one test's own: its roots, socket, network namespace and cgroup parent are nobody else's.
///
/// `TestEngine.with { engine in … }` starts it, runs the test, removes all containers, and fails the test if anything
/// of them is left (see Leaks.swift).
final class TestEngine {
    let name: String
    let folder: String
    private(set) var daemon: RunningCommand?
    private var baseline: [String: Int] = [:]
    private let extra: [String]
    /// What the daemon is started by: a command that ends by executing its arguments.
    private let wrapper: [String]
    /// Whether a container ran, and a port was published, before the baseline was taken.
    private(set) var isWarm = false

    var dataRoot: String { folder + "/d" }
    var execRoot: String { folder + "/e" }
    var socket: String { folder + "/s" }
    var log: String { folder + "/log" }
    var cgroupParent: String { "/" + name }
    var namespace: String { "/run/netns/" + name }
    /// What the namespace's links and rules were before the first container.
    private(set) var network: Set<String> = []

    /// Starts an engine, with the busybox image unless told otherwise, for as long as `body` runs.
    ///
    /// `dataRootMount`: arguments of mount(8) but the place, for a data root that is a mount in the daemon's own
    /// namespace.
    static func with(
        image: Bool = true, arguments: [String] = [], dataRootMount: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation,
        _ body: (TestEngine) throws -> Void
    ) throws {
        let engine = try TestEngine(arguments: arguments, dataRootMount: dataRootMount)
        defer { engine.dispose() }
        do {
            try engine.start()
            if image { try engine.ok("load", "-q", "-i", try Project.busybox()) }
            try engine.takeBaseline(running: image)
            try body(engine)
            try engine.removeContainers()
            for leak in engine.leaks() { Issue.record("left behind: \(leak)", sourceLocation: sourceLocation) }
        } catch {
            Issue.record("\(error)\ndaemon's log: \(engine.logTail())", sourceLocation: sourceLocation)
        }
    }

    private init(arguments: [String], dataRootMount: String?) throws {
        folder = try makeTemporaryFolder("wi")
        name = String(folder.dropFirst("/tmp/".count))
        extra = arguments
        let place = folder + "/d"
        let script = dataRootMount.map { "mkdir -p \(place) && mount \($0) \(place) && exec \"$@\"" }
        wrapper = script.map { ["unshare", "-m", "sh", "-c", $0, "wharfd"] } ?? []
        try mustRun(["ip", "netns", "add", name])
        try mustRun(inNamespace(["ip", "link", "set", "lo", "up"]))
    }

    // MARK: The daemon

    func inNamespace(_ arguments: [String]) -> [String] { ["nsenter", "--net=" + namespace] + arguments }

    /// Starts the daemon, anew if it was there before, and waits until it answers.
    func start() throws {
        let flags = [
            "--data-root", dataRoot, "--exec-root", execRoot, "-H", "unix://" + socket, "--cgroup-parent", cgroupParent,
            "--pidfile", folder + "/pid", "--log-file", log,
        ]
        let command = try RunningCommand(
            inNamespace(wrapper + [Project.programs + "/wharfd"] + flags + extra), environment: ["WHARF_TEST": name])
        daemon = command
        let answers = eventually(30) { !command.isRunning || (try? http("GET", "/_ping").status) == 200 }
        guard answers, command.isRunning else {
            throw Failure("wharfd did not come up: \(command.errorsSoFar)\n\(logTail())")
        }
    }

    /// Ends the daemon with `signal` and waits until it is gone.
    func stop(_ signal: Int32 = SIGTERM) throws {
        guard let daemon else { return }
        kill(daemon.pid, signal)
        _ = try daemon.wait(timeout: 15)
        self.daemon = nil
    }

    func logTail() -> String {
        (readText(log) ?? "").linesOfText.suffix(25).joined(separator: "\n") + (daemon?.errorsSoFar ?? "").suffix(1500)
    }

    // MARK: Clients

    var clientEnvironment: [String: String] {
        [
            "DOCKER_HOST": "unix://" + socket, "HOME": folder, "DOCKER_CONFIG": folder + "/c",
            "DOCKER_CLI_HINTS": "false",
        ]
    }

    /// Runs a client's command to its end, whatever that is.
    @discardableResult
    func callAsFunction(
        _ arguments: String..., by client: Client = .docker, stdin: String? = nil, timeout: Double = 30
    ) throws -> Outcome {
        try command(arguments, by: client, stdin: stdin.map { Array($0.utf8) }, timeout: timeout)
    }

    @discardableResult
    func command(
        _ arguments: [String], by client: Client = .docker, stdin: [UInt8]? = nil, timeout: Double = 30
    ) throws -> Outcome {
        try run([client.program] + arguments, environment: clientEnvironment, stdin: stdin, timeout: timeout)
    }

    /// Runs a command that has to succeed; gives what it wrote, without white space at the ends.
    @discardableResult
    func ok(
        _ arguments: String..., by client: Client = .docker, stdin: String? = nil, timeout: Double = 30
    ) throws -> String {
        let outcome = try command(arguments, by: client, stdin: stdin.map { Array($0.utf8) }, timeout: timeout)
        guard outcome.status == 0 else {
            throw Failure("\(client) \(arguments.joined(separator: " ")): \(outcome)")
        }
        return outcome.text
    }

    /// Starts a client's command in the background.
    func begin(_ arguments: String..., by client: Client = .docker, typing: Bool = false) throws -> RunningCommand {
        try RunningCommand([client.program] + arguments, environment: clientEnvironment, typing: typing)
    }

    // MARK: Containers

    /// What `--until` has to be for events to be told up to now: of `0s` the clients make the second that has begun.
    func clock() throws -> String { try mustRun(["date", "-u", "+%s.%N"]).text }

    func inspect(_ container: String, _ template: String) throws -> String {
        try ok("inspect", "-f", template, container)
    }

    func processID(_ container: String) throws -> pid_t {
        guard let pid = pid_t(try inspect(container, "{{.State.Pid}}")), pid > 1 else {
            throw Failure("\(container) does not run")
        }
        return pid
    }

    /// The supervisor: the parent of the container's first process.
    func shim(_ container: String) throws -> pid_t {
        let status = readText("/proc/\(try processID(container))/status") ?? ""
        guard let parent = status.linesOfText.first(where: { $0.hasPrefix("PPid:") })?.fields.last,
            let pid = pid_t(parent), pid > 1
        else { throw Failure("\(container) has no parent") }
        return pid
    }

    func removeContainers() throws {
        let ids = try http("GET", "/containers/json?all=1").json().elements.compactMap { $0["Id"]?.text }
        for id in ids {
            let answer = try http("DELETE", "/containers/\(id)?force=1&v=1")
            guard answer.status == 204 || answer.status == 404 else { throw Failure("rm \(id): \(answer)") }
        }
    }

    // MARK: Afterwards

    /// Notes what is there before the test's own containers, after everything that is made at the first use was used.
    private func takeBaseline(running: Bool) throws {
        isWarm = running
        if running { try ok("run", "--rm", "-p", "127.0.0.1::9", "busybox", "true") }
        let connections = try (0..<8).map { _ in try RawConnection(socket) }
        for connection in connections {
            connection.send("GET /_ping HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            connection.read()
        }
        baseline = descriptors()
        network = networkObjects()
    }

    /// What containers left behind, after some seconds for the kernel and PID 1 to reap.
    func leaks(but isExpected: (String) -> Bool = { _ in false }) -> [String] {
        var found: [String] = []
        _ = eventually(6, every: 0.1) {
            found = allLeaks(descriptorsBefore: baseline).filter { !isExpected($0) }
            return found.isEmpty
        }
        return found
    }

    /// Ends and removes everything that is this engine's, whatever state it is in.
    private func dispose() {
        if let daemon, daemon.isRunning { try? stop() }
        daemon = nil
        for _ in 0..<3 {
            let pids = processes().map(\.pid)
            if pids.isEmpty { break }
            for pid in pids { kill(pid, SIGKILL) }
            usleep(100_000)
        }
        for path in cgroups().sorted(by: >) { rmdir(path) }
        for mount in mounts().reversed() { umount2(mount, Int32(MNT_DETACH)) }
        _ = try? run(["ip", "netns", "del", name])
        removeTree(folder)
    }
}
