// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON
import Linux
import OCI
import Shim
import Testing

/// `Tests/Transcripts/shim-v1.json` is what version 1 put on the wire and on the disk. It is never edited: a daemon of
/// any later version speaks with shims that were started by this one.
@Suite struct TranscriptTests {
    private func transcript() throws -> JSONObject {
        let path = "\(#filePath)".replacingSuffix("ShimTests/TranscriptTests.swift", with: "Transcripts/shim-v1.json")
        let bytes = try FileDescriptor.open(path, O_RDONLY).readAll(limit: 1 << 20)
        guard case .object(let object) = try JSON.parse(bytes) else { throw Errno(.invalidArgument, "parse") }
        return object
    }

    private func list(_ name: String) throws -> [JSONValue] {
        guard case .array(let values)? = try transcript()[name] else { throw Errno(.noEntry, "transcript", name) }
        return values
    }

    @Test func requestsOfVersion1Decode() throws {
        let requests = try list("requests").map { try JSON.decode(ShimRequest.self, from: $0) }
        #expect(requests.map(\.id) == Array(1...UInt64(requests.count)))
        guard case .attach(let attach) = requests[1].body else { throw Errno(.invalidArgument, "attach") }
        #expect(attach.detachKeys == [16, 17])
        guard case .exec(let exec) = requests[2].body else { throw Errno(.invalidArgument, "exec") }
        #expect(exec.process.args == ["sh", "-c", "exit 3"])
        #expect(exec.attach?.stdin == true)
        guard case .signal(let signal) = requests[4].body else { throw Errno(.invalidArgument, "signal") }
        #expect(signal.signal == 15)
    }

    @Test func repliesOfVersion1Decode() throws {
        let replies = try list("replies").map { try JSON.decode(ShimReply.self, from: $0) }
        #expect(replies.count == 8)
        guard case .exited(let record) = replies[4].body else { throw Errno(.invalidArgument, "exited") }
        #expect(record == ExitRecord(code: 137, signal: 9, oomKilled: true, atNanoseconds: 1_767_225_600_000_000_000))
    }

