// SPDX-License-Identifier: Apache-2.0

import JSON
import Testing

/// What docker 28.2 and Docker Engine 29 said to each other, asked of Wharf (Scripts/reduce-transcripts chose from the
/// recording).
@Suite(.serialized) struct TranscriptTests {
    static func fixture(_ name: String) throws -> JSONValue {
        let path = Project.root + "/Tests/IntegrationTests/Fixtures/\(name).json"
        return try JSON.parse(try #require(readFile(path)))
    }

    /// Steps that `wharf` refuses by name, for their flags have no effect yet.
    static let refusedByWharf: Set<Int64> = [47, 54, 56, 60, 61, 184, 243]

    /// Those that speak docker 28's words: `wharf` alone where Debian's old client stands in for docker.
    static let clients: [Client] =
        (try? run([Client.docker.program, "--version"]).text.contains(" 28.")) == true ? [.docker, .wharf] : [.wharf]

    @Test(arguments: clients)
    func outputsAndExitCodesAreTheSame(client: Client) throws {
        let steps = try Self.fixture("transcripts").elements
        try TestEngine.with(image: false) { engine in
            var same = 0
            for step in steps {
                var arguments = step["arguments"]?.elements.map(\.text) ?? []
                arguments = arguments.map { $0 == "busybox.tar" ? (try? Project.busybox()) ?? $0 : $0 }
                let stdin = step["stdin"]?.text ?? ""
                let outcome = try engine.command(arguments, by: client, stdin: Array(stdin.utf8), timeout: 60)
                guard let number = step["number"]?.integer else { continue }
                if client == .wharf, Self.refusedByWharf.contains(number) {
                    #expect(outcome.status != 0, "\(number): done now: compare it")
                    continue
                }
                let wanted =
                    "\(step["exit"]?.text ?? "")\n" + Self.normal(step["stdout"]?.text ?? "") + "\n--\n"
                    + Self.normal(step["stderr"]?.text ?? "")
                let got = "\(outcome.status)\n" + Self.normal(outcome.stdout) + "\n--\n" + Self.normal(outcome.stderr)
                if wanted == got { same += 1 }
                #expect(
                    wanted == got,
                    "\(number): \(client) \(arguments.joined(separator: " "))\nwants \(wanted)\ngot   \(got)")
            }
            #expect(same > 120)
        }
    }

    /// Text without what differs from run to run: IDs, times, sizes; columns' widths; the program's own name.
    static func normal(_ text: String) -> String {
        var text = text
        for (pattern, replacement) in [
            ("[0-9a-f]{64}", "<id>"), ("\\b[0-9a-f]{12}\\b", "<id>"),
            ("\\d{4}-\\d\\d-\\d\\d[T ][0-9:.]+Z?( \\+0000 UTC)?", "<time>"),
            (
                "\\b(Less than a second|About a minute|About an hour|\\d+ (seconds?|minutes?|hours?|days?|weeks?|months?|years?))( ago)?",
                "<duration>"
            ),
            ("\\b[0-9.]+ ?[kMG]?B\\b", "<size>"), ("\"Size\": \\d+", "\"Size\": <n>"),
            ("endpoint [a-z_0-9]+ \\(", "endpoint <name> ("),
            ("[A-Z][a-z]{2} +\\d+ \\d\\d:\\d\\d", "<date>"),
            ("\\bwharf\\b", "docker"), ("\\\\u003c", "<"), ("\\\\u003e", ">"), ("[ \\t]+", " "), (" *\\r?\\n", "\n"),
            ("\\n+", "\n"),
            ("there are only \\d+ CPUs", "there are only <n> CPUs"), ("to \\d+\\.\\d\\d, as", "to <n>, as"),
        ] {
            guard let regex = try? Regex(pattern) else { continue }
            text = text.replacing(regex, with: replacement)
        }
        return text.trimmed
    }

    @Test func answersHaveTheSameMembers() throws {
        let shapes = try Self.fixture("shapes")
        try TestEngine.with { engine in
            try engine.ok("run", "--name", "one", "busybox", "true", by: try #require(Self.clients.first))
            try engine.ok("volume", "create", "--label", "x=y", "v2")
            try engine.ok(
                "run", "-d", "--name", "web", "-p", "18080:80", "-p", "127.0.0.1::81", "-v", "vol1:/data", "-v",
                engine.folder + "/b:/b:ro",
                "--label", "a=b", "--env", "K=V", "-m", "64m", "--cpus", "0.5", "--tmpfs", "/t", "--cap-drop",
                "NET_RAW", "--hostname", "hh",
                "--init", "busybox", "httpd", "-f", "-h", "/etc", by: try #require(Self.clients.first))
            for name in shapes.keys {
                guard let shape = shapes[name], let path = shape["path"]?.text, let body = shape["body"] else {
                    continue
                }
                let query = ["/containers/json": "?all=1", "/containers/web/stats": "?stream=0"][path] ?? ""
                let answer = try engine.http("GET", path + query, version: "v1.50").json()
                let wanted = Self.members(of: body)
                let got = Self.members(of: answer)
                let missing = wanted.subtracting(got).filter { !Self.isOptional($0) }.sorted()
                let extra = got.subtracting(wanted).filter { !Self.isOptional($0) }.sorted()
                #expect(missing.isEmpty && extra.isEmpty, "\(path): missing \(missing), extra \(extra)")
            }
        }
    }

    /// Members that this recording's container had, or lacked, for reasons of its own.
    static func isOptional(_ path: String) -> Bool {
        path.contains(anyOf: [
            "Health", "Ulimits", "Descriptor.annotations", "GraphDriver.Data", "Warnings", "Components[].Details",
            "DriverStatus", "Firewall", "Containerd", "Runtimes", "CDISpecDirs", "[].Options", ".Containers",
            "_recursive[]",
        ])
    }

    /// The paths of all members, with "*" for the names that users choose.
    static func members(of value: JSONValue, path: String = "") -> Set<String> {
        switch value {
        case .array(let elements):
            return elements.reduce(into: [path]) { $0.formUnion(members(of: $1, path: path + "[]")) }
        case .object(let object):
            let free = [
                "Labels", "Networks", "Ports", "PortBindings", "ExposedPorts", "Volumes", "Tmpfs", "Options", "Sysctls",
                "Storage",
            ]
            let isMap = free.contains { path.hasSuffix($0) }
            return object.members.reduce(into: [path]) {
                $0.formUnion(members(of: $1.value, path: path + "." + (isMap ? "*" : $1.key)))
            }
        default:
            return [path]
        }
    }
}
