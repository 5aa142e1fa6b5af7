// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import HTTPMessage
internal import HTTPTransport
internal import JSON

/// Answers with the fields every one has.
enum Reply {
    static let server = "Wharf/\(ProductVersion.wharf) (linux)"

    static func headers(_ more: [(String, String)] = []) -> HTTPHeaders {
        var headers: HTTPHeaders = ["Api-Version": "\(APIVersion.newest)"]
        for (name, value) in more { headers.add(name, value) }
        headers.add("Docker-Experimental", "false")
        headers.add("Ostype", "linux")
        headers.add("Server", server)
        return headers
    }

    static func empty(_ status: Int) -> HTTPReply { HTTPReply(status: status, headers: headers()) }

    /// - Parameter sortedKeys: as Docker 29 writes `inspect` for clients before API 1.52.
    static func json(_ value: some Encodable, status: Int = 200, sortedKeys: Bool = false) throws -> HTTPReply {
        json(bytes: try JSON.encode(value, sortedKeys: sortedKeys), status: status)
    }

    static func json(bytes: [UInt8], status: Int = 200) -> HTTPReply {
        HTTPReply(
            status: status, headers: headers([("Content-Type", "application/json")]), body: .bytes(bytes + [10]))
    }

    static func stream(
        type: String = "application/json", _ body: @escaping @Sendable (BodyWriter) async throws -> Void
    ) -> HTTPReply {
        HTTPReply(status: 200, headers: headers([("Content-Type", type)]), body: .stream(body))
    }
}