    @Test func filesOfVersion1Decode() throws {
        let object = try transcript()
        let configuration = try JSON.decode(ShimConfiguration.self, from: try #require(object["shim.json"]))
        #expect(configuration.logMaximumFiles == 5)
        #expect(try JSON.decode(ExitRecord.self, from: try #require(object["exit.json"])).code == 0)
    }

    /// What this version writes is what was recorded, but for what was added since.
    @Test func everyRecordedMemberIsStillWritten() throws {
        for recorded in try list("requests") {
            let now = try JSON.value(try JSON.decode(ShimRequest.self, from: recorded))
            #expect(now.contains(recorded), "\(String(decoding: recorded.serialized(), as: UTF8.self))")
        }
        for recorded in try list("replies") {
            let now = try JSON.value(try JSON.decode(ShimReply.self, from: recorded))
            #expect(now.contains(recorded), "\(String(decoding: recorded.serialized(), as: UTF8.self))")
        }
    }

    /// The supervisor reads and writes member by member, the daemon by `Codable`: the same bytes mean the same to both.
    @Test func bothSidesAgree() throws {
        for recorded in try list("requests") {
            let read = try JSON.value(ShimRequest(json: recorded))
            #expect(try read == JSON.value(JSON.decode(ShimRequest.self, from: recorded)))
            #expect(read.contains(recorded), "\(String(decoding: recorded.serialized(), as: UTF8.self))")
        }
        for recorded in try list("replies") {
            let reply = try JSON.decode(ShimReply.self, from: recorded)
            #expect(try reply.json == JSON.value(reply))
        }
        let record = ExitRecord(code: 1, signal: nil, oomKilled: false, atNanoseconds: 1)
        #expect(try record.json == JSON.value(record))
        var full = ExitRecord(code: 137, signal: 9, oomKilled: true, atNanoseconds: 1)
        full.output = [104, 105]
        full.timedOut = true
        expectNothingIsNil(full)
        #expect(try full.json == JSON.value(full))
        let state = ShimReply(
            id: 1,
            .state(
                ShimState(
                    shimPid: 1, pid: 2, status: .running, execs: ["x": 3],
                    endedExecs: [EndedExec(execID: "y", pid: 4, exit: record)])))
        #expect(try state.json == JSON.value(state))
        let detached = ShimReply(id: 0, .detached(execID: nil))
        #expect(try detached.json == JSON.value(detached))
        let failed = ShimReply(id: 7, .error(ShimFailure(.notExecutable, "\"x\"")))
        #expect(try failed.json == JSON.value(failed))
    }

    @Test func theSupervisorReadsWhatTheLauncherWrites() throws {
        var configuration = ShimConfiguration(id: "x", seccompCache: "/cache")
        configuration.logPath = "/log"
        configuration.externalRuntime = "runc"
        configuration.externalRuntimeArguments = ["--debug"]
        configuration.initProcess = true
        configuration.logCompresses = true
        configuration.logAttributes = "{}"
        configuration.mounts = ["/data": 10]
        expectNothingIsNil(configuration)
        let written = try JSON.value(configuration)
        #expect(try JSON.value(ShimConfiguration(json: written)) == written)
        let recorded = try #require(try transcript()["shim.json"])
        #expect(try JSON.value(ShimConfiguration(json: recorded)).contains(recorded))
    }

    @Test func theSupervisorReadsEveryMemberOfAnExec() throws {
        let attach = AttachRequest(
            stdin: true, stdout: true, stderr: true, replayLog: false, stream: true, detachKeys: [1], buffered: [2])
        var request = ExecRequest(
            execID: "x", process: RuntimeSpec.Process(args: ["a"], cwd: "/"), privileged: false, attach: attach)
        request.capture = 4096
        request.limitMilliseconds = 30_000
        expectNothingIsNil(request)
        let written = try JSON.value(request)
        #expect(try JSON.value(ExecRequest(json: written)) == written)
    }

    /// A member that is added, and forgotten in these tests, is one that the supervisor's side may have forgotten, too.
    private func expectNothingIsNil(_ value: Any) {
        for child in Mirror(reflecting: value).children {
            let isNil =
                Mirror(reflecting: child.value).displayStyle == .optional
                && Mirror(reflecting: child.value).children.isEmpty
            #expect(!isNil, "\(child.label ?? "") has to be given a value here")
        }
    }

    /// Whatever a newer daemon asks is answered with an error, and is no reason to close the connection.
    @Test(arguments: [
        #"{"version":9,"id":1,"body":{"dance":{}}}"#, #"{"id":1}"#, #"{"version":1,"id":-1,"body":{"start":{}}}"#,
    ])
    func whatIsNoRequestIsRefused(_ text: String) {
        #expect(throws: JSONError.self) { try JSON.read(ShimRequest.self, from: Array(text.utf8)) }
    }

    @Test func unknownMembersAreIgnored() throws {
        let text = #"{"version":9,"id":1,"new":[1],"body":{"resize":{"_0":{"height":1,"width":2,"pixels":3}}}}"#
        let request = try JSON.decode(ShimRequest.self, from: Array(text.utf8))
        guard case .resize(let resize) = request.body else { throw Errno(.invalidArgument, "resize") }
        #expect(resize.width == 2)
        guard case .resize(let same) = try JSON.read(ShimRequest.self, from: Array(text.utf8)).body else {
            throw Errno(.invalidArgument, "resize")
        }
        #expect(same.width == 2)
    }
}

extension JSONValue {
    /// Whether all of `other` is in this, the version apart.
    fileprivate func contains(_ other: JSONValue) -> Bool {
        guard case .object(let mine) = self, case .object(let theirs) = other else { return self == other }
        return theirs.members.allSatisfy { member in mine[member.key].map { $0.contains(member.value) } ?? false }
    }
}

extension String {
    fileprivate func replacingSuffix(_ suffix: String, with text: String) -> String {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) + text : self
    }
}
