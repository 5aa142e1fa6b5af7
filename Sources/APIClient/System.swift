// SPDX-License-Identifier: Apache-2.0

package import EngineAPI

/// Calls about the engine itself, volumes and networks.
extension EngineClient {
    /// `Answer` may be `JSONValue`, for what the type does not know; as in the calls below.
    package func version<Answer: Decodable>(
        as type: Answer.Type = SystemVersion.self
    ) throws(ClientError) -> Answer { try json("GET", "/version") }

    package func info<Answer: Decodable>(as type: Answer.Type = SystemInfo.self) throws(ClientError) -> Answer {
        try json("GET", "/info")
    }

    /// - Parameters: `since` and `until` are Unix times; without `until` the stream does not end.
    package func events<Message: Decodable>(
        since: String? = nil, until: String? = nil, filters: Filters = Filters(),
        as type: Message.Type = EventMessage.self
    ) throws(ClientError) -> JSONStream<Message> {
        var query = Query()
        query.text("since", since)
        query.text("until", until)
        query.filters(filters)
        return JSONStream(client: self, response: try send("GET", "/events", query: query.items))
    }

    package func volumes(filters: Filters = Filters()) throws(ClientError) -> VolumeList {
        var query = Query()
        query.filters(filters)
        return try json("GET", "/volumes", query: query.items)
    }

    package func createVolume(_ request: VolumeCreateRequest) throws(ClientError) -> Volume {
        try json("POST", "/volumes/create", body: request)
    }

    package func inspectVolume<Answer: Decodable>(
        _ name: String, as type: Answer.Type = Volume.self
    ) throws(ClientError) -> Answer { try json("GET", "/volumes/\(name)") }

    package func removeVolume(_ name: String, force: Bool = false) throws(ClientError) {
        var query = Query()
        query.flag("force", force)
        try call("DELETE", "/volumes/\(name)", query: query.items)
    }

    package func networks(filters: Filters = Filters()) throws(ClientError) -> [NetworkInspect] {
        var query = Query()
        query.filters(filters)
        return try json("GET", "/networks", query: query.items)
    }

    package func inspectNetwork<Answer: Decodable>(
        _ ref: String, as type: Answer.Type = NetworkInspect.self
    ) throws(ClientError) -> Answer { try json("GET", "/networks/\(ref)") }
}
