// SPDX-License-Identifier: Apache-2.0

import JSON
import Testing

/// What no well-behaved client sends, and what any client may rely on.
@Suite(.serialized) struct ProtocolTests {
    @Test func versionsOutsideTheRangeAreRefused() throws {
        try TestEngine.with(image: false) { engine in
            let new = try engine.http("GET", "/containers/json", version: "v1.99")
            #expect(new.status == 400)
            #expect(new.message == "client version 1.99 is too new. Maximum supported API version is 1.51")
            let old = try engine.http("GET", "/containers/json", version: "v1.12")
            #expect(old.status == 400)
            #expect(
                old.message
                    == "client version 1.12 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version"
            )
            for version in ["v1.24", "v1.41", "v1.51", nil] {
                #expect(try engine.http("GET", "/containers/json", version: version).status == 200)
            }
        }
    }

    @Test func pingTellsWhatServes() throws {
        try TestEngine.with(image: false) { engine in
            for method in ["GET", "HEAD"] {
                let answer = try engine.http(method, "/_ping", version: nil)
                #expect(answer.status == 200)
                #expect(answer.text == (method == "GET" ? "OK" : ""))
                #expect(answer.headers["api-version"] == "1.51")
                #expect(answer.headers["ostype"] == "linux")
                #expect(answer.headers["swarm"] == "inactive")
                #expect(answer.headers["docker-experimental"] == "false")
                #expect(answer.headers["server"]?.hasPrefix("Wharf/") == true)
            }
        }
    }

    @Test func unknownPathsAreJSONErrors() throws {
        try TestEngine.with(image: false) { engine in
            let answer = try engine.http("GET", "/nosuch")
            #expect(answer.status == 404)
            #expect(answer.message == "page not found")
            for path in [
                "/containers/nosuch/json", "/images/nosuch/json", "/networks/nosuch", "/volumes/nosuch",
                "/plugins/nosuch/json", "/exec/nosuch/json",
            ] {
                let answer = try engine.http("GET", path)
                #expect(answer.status == 404, "\(path): \(answer)")
                #expect(!answer.message.isEmpty, "\(path): \(answer)")
            }
        }
    }

    @Test(arguments: [
        ("{", 400), ("", 400), ("[]", 400), ("{\"Image\":5}", 400), ("{\"Image\":\"busybox\"}{\"x\":1}", 400),
        ("{\"Image\":\"busybox\",\"HostConfig\":{\"Memory\":\"much\"}}", 400),
        ("{\"Image\":\"nosuch\"}", 404), ("{}", 400), ("null", 400),
    ])
    func malformedBodiesAreRefused(body: String, status: Int) throws {
        try TestEngine.with { engine in
            let answer = try engine.http("POST", "/containers/create", body: body)
            #expect(answer.status == status, "\(body): \(answer)")
            #expect(!answer.message.isEmpty)
            #expect(try engine.http("GET", "/_ping").status == 200)
        }
    }

    /// A client before 1.40 leaves out what a new one says, and may name the image of a list in a parameter of its own.
    @Test func oldestVersionRunsAndLists() throws {
        try TestEngine.with { engine in
            let created = try engine.http(
                "POST", "/containers/create?name=old", version: "v1.24",
                body: "{\"Image\":\"busybox\",\"Cmd\":[\"true\"]}")
            #expect(created.status == 201, "\(created)")
            #expect(try engine.http("POST", "/containers/old/start", version: "v1.24").status == 204)
            #expect(try engine.http("GET", "/images/json?filter=nosuch", version: "v1.24").text.hasPrefix("[]"))
            #expect(
                try engine.http("GET", "/images/json?filter=busybox", version: "v1.24").text.contains("busybox:latest"))
            #expect(try engine.http("DELETE", "/containers/old?force=1", version: "v1.24").status == 204)
        }
    }

    @Test func hugeNumbersDoNoHarm() throws {
        try TestEngine.with { engine in
            let created = try engine.http(
                "POST", "/containers/create?name=huge",
                body: "{\"Image\":\"busybox\",\"HostConfig\":{\"Memory\":\(Int64.max)},\"Cmd\":[\"sleep\",\"1000\"]}")
            #expect(created.status == 201, "\(created)")
            try engine.ok("rm", "huge")
            try engine.ok(
                "run", "-d", "--name", "sleeper", "busybox", "sh", "-c", "trap 'exit 3' TERM; sleep 1000 & wait")
            #expect(try engine.http("POST", "/containers/sleeper/stop?t=\(Int64.max)").status == 204)
            #expect(try engine.inspect("sleeper", "{{.State.ExitCode}}") == "3")
            try engine.ok("rm", "sleeper")
        }
    }

    @Test func wrongContentTypeIsRefused() throws {
        try TestEngine.with { engine in
            let answer = try engine.http(
                "POST", "/containers/create", body: "{\"Image\":\"busybox\"}", type: "text/plain")
            #expect(answer.status == 400)
            #expect(answer.message.contains("text/plain"), "\(answer)")
            #expect(answer.message.contains("application/json"), "\(answer)")
        }
    }

    @Test func bodiesHaveALimit() throws {
        try TestEngine.with { engine in
            let connection = try RawConnection(engine.socket)
            connection.send(
                "POST /v1.51/containers/create HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1073741824\r\n\r\n"
            )
            let part = [UInt8](repeating: UInt8(ascii: " "), count: 1 << 20)
            for _ in 0..<64 { connection.send(part) }
            connection.read(timeout: 10) { $0.count > 12 }
            let text = connection.text
            #expect(text.hasPrefix("HTTP/1.1 413") || text.hasPrefix("HTTP/1.1 400"), "\(text.prefix(300))")
            #expect(try engine.http("GET", "/_ping").status == 200)
        }
    }

    @Test(arguments: [
        "GARBAGE\r\n\r\n", "GET /_ping HTTP/9.9\r\n\r\n", "GET /_ping\r\n\r\n",
        "GET /_ping HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST /v1.51/containers/create HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "GET /" + String(repeating: "a", count: 100_000) + " HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /_ping HTTP/1.1\r\n" + String(repeating: "A: b\r\n", count: 20_000) + "\r\n",
    ])
    func brokenRequestsEndTheConnectionOnly(request: String) throws {
        try TestEngine.with(image: false) { engine in
            let connection = try RawConnection(engine.socket)
            connection.send(request)
            connection.read(timeout: 5) { $0.count > 12 }
            let text = connection.text
            #expect(
                text.isEmpty || text.hasPrefix("HTTP/1.1 4") || text.hasPrefix("HTTP/1.1 505"), "\(text.prefix(200))")
            #expect(try engine.http("GET", "/_ping").status == 200)
        }
    }

    @Test func unsupportedEndpointsAreNamed() throws {
        try TestEngine.with { engine in
            for (method, path, body) in [
                ("POST", "/images/create?fromImage=busybox&tag=1", nil),
                ("POST", "/networks/create", "{\"Name\":\"x\"}"),
                ("POST", "/swarm/init", "{}"), ("POST", "/build", nil), ("POST", "/commit?container=x", nil),
            ] as [(String, String, String?)] {
                let answer = try engine.http(method, path, body: body)
                #expect((400...599).contains(answer.status), "\(path): \(answer)")
                #expect(!answer.message.isEmpty, "\(path): \(answer)")
            }
        }
    }

    /// A field that has no effect yet is refused, never ignored.
    @Test(arguments: [
        "\"StorageOpt\":{\"size\":\"1G\"}", "\"LogConfig\":{\"Type\":\"syslog\"}", "\"Links\":[\"a:b\"]",
        "\"DeviceRequests\":[{\"Count\":-1,\"Capabilities\":[[\"gpu\"]]}]", "\"UsernsMode\":\"private\"",
    ])
    func fieldsWithoutEffectAreRefused(field: String) throws {
        try TestEngine.with { engine in
            let body = "{\"Image\":\"busybox\",\"HostConfig\":{\(field)}}"
            let answer = try engine.http("POST", "/containers/create", body: body)
            #expect([400, 501].contains(answer.status), "\(field): \(answer)")
            let name = field.dropFirst().prefix { $0 != "\"" }
            let words = [name.lowercased(), "logging", "device driver", "userns"]
            #expect(words.contains { answer.message.lowercased().contains($0) }, "\(answer)")
            #expect(try engine.http("GET", "/containers/json?all=1").json().array?.isEmpty == true)
        }
    }

    @Test func connectionsAreKeptAlive() throws {
        try TestEngine.with(image: false) { engine in
            let connection = try RawConnection(engine.socket)
            for round in 1...3 {
                connection.send("GET /v1.51/_ping HTTP/1.1\r\nHost: x\r\n\r\n")
                connection.read { String(decoding: $0, as: UTF8.self).components("\r\n\r\nOK") >= round }
                #expect(connection.text.components("\r\n\r\nOK") == round)
            }
        }
    }
}

extension String {
    /// How often `part` occurs.
    func components(_ part: String) -> Int { ranges(of: part).count }
}
