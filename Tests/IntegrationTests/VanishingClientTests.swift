// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON
import Testing

/// Rule R20: clients that ask for something that lasts, don't read it, and are gone. A thousand of them leave no
/// descriptor, no process and no waiting work behind; the fixture counts the daemon's.
@Suite(.serialized) struct VanishingClientTests {
    private static let many = 1000

    @Test(arguments: [
        Storm.upgrade("/containers/flood/attach?stream=1&stdout=1&stderr=1"),
        Storm.upgrade("/containers/made/attach?stream=1&stdout=1&logs=1"),
        Storm.request("GET", "/containers/flood/logs?follow=1&stdout=1"),
        Storm.request("GET", "/containers/quiet/logs?follow=1&stdout=1"),
        Storm.request("GET", "/events"),
        Storm.request("POST", "/containers/quiet/wait"),
        Storm.request("POST", "/containers/made/wait?condition=removed"),
        "GET /containers/quiet/js",
        "POST /containers/create HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 999\r\n\r\n{",
        "POST /images/load HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde",
    ])
    func leavesNothing(request: String) throws {
        try TestEngine.with { engine in
            try engine.ok("run", "-d", "--name", "quiet", "busybox", "sleep", "300")
            try engine.ok("run", "-d", "--name", "flood", "busybox", "yes")
            try engine.ok("create", "--name", "made", "busybox", "true")
            let shims = try [engine.shim("quiet"), engine.shim("flood")]
            let before = shims.map { list("/proc/\($0)/fd").count }
            let storm = try Storm(engine, Array(repeating: request, count: Self.many))
            // Meanwhile everybody else is served.
            #expect(try engine.ok("run", "--rm", "busybox", "echo", "hi") == "hi")
            for connection in storm.connections { connection.vanish() }
            #expect(eventually { shims.map { list("/proc/\($0)/fd").count } == before })
            #expect(try engine.http("GET", "/info").json()["NEventsListener"]?.text == "0")
            #expect(try engine.ok("exec", "quiet", "echo", "hi") == "hi")
        }
    }

    /// The processes of execs go on without their clients, as with Docker; what served the clients is gone.
    @Test func execsWithoutClients() throws {
        try TestEngine.with { engine in
            let id = try engine.ok("run", "-d", "--name", "c1", "busybox", "sleep", "300")
            let shim = try engine.shim("c1")
            let before = list("/proc/\(shim)/fd").count
            let execs = try (0..<100).map { _ -> String in
                let body = #"{"AttachStdin":true,"AttachStdout":true,"AttachStderr":true,"Cmd":["yes"]}"#
                return try engine.http("POST", "/containers/\(id)/exec", body: body).json()["Id"]?.text ?? ""
            }
            let storm = try Storm(engine, execs.map { Storm.upgrade("/exec/\($0)/start", "{}") })
            let top = { try engine.http("GET", "/containers/c1/top").json()["Processes"]?.elements.count ?? 0 }
            #expect(try eventually(20) { try top() == 101 })
            for connection in storm.connections { connection.vanish() }
            #expect(try top() == 101)
            try engine.ok("exec", "c1", "killall", "yes")
            #expect(eventually { list("/proc/\(shim)/fd").count == before }, "\(list("/proc/\(shim)/fd").count)")
        }
    }

    /// A stop is not made a kill, and a removal not left half done, by a client that does not wait for it.
    @Test func whatWasBegunIsFinished() throws {
        try TestEngine.with { engine in
            let program = "trap 'sleep 1; exit 7' TERM; while :; do sleep 0.1; done"
            try engine.ok("run", "-d", "--name", "c1", "busybox", "sh", "-c", program)
            let stop = try RawConnection(engine.socket)
            stop.send(Storm.request("POST", "/containers/c1/stop?t=20"))
            usleep(300_000)
            stop.vanish()
            #expect(try eventually { try engine.inspect("c1", "{{.State.Status}}") == "exited" })
            #expect(try engine.inspect("c1", "{{.State.ExitCode}}") == "7", "it had the time that it was given")
            try engine.ok("start", "c1")
            let remove = try RawConnection(engine.socket)
            remove.send(Storm.request("DELETE", "/containers/c1?force=1"))
            remove.vanish()
            #expect(try eventually { try engine.ok("ps", "-aq") == "" })
        }
    }

    /// Loads that do not go on hold up nothing but loads.
    @Test func slowLoads() throws {
        try TestEngine.with { engine in
            let begun = "POST /images/load HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde"
            let storm = try Storm(engine, Array(repeating: begun, count: 300))
            usleep(300_000)
            for _ in 0..<3 {
                #expect(try engine("run", "--rm", "-v", "/anon", "busybox", "echo", "hi", timeout: 10).stdout == "hi\n")
            }
            for connection in storm.connections { connection.vanish() }
            try engine.ok("load", "-q", "-i", Project.busybox(), timeout: 10)
        }
    }
}
