// SPDX-License-Identifier: Apache-2.0

package import EngineAPI
internal import HTTPClient
internal import HTTPMessage

/// Calls about images.
extension EngineClient {
    package func images(
        all: Bool = false, digests: Bool = false, filters: Filters = Filters()
    ) throws(ClientError) -> [ImageSummary] {
        var query = Query()
        query.flag("all", all)
        query.flag("digests", digests)
        query.filters(filters)
        return try json("GET", "/images/json", query: query.items)
    }

    /// `Answer` may be `JSONValue`, for what the type does not know.
    package func inspectImage<Answer: Decodable>(
        _ ref: String, as type: Answer.Type = ImageInspect.self
    ) throws(ClientError) -> Answer { try json("GET", "/images/\(ref)/json") }

    package func imageHistory(_ ref: String) throws(ClientError) -> [ImageHistoryItem] {
        try json("GET", "/images/\(ref)/history")
    }

    package func tagImage(_ ref: String, repository: String, tag: String?) throws(ClientError) {
        var query = Query()
        query.text("repo", repository)
        query.text("tag", tag)
        try call("POST", "/images/\(ref)/tag", query: query.items)
    }

    package func removeImage(
        _ ref: String, force: Bool = false, noPrune: Bool = false
    ) throws(ClientError) -> [ImageDeleteItem] {
        var query = Query()
        query.flag("force", force)
        query.flag("noprune", noPrune)
        return try json("DELETE", "/images/\(ref)", query: query.items)
    }

    /// Sends an image archive, as `fill` gives it (0: its end), and returns the engine's account of it.
    package func loadImages(
        quiet: Bool, from fill: @escaping (UnsafeMutableRawBufferPointer) throws -> Int
    ) throws(ClientError) -> JSONStream<ProgressMessage> {
        let response = try send(
            "POST", "/images/load", query: [("quiet", quiet ? "1" : "0")],
            headers: ["Content-Type": "application/x-tar"], body: .stream(fill))
        return JSONStream(client: self, response: response)
    }

    /// Asks the engine to fetch an image.
    package func pullImage(
        _ repository: String, tag: String?, platform: String? = nil
    ) throws(ClientError) -> JSONStream<ProgressMessage> {
        var query = Query()
        query.text("fromImage", repository)
        query.text("tag", tag)
        query.text("platform", platform)
        let response = try send("POST", "/images/create", query: query.items)
        return JSONStream(client: self, response: response)
    }
}
