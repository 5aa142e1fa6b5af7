// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Two hosts of a test's own, one cable between them: network namespaces. On one runs network-probe, which is
/// `Networks` without an engine.
final class Lab {
    static let root = String(#filePath.dropLast("/Tests/NetworkNamespaceTests/Lab.swift".count))
    static let programs = root + "/.build/release"
    static let hostAddress = "198.51.100.1"
    static let outsideAddress = "198.51.100.2"

    let name: String
    let folder: String
    private(set) var probe: Child
    private var servers: [Child] = []

    /// Runs `body`, then takes both hosts away.
    static func with(_ options: [String] = [], _ body: (Lab) throws -> Void) throws {
        let lab = try Lab(options)
        defer { lab.dispose() }
        try body(lab)
    }

    private init(_ options: [String]) throws {
        var template = Array("/tmp/wnXXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Trouble("mkdtemp: errno \(errno)") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        name = String(folder.dropFirst("/tmp/".count))
        for command in [
            "ip netns add \(name)", "ip netns add \(name)x", "ip -n \(name) link set lo up",
            "ip -n \(name)x link set lo up", "ip -n \(name) link add up0 type veth peer name eth0 netns \(name)x",
            "ip -n \(name) address add \(Self.hostAddress)/24 dev up0", "ip -n \(name) link set up0 up",
            "ip -n \(name)x address add \(Self.outsideAddress)/24 dev eth0", "ip -n \(name)x link set eth0 up",
            "ip -n \(name)x route add 172.16.0.0/12 via \(Self.hostAddress)", "mkdir \(folder)/www",
            "echo \(getpid()) > \(folder)/owner",
            "echo page > \(folder)/www/index.html",
        ] { try Self.shell(command) }
        probe = try Self.startProbe(name, folder, options)
    }

    private static func startProbe(_ name: String, _ folder: String, _ options: [String]) throws -> Child {
        let child = try Child(
            ["nsenter", "--net=/run/netns/" + name, programs + "/network-probe", folder, programs + "/wharf-runtime"]
                + options)
        let line = child.readLine()
        guard line == "started" else { throw Trouble("network-probe: \(line)") }
        return child
    }

    /// Kills the probe as `kill -9` would, and starts the next.
    func restartProbe() throws {
        probe.kill()
        probe = try Self.startProbe(name, folder, [])
    }

    func ask(_ command: String) -> String { probe.ask(command) }

    /// Applies a plan that has to work; returns a prefix that enters the container's network.
    func apply(_ command: String) throws -> Container {
        let words = ask("apply " + command).split(separator: " ").map(String.init)
        guard words.first == "applied", words.count >= 3 else { throw Trouble(words.joined(separator: " ")) }
        return Container(enter: "nsenter --net=/proc/\(probe.pid)/fd/\(words[1])", address: words[2], words: words)
    }

    struct Container {
        var enter: String
        var address: String
        var words: [String]
    }

    /// Serves the page on a port until the lab ends; the server keeps the namespace as a container's process does.
    func serve(_ prefix: String, port: Int) throws {
        servers.append(
            try Child((prefix + " busybox httpd -f -p \(port) -h \(folder)/www").split(separator: " ").map(String.init))
        )
        try awaitServer(prefix, "-t", port: port)
    }

    /// Waits until somebody has the port; `kind` is ss's flag.
    func awaitServer(_ prefix: String, _ kind: String, port: Int) throws {
        for _ in 0..<200 {
            if try shell("\(prefix) ss -lnH \(kind) sport = :\(port)", mayFail: true).contains(":\(port)") { return }
            usleep(20_000)
        }
        throw Trouble("nobody serves port \(port)")
    }

    var host: String { "nsenter --net=/run/netns/\(name)" }
    var outside: String { "nsenter --net=/run/netns/\(name)x" }

    /// Whether the page can be had; a failure takes `patience` seconds.
    func reaches(_ prefix: String, _ url: String, patience: Int = 2) throws -> Bool {
        try shell("\(prefix) curl -sS -g -m \(patience) http://\(url)/", mayFail: true) == "page\n"
    }

    @discardableResult
    func shell(_ command: String, mayFail: Bool = false) throws -> String {
        try Self.shell(command, mayFail: mayFail)
    }

    @discardableResult
    private static func shell(_ command: String, mayFail: Bool = false) throws -> String {
        let child = try Child(["sh", "-c", command])
        let text = child.readAll()
        let status = child.wait()
        guard status == 0 || mayFail else { throw Trouble("\(command): status \(status): \(text)") }
        return text
    }

    private func dispose() {
        for server in servers { server.kill() }
        probe.kill()
        // netd, which outlives the probe, ends with its last port; here the ports may be left on purpose.
        for pid in (try? shell("ip netns pids \(name)", mayFail: true).split(separator: "\n")) ?? [] {
            if let pid = pid_t(pid) { Glibc.kill(pid, SIGKILL) }
        }
        for command in ["ip netns del \(name)", "ip netns del \(name)x", "rm -rf \(folder)"] {
            _ = try? shell(command, mayFail: true)
        }
    }
}

struct Trouble: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// A process with pipes at its standard input and output.
final class Child {
    let pid: pid_t
    private let input: Int32
    private let output: Int32
    private var isOver = false

    init(_ arguments: [String]) throws {
        var toChild: [Int32] = [-1, -1]
        var fromChild: [Int32] = [-1, -1]
        guard pipe(&toChild) == 0, pipe(&fromChild) == 0 else { throw Trouble("pipe") }
        for end in toChild + fromChild { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
        posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
        // The test's own threads block signals; programs wait for some.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var pointers = arguments.map { strdup($0) }
        pointers.append(nil)
        defer { for pointer in pointers { free(pointer) } }
        var child = pid_t()
        let failure = posix_spawnp(&child, arguments[0], &actions, &attributes, &pointers, environ)
        close(toChild[0])
        close(fromChild[1])
        guard failure == 0 else { throw Trouble("\(arguments[0]): errno \(failure)") }
        pid = child
        input = toChild[1]
        output = fromChild[0]
    }

    deinit {
        kill()
        close(input)
        close(output)
    }

    func ask(_ line: String) -> String {
        let bytes = Array((line + "\n").utf8)
        guard write(input, bytes, bytes.count) == bytes.count else { return "gone" }
        return readLine()
    }

    func readLine() -> String {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(output, &byte, 1) == 1, byte != UInt8(ascii: "\n") { line.append(byte) }
        return String(decoding: line, as: UTF8.self)
    }

    func readAll() -> String {
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(output, &buffer, buffer.count)
            if count <= 0 { return String(decoding: text, as: UTF8.self) }
            text += buffer[..<count]
        }
    }

    func wait() -> Int32 {
        var status: Int32 = 0
        if !isOver { waitpid(pid, &status, 0) }
        isOver = true
        return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + (status & 0x7f)
    }

    func kill() {
        if isOver { return }
        Glibc.kill(pid, SIGKILL)
        _ = wait()
    }
}
