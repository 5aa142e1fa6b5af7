// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON
import Testing

/// Requests for the same thing, all at once: whatever their order, one result that makes sense.
@Suite(.serialized) struct RaceTests {
    private func count(_ answers: [HTTPAnswer]) -> [Int: Int] {
        Dictionary(answers.map { ($0.status, 1) }, uniquingKeysWith: +)
    }

    @Test func oneNameIsGivenOnce() throws {
        try TestEngine.with { engine in
            let create = Storm.request("POST", "/containers/create?name=same", #"{"Image":"busybox"}"#)
            #expect(count(try Storm(engine, Array(repeating: create, count: 100)).answers()) == [201: 1, 409: 99])
            let remove = Storm.request("DELETE", "/containers/same")
            let answers = count(try Storm(engine, Array(repeating: remove, count: 50)).answers())
            #expect(answers[204] == 1 && Set(answers.keys).isSubset(of: [204, 404, 409]), "\(answers)")
        }
    }

    @Test func oneStartOfMany() throws {
        try TestEngine.with { engine in
            try engine.ok("create", "--name", "c1", "-p", "18080:80", "busybox", "sleep", "300")
            let start = Storm.request("POST", "/containers/c1/start")
            #expect(count(try Storm(engine, Array(repeating: start, count: 30)).answers()) == [204: 1, 304: 29])
            #expect(try engine.http("GET", "/containers/c1/top").json()["Processes"]?.elements.count == 1)
        }
    }

    /// `rm -f` ends with the container gone, however often it is started meanwhile.
    @Test func removalWinsOverStarts() throws {
        try TestEngine.with { engine in
            for _ in 0..<5 {
                try engine.ok("create", "--name", "c1", "busybox", "sleep", "300")
                let start = Storm.request("POST", "/containers/c1/start")
                let remove = Storm.request("DELETE", "/containers/c1?force=1")
                let answers = try Storm(engine, (0..<30).map { $0 == 11 ? remove : start }).answers()
                #expect(answers[11].status == 204, "\(answers[11])")
                #expect(Set(answers.map(\.status)).isSubset(of: [204, 304, 404, 409]), "\(count(answers))")
                #expect(try engine.ok("ps", "-aq") == "")
            }
        }
    }

    @Test func everythingAtOnce() throws {
        try TestEngine.with { engine in
            try engine.ok("run", "-d", "--name", "c1", "busybox", "sleep", "300")
            let verbs = [
                "restart?t=0", "kill", "stop?t=0", "pause", "unpause", "start", "rename?name=c2", "resize?h=1&w=1",
            ]
            let storm = try Storm(
                engine, (0..<80).map { Storm.request("POST", "/containers/c1/" + verbs[$0 % verbs.count]) })
            _ = try storm.answers()
            let name = try engine.ok("ps", "-a", "--format", "{{.Names}}")
            #expect(name == "c2")
            // What is shown is so.
            let pid = Int(try engine.inspect(name, "{{.State.Pid}}")) ?? -1
            #expect(try engine.inspect(name, "{{.State.Running}}") == (pid > 0 ? "true" : "false"))
            #expect(pid <= 0 || exists("/proc/\(pid)"))
            try engine.ok("rm", "-f", name)
        }
    }

    @Test func namesAreSwapped() throws {
        try TestEngine.with { engine in
            let ids = try ["aa", "bb"].map { try engine.ok("create", "--name", $0, "busybox") }
            let names = ["n1", "n2", "n3"]
            let storm = try Storm(
                engine,
                (0..<60).map {
                    Storm.request("POST", "/containers/\(ids[$0 % 2])/rename?name=\(names[$0 % names.count])")
                })
            _ = try storm.answers()
            let left = try ids.map { try engine.inspect($0, "{{.Name}}") }
            #expect(Set(left).count == 2, "\(left)")
            for (id, name) in zip(ids, left) { #expect(try engine.inspect(name, "{{.Id}}") == id) }
            // Every name but the two is free again.
            for name in names + ["aa", "bb"] where !left.contains("/" + name) {
                try engine.ok("create", "--name", name, "busybox")
            }
        }
    }

    /// A volume that goes while a container is made for it is made again.
    @Test func volumesAreThereWhenNeeded() throws {
        try TestEngine.with { engine in
            let body = #"{"Image":"busybox","Cmd":["true"],"HostConfig":{"Binds":["vv:/v"]}}"#
            let create = Storm.request("POST", "/containers/create", body)
            let remove = Storm.request("DELETE", "/volumes/vv")
            for _ in 0..<3 {
                let answers = try Storm(engine, (0..<60).map { $0 % 3 == 0 ? remove : create }).answers()
                for (index, answer) in answers.enumerated() {
                    let allowed = index % 3 == 0 ? [204, 404, 409] : [201]
                    #expect(allowed.contains(answer.status), "\(answer)")
                }
                try engine.removeContainers()
            }
            try engine("volume", "rm", "vv")
        }
    }

    @Test func hundredsOfRuns() throws {
        try TestEngine.with { engine in
            let runs = try (0..<200).map { try engine.begin("run", "--rm", "busybox", "echo", "\($0)") }
            for (index, run) in runs.enumerated() {
                let outcome = try run.wait(timeout: 120)
                #expect(outcome.status == 0 && outcome.stdout == "\(index)\n", "\(outcome)")
            }
            #expect(try eventually { try engine.ok("ps", "-aq") == "" })
        }
    }
}
