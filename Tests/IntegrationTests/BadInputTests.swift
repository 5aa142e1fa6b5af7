// SPDX-License-Identifier: Apache-2.0

import Testing

/// A command that has to be refused.
struct Refusal: Sendable, CustomTestStringConvertible {
    var arguments: [String]
    var status: Int32
    /// What the client has to say, wherever it says it.
    var message: String
    /// Who: a check that is the client's own is not in every client.
    var clients: [Client]

    init(_ status: Int32, _ message: String, by clients: [Client] = Client.allCases, _ arguments: String...) {
        self.arguments = arguments
        self.status = status
        self.message = message
        self.clients = clients
    }

    var testDescription: String { arguments.joined(separator: " ") }
}

private let recent: [Client] = [.docker, .wharf]

/// Everything a user gets wrong gets Docker's exit code and a message that says what is wrong.
@Suite(.serialized) struct BadInputTests {
    static let runs: [Refusal] = [
        Refusal(127, #"exec: "nosuchcmd": executable file not found in $PATH"#, "run", "--rm", "busybox", "nosuchcmd"),
        Refusal(126, #"exec: "/etc/passwd": permission denied"#, "run", "--rm", "busybox", "/etc/passwd"),
        Refusal(125, "Minimum memory limit allowed is 6MB", "run", "--rm", "-m", "1k", "busybox", "true"),
        Refusal(125, "too many colons", by: recent, "run", "--rm", "-v", "relative:path:bad:x", "busybox", "true"),
        Refusal(125, "invalid hostPort: 99999", by: recent, "run", "--rm", "-p", "99999:80", "busybox", "true"),
        Refusal(125, "nvalid containerPort: abc", "run", "--rm", "-p", "abc", "busybox", "true"),
        Refusal(
            125, "Invalid container name (bad name), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed", "run", "--rm",
            "--name",
            "bad name", "busybox", "true"),
        Refusal(
            125, #"invalid mount config for type "bind": bind source path does not exist: /nonexistent/x"#,
            by: Client.stock, "run",
            "--rm",
            "--mount", "type=bind,source=/nonexistent/x,target=/m", "busybox", "true"),
        Refusal(
            125, "unable to find user nosuchuser: no matching entries in passwd file", "run", "--rm", "-u",
            "nosuchuser",
            "busybox", "true"),
        Refusal(
            125, "the working directory 'relative' is invalid, it needs to be an absolute path", "run", "--rm", "-w",
            "relative", "busybox", "true"),
        Refusal(
            125, #"invalid CapAdd: unknown capability: "CAP_NOPE""#, "run", "--rm", "--cap-add", "NOPE", "busybox",
            "true"),
        Refusal(125, "network nosuch not found", "run", "--rm", "--network", "nosuch", "busybox", "true"),
        Refusal(125, "range of CPUs is from 0.01 to", "run", "--rm", "--cpus", "1000", "busybox", "true"),
        Refusal(
            125, "unknown or invalid runtime name: nosuch", by: Client.stock, "run", "--rm", "--runtime", "nosuch",
            "busybox", "true"),
        Refusal(125, "invalid environment variable: =x", "run", "--rm", "-e", "=x", "busybox", "true"),
        Refusal(
            125, "invalid signal: NOPE", by: Client.stock, "run", "--rm", "--stop-signal", "NOPE", "busybox", "true"),
        Refusal(
            125, "uids and gids must be in range 0-2147483647", "run", "--rm", "--user", "99999999999", "busybox",
            "true"),
        Refusal(
            125, "Cannot mkdir: /etc/passwd is not a directory", "run", "--rm", "--workdir", "/etc/passwd", "busybox",
            "true"),
        Refusal(
            125, "cannot be mounted because it is not of type proc", "run", "--rm", "-v", "/tmp:/proc",
            "busybox", "true"),
        Refusal(
            125, "cannot be mounted because it is inside /proc", "run", "--rm", "-v", "/tmp:/proc/sys",
            "busybox", "true"),
        Refusal(125, "unknown flag: --nosuchflag", "run", "--nosuchflag", "busybox"),
        Refusal(125, "onflicting options: ", by: [.docker], "run", "--rm", "--restart", "always", "busybox", "true"),
    ]

    static let others: [Refusal] = [
        Refusal(1, "unknown command: ", by: recent, "frobnicate"),
        Refusal(1, "requires at least 1 argument", "run"),
        Refusal(1, "accepts no arguments", "ps", "extra", "args"),
        Refusal(1, "open /nonexistent.tar: no such file or directory", "load", "-i", "/nonexistent.tar"),
        Refusal(1, "invalid filter 'bad'", by: recent, "images", "--filter", "bad=x"),
        Refusal(1, "invalid filter 'nope'", by: recent, "ps", "--filter", "nope=1"),
        Refusal(1, "No such image: nosuch:latest", by: recent, "image", "inspect", "nosuch"),
        Refusal(1, "must be lowercase", "tag", "busybox", "BAD NAME"),
        Refusal(1, "No such image: nosuch:latest", "tag", "nosuch", "x:1"),
        Refusal(1, "No such image: nosuch:latest", by: recent, "rmi", "nosuch"),
        Refusal(1, "No such object: nosuch", "inspect", "nosuch"),
        Refusal(1, "value is empty", by: recent, "inspect", ""),
        Refusal(1, "No such image: web:latest", by: recent, "inspect", "--type", "image", "web"),
        Refusal(1, "<.Nope>", "inspect", "-f", "{{.Nope}}", "web"),
        Refusal(64, "template parsing error: template: :1: unclosed action", "inspect", "-f", "{{", "web"),
        Refusal(1, "can't evaluate field Nope", by: recent, "ps", "--format", "{{.Nope}}"),
        Refusal(1, "Error: No public port '99", "port", "web", "99"),
        Refusal(1, "is not running", "exec", "one", "true"),
        Refusal(1, "No such container: nosuch", "exec", "nosuch", "true"),
        Refusal(1, #"Conflict. The container name "/one" is already in use by container"#, "rename", "web", "one"),
        Refusal(1, "cannot kill container: web: invalid signal: NOPE", "kill", "-s", "NOPE", "web"),
        Refusal(1, "You cannot attach to a stopped container, start it first", "attach", "one"),
        Refusal(1, "No such container: nosuch", "logs", "nosuch"),
        Refusal(1, "No such container: nosuch", "start", "nosuch"),
        Refusal(1, "No such container: nosuch", "stop", "nosuch"),
        Refusal(1, "No such container: nosuch", "restart", "nosuch"),
        Refusal(1, "No such container: nosuch", "wait", "nosuch"),
        Refusal(1, "No such container: nosuch", "rm", "nosuch"),
        Refusal(1, "No such container: nosuch", "top", "nosuch"),
        Refusal(1, "No such container: nosuch", "rename", "nosuch", "x"),
        Refusal(1, #"cannot remove container "web": container is running"#, by: recent, "rm", "web"),
        Refusal(1, "is not running", "kill", "one"),
        Refusal(
            125, #"Conflict. The container name "/one" is already in use by container"#, "run", "--name", "one",
            "busybox", "true"),
        Refusal(1, "conflict: unable to delete busybox:latest (must be forced) - container", "rmi", "busybox"),
        Refusal(1, "the input device is not a TTY", "run", "-it", "--rm", "busybox", "true"),
    ]

    @Test(arguments: Client.allCases)
    func runRefusesWhatCannotBe(client: Client) throws {
        try TestEngine.with { engine in
            for refusal in Self.runs where refusal.clients.contains(client) { try check(refusal, engine, client) }
            #expect(try engine.ok("ps", "-aq") == "", "a refused run --rm leaves no container")
        }
    }

    @Test(arguments: Client.allCases)
    func commandsRefuseWhatCannotBe(client: Client) throws {
        try TestEngine.with { engine in
            try engine.ok("run", "--name", "one", "busybox", "true")
            try engine.ok("run", "-d", "--name", "web", "-p", "18080:80", "busybox", "sleep", "300")
            for refusal in Self.others where refusal.clients.contains(client) { try check(refusal, engine, client) }
        }
    }

    private func check(_ refusal: Refusal, _ engine: TestEngine, _ client: Client) throws {
        let outcome = try engine.command(refusal.arguments, by: client)
        let said = outcome.stdout + outcome.stderr
        #expect(
            outcome.status == refusal.status && said.contains(refusal.message),
            "\(client) \(refusal.testDescription): wants \(refusal.status), '\(refusal.message)'; got \(outcome)")
    }

    @Test(arguments: Client.allCases)
    func unknownImageIsNamed(client: Client) throws {
        try TestEngine.with { engine in
            let outcome = try engine("run", "--rm", "nosuchimage:1", "true", by: client)
            #expect(outcome.status == 125)
            #expect(outcome.stderr.contains("Unable to find image 'nosuchimage:1' locally"), "\(outcome)")
        }
    }

    @Test(arguments: Client.allCases)
    func portInUse(client: Client) throws {
        try TestEngine.with { engine in
            try engine.ok("run", "-d", "--name", "first", "-p", "18080:80", "busybox", "sleep", "300")
            let outcome = try engine("run", "-d", "--name", "second", "-p", "18080:80", "busybox", "true", by: client)
            #expect(outcome.status == 125)
            #expect(outcome.stderr.contains("Bind for 0.0.0.0:18080 failed: port is already allocated"), "\(outcome)")
            #expect(try engine.inspect("second", "{{.State.Status}}") == "created")
            try engine.ok("rm", "-f", "first")
            try engine.ok("start", "second")
        }
    }

    @Test func portThatAnotherProgramHolds() throws {
        try TestEngine.with { engine in
            let holder = try RunningCommand(
                engine.inNamespace(["busybox", "nc", "-l", "-p", "18081"]), environment: ["WHARF_TEST": engine.name])
            _ = eventually { (try? run(engine.inNamespace(["ss", "-ltn"])).stdout.contains(":18081")) ?? false }
            let outcome = try engine("run", "-d", "-p", "18081:80", "busybox", "true")
            #expect(outcome.status == 125)
            #expect(outcome.stderr.contains("18081"), "\(outcome)")
            #expect(outcome.stderr.contains("address already in use"), "\(outcome)")
            withExtendedLifetime(holder) {}
        }
    }

    @Test(arguments: Client.allCases)
    func ambiguousPrefix(client: Client) throws {
        try TestEngine.with { engine in
            // 17 containers: two IDs begin with the same digit
            var ids: [String] = []
            for _ in 0..<17 { ids.append(try engine.ok("create", "busybox", "true")) }
            let groups = Dictionary(grouping: ids) { $0.prefix(1) }
            let shared = try #require(groups.first { $0.value.count > 1 }).key
            let outcome = try engine("rm", String(shared), by: client)
            #expect(outcome.status == 1)
            #expect(outcome.stderr.contains("multiple IDs found with provided prefix: \(shared)"), "\(outcome)")
            #expect(try engine.ok("inspect", "-f", "{{.Id}}", String(ids[0].prefix(12)), by: client) == ids[0])
        }
    }

    @Test func archivesThatAreNoneAreRefused() throws {
        try TestEngine.with(image: false) { engine in
            let whole = try #require(readFile(try Project.busybox()))
            let gzip = try #require(readFile(try Project.image("busybox.tar.gz", ["--compress", "gzip"])))
            var corrupt = gzip
            for index in stride(from: corrupt.count / 3, to: corrupt.count, by: 97) { corrupt[index] ^= 0x5a }
            let samples: [(String, [UInt8])] = [
                ("empty", []), ("text", Array("not a tar".utf8)), ("truncated", Array(whole.prefix(whole.count / 2))),
                ("truncated gzip", Array(gzip.prefix(gzip.count / 2))), ("corrupt gzip", corrupt),
                ("headless", Array(whole.dropFirst(700))), ("zeros", [UInt8](repeating: 0, count: 10240)),
            ]
            for (name, bytes) in samples {
                for client in Client.allCases {
                    let outcome = try engine.command(["load"], by: client, stdin: bytes)
                    #expect(outcome.status == 1, "\(name), \(client): \(outcome)")
                    #expect(!outcome.stderr.trimmed.isEmpty, "\(name), \(client): \(outcome)")
                }
            }
            #expect(try engine.ok("images", "-q") == "")
            let left =
                (list(engine.dataRoot + "/content/ingest") + list(engine.dataRoot + "/content/blobs/sha256")
                    + list(engine.dataRoot + "/layers").filter { $0.utf8.count == 64 })
            #expect(left == [])
        }
    }
}
