// SPDX-License-Identifier: Apache-2.0
//
// The supervisor's half of the messages, member by member: what `Codable` needs of Swift's runtime would stay in every
// shim's memory for good (60 kB, decision 0014). The daemon uses `Codable`; TranscriptTests hold the two together.

package import JSON
internal import OCI

extension ShimConfiguration: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(id: try members.required("id"), seccompCache: try members.required("seccompCache"))
        version = try members.required("version")
        terminal = try members.required("terminal")
        openStdin = try members.required("openStdin")
        stdinOnce = try members.required("stdinOnce")
        logPath = try members["logPath"]
        logMaximumSize = try members["logMaximumSize"]
        logMaximumFiles = try members.required("logMaximumFiles")
        logCompresses = try members["logCompresses"]
        logAttributes = try members["logAttributes"]
        externalRuntime = try members["externalRuntime"]
        externalRuntimeArguments = try members["externalRuntimeArguments"]
        mounts = try members["mounts"]
        initProcess = try members.required("initProcess")
    }
}

// MARK: Requests

extension ShimRequest: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(id: try members.required("id"), try members.required("body"))
        version = try members.required("version")
    }
}

extension ShimRequest.Body: JSONReadable {
    /// `{"attach": {"_0": …}}`: one member, the case's name, with what belongs to it.
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        if let request: Payload<AttachRequest> = try members["attach"] {
            self = .attach(request.value)
        } else if let request: Payload<ExecRequest> = try members["exec"] {
            self = .exec(request.value)
        } else if let request: Payload<ResizeRequest> = try members["resize"] {
            self = .resize(request.value)
        } else if let request: Payload<SignalRequest> = try members["signal"] {
            self = .signal(request.value)
        } else if json["start"] != nil {
            self = .start
        } else if json["state"] != nil {
            self = .state
        } else if json["reopenLog"] != nil {
            self = .reopenLog
        } else {
            throw JSONError(place: "", reason: "is no request that is known")
        }
    }

    private struct Payload<Value: JSONReadable>: JSONReadable {
        let value: Value
        init(json: JSONValue) throws(JSONError) { value = try JSONMembers(json).required("_0") }
    }
}

extension AttachRequest: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(
            stdin: try members.required("stdin"), stdout: try members.required("stdout"),
            stderr: try members.required("stderr"), replayLog: try members.required("replayLog"),
            stream: try members.required("stream"), detachKeys: try members.required("detachKeys"),
            buffered: try members.required("buffered"))
    }
}

extension ExecRequest: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(
            execID: try members.required("execID"), process: try members.required("process"),
            privileged: try members.required("privileged"), attach: try members["attach"])
        capture = try members["capture"]
        limitMilliseconds = try members["limitMilliseconds"]
    }
}

extension ResizeRequest: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(
            execID: try members["execID"], height: try members.required("height"),
            width: try members.required("width"))
    }
}

extension SignalRequest: JSONReadable {
    package init(json: JSONValue) throws(JSONError) {
        let members = try JSONMembers(json)
        self.init(
            execID: try members["execID"], signal: try members.required("signal"), all: try members.required("all"))
    }
}

// MARK: Replies

extension ShimReply {
    package var json: JSONValue {
        ["version": .integer(Int64(version)), "id": .integer(Int64(clamping: id)), "body": body.json]
    }
}

extension ShimReply.Body {
    fileprivate var json: JSONValue {
        switch self {
        case .ok: ["ok": [:]]
        case .started(let pid, let time):
            ["started": ["pid": .integer(Int64(pid)), "atNanoseconds": .integer(time)]]
        case .state(let state): ["state": ["_0": state.json]]
        case .error(let failure): ["error": ["_0": failure.json]]
        case .exited(let record): ["exited": ["_0": record.json]]
        case .execExited(let id, let record): ["execExited": ["execID": .string(id), "_1": record.json]]
        case .outOfMemory: ["outOfMemory": [:]]
        case .detached(let id): ["detached": id.map { ["execID": .string($0)] } ?? [:]]
        }
    }
}

extension ShimState {
    fileprivate var json: JSONValue {
        let execs = execs.sorted { $0.key < $1.key }.map { (key: $0.key, value: JSONValue.integer(Int64($0.value))) }
        var object: JSONObject = [
            "shimPid": .integer(Int64(shimPid)), "pid": .integer(Int64(pid)), "status": .string(status.rawValue),
            "execs": .object(JSONObject(execs)),
        ]
        object["endedExecs"] = endedExecs.map { .array($0.map(\.json)) }
        return .object(object)
    }
}

extension EndedExec {
    fileprivate var json: JSONValue {
        ["execID": .string(execID), "pid": .integer(Int64(pid)), "exit": exit.json]
    }
}

extension ShimFailure {
    fileprivate var json: JSONValue { ["code": .string(code.rawValue), "message": .string(message)] }
}

extension ExitRecord {
    package var json: JSONValue {
        var object = JSONObject()
        object.append("version", .integer(Int64(version)))
        object.append("code", .integer(Int64(code)))
        object["signal"] = signal.map { .integer(Int64($0)) }
        object.append("oomKilled", .bool(oomKilled))
        object.append("atNanoseconds", .integer(atNanoseconds))
        object["output"] = output.map { .array($0.map { .integer(Int64($0)) }) }
        object["timedOut"] = timedOut.map { .bool($0) }
        return .object(object)
    }
}
