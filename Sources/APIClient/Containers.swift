// SPDX-License-Identifier: Apache-2.0

package import EngineAPI
package import HTTPClient

/// Calls about containers. A `ref` is a name, an ID or the unique beginning of one.
extension EngineClient {
    package func containers(
        all: Bool = false, limit: Int? = nil, size: Bool = false, filters: Filters = Filters()
    ) throws(ClientError) -> [ContainerSummary] {
        var query = Query()
        query.flag("all", all)
        query.number("limit", limit)
        query.flag("size", size)
        query.filters(filters)
        return try json("GET", "/containers/json", query: query.items)
    }

    package func createContainer(
        _ request: ContainerCreateRequest, name: String? = nil, platform: String? = nil
    ) throws(ClientError) -> ContainerCreateResponse {
        var query = Query()
        query.text("name", name)
        query.text("platform", platform)
        return try json("POST", "/containers/create", query: query.items, body: request)
    }

    /// `Answer` may be `JSONValue`, for what the type does not know.
    package func inspectContainer<Answer: Decodable>(
        _ ref: String, size: Bool = false, as type: Answer.Type = ContainerInspect.self
    ) throws(ClientError) -> Answer {
        var query = Query()
        query.flag("size", size)
        return try json("GET", "/containers/\(ref)/json", query: query.items)
    }

    package func startContainer(_ ref: String, detachKeys: String? = nil) throws(ClientError) {
        var query = Query()
        query.text("detachKeys", detachKeys)
        try call("POST", "/containers/\(ref)/start", query: query.items)
    }

    /// - Parameter timeout: seconds until it is killed; -1: never; nil: the container's own.
    package func stopContainer(_ ref: String, timeout: Int? = nil, signal: String? = nil) throws(ClientError) {
        try call("POST", "/containers/\(ref)/stop", query: stopping(timeout, signal))
    }

    package func restartContainer(_ ref: String, timeout: Int? = nil, signal: String? = nil) throws(ClientError) {
        try call("POST", "/containers/\(ref)/restart", query: stopping(timeout, signal))
    }

    package func killContainer(_ ref: String, signal: String? = nil) throws(ClientError) {
        var query = Query()
        query.text("signal", signal)
        try call("POST", "/containers/\(ref)/kill", query: query.items)
    }

    package func pauseContainer(_ ref: String) throws(ClientError) { try call("POST", "/containers/\(ref)/pause") }
    package func unpauseContainer(_ ref: String) throws(ClientError) { try call("POST", "/containers/\(ref)/unpause") }

    package func updateContainer(
        _ ref: String, _ request: ContainerUpdateRequest
    ) throws(ClientError) -> ContainerUpdateResponse {
        try json("POST", "/containers/\(ref)/update", body: request)
    }

    package func pruneContainers(_ filters: Filters) throws(ClientError) -> ContainerPruneResponse {
        var query = Query()
        query.filters(filters)
        return try json("POST", "/containers/prune", query: query.items)
    }

    package func changes(_ ref: String) throws(ClientError) -> [FilesystemChange]? {
        try json("GET", "/containers/\(ref)/changes")
    }

    package func renameContainer(_ ref: String, to name: String) throws(ClientError) {
        try call("POST", "/containers/\(ref)/rename", query: [("name", name)])
    }

    package func removeContainer(
        _ ref: String, force: Bool = false, volumes: Bool = false, link: Bool = false
    ) throws(ClientError) {
        var query = Query()
        query.flag("force", force)
        query.flag("v", volumes)
        query.flag("link", link)
        try call("DELETE", "/containers/\(ref)", query: query.items)
    }

    /// Asks to be told of an exit and returns when the engine has taken note: an exit after this is not missed.
    /// - Parameter condition: `not-running`, `next-exit` or `removed`.
    package func waitContainer(_ ref: String, condition: String? = nil) throws(ClientError) -> PendingWait {
        var query = Query()
        query.text("condition", condition)
        return PendingWait(
            client: self, response: try send("POST", "/containers/\(ref)/wait", query: query.items))
    }

    package func attachContainer(
        _ ref: String, stdin: Bool, stdout: Bool, stderr: Bool, logs: Bool = false, detachKeys: String? = nil
    ) throws(ClientError) -> HijackedStream {
        var query = Query()
        query.flag("stream", true)
        query.flag("stdin", stdin)
        query.flag("stdout", stdout)
        query.flag("stderr", stderr)
        query.flag("logs", logs)
        query.text("detachKeys", detachKeys)
        return try hijack("/containers/\(ref)/attach", query: query.items)
    }

    package func resizeContainer(_ ref: String, height: Int, width: Int) throws(ClientError) {
        try call("POST", "/containers/\(ref)/resize", query: [("h", String(height)), ("w", String(width))])
    }

    /// The log, in frames unless the container has a terminal. Read it with `next()`.
    /// - Parameters: `since` and `until` are Unix times (`1700000000.5`); `tail` is a number of lines or `all`.
    package func logs(
        _ ref: String, stdout: Bool = true, stderr: Bool = true, follow: Bool = false, timestamps: Bool = false,
        since: String? = nil, until: String? = nil, tail: String? = nil, details: Bool = false
    ) throws(ClientError) -> HTTPResponse {
        var query = Query()
        query.flag("stdout", stdout)
        query.flag("stderr", stderr)
        query.flag("follow", follow)
        query.flag("timestamps", timestamps)
        query.flag("details", details)
        query.text("since", since)
        query.text("until", until)
        query.text("tail", tail)
        return try send("GET", "/containers/\(ref)/logs", query: query.items)
    }

    package func top(_ ref: String, arguments: String? = nil) throws(ClientError) -> TopResponse {
        var query = Query()
        query.text("ps_args", arguments)
        return try json("GET", "/containers/\(ref)/top", query: query.items)
    }

    /// What a container uses; the engine takes a second to compare.
    package func stats(_ ref: String) throws(ClientError) -> ContainerStats {
        try json("GET", "/containers/\(ref)/stats", query: [("stream", "0")])
    }

    private func stopping(_ timeout: Int?, _ signal: String?) -> [(name: String, value: String)] {
        var query = Query()
        query.text("signal", signal)
        query.number("t", timeout)
        return query.items
    }
}

/// An exit that the engine will tell of.
package struct PendingWait: Sendable {
    private let client: EngineClient
    /// To poll its connection beside others.
    package let response: HTTPResponse

    init(client: EngineClient, response: HTTPResponse) {
        self.client = client
        self.response = response
    }

    /// Waits for the exit.
    package func result() throws(ClientError) -> WaitResponse {
        try client.decode(WaitResponse.self, from: try client.readAll(response))
    }
}

/// Query parameters, leaving out what was not given.
struct Query {
    var items: [(name: String, value: String)] = []

    mutating func flag(_ name: String, _ value: Bool) { if value { items.append((name, "1")) } }
    mutating func text(_ name: String, _ value: String?) {
        if let value, !value.isEmpty { items.append((name, value)) }
    }
    mutating func number(_ name: String, _ value: Int?) { if let value { items.append((name, String(value))) } }
    mutating func filters(_ filters: Filters) { if !filters.isEmpty { items.append(("filters", filters.query)) } }
}
