// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
internal import EngineCore
internal import HTTPMessage
internal import HTTPTransport
internal import JSON

/// One request on its way through a route, and what routes ask of it.
struct Call: Sendable {
    /// The largest JSON body.
    static let maximumBody = 16 << 20
    /// A JSON body's objects and arrays inside each other, and its values.
    private static let bodyLimits = JSONLimits(depth: 64, values: 500_000)

    let engine: Engine
    let request: HTTPRequest
    let version: APIVersion
    /// Decoded, without the version.
    let path: Substring
    let query: URLQuery
    /// What the route's pattern names.
    var parameters: [String: String] = [:]

    /// The part of the path that the pattern calls `name`: every route that asks has it.
    func parameter(_ name: String) -> String { parameters[name] ?? "" }
    var id: String { parameter("id") }
    var name: String { parameter("name") }

    // MARK: Query parameters, read as Docker reads them

    func flag(_ name: String, default value: Bool = false) -> Bool {
        guard let text = query[name] else { return value }
        return !["", "0", "no", "false", "none"].contains(text.lowercased())
    }

    /// A parameter that may be empty, which is the same as absent.
    func text(_ name: String) -> String? { query[name].flatMap { $0.isEmpty ? nil : $0 } }

    func number(_ name: String) throws(EngineError) -> Int? {
        guard let text = text(name) else { return nil }
        guard let number = Int(text) else {
            throw EngineError(.invalidParameter, "invalid value for parameter '\(name)': \"\(text)\" is not a number")
        }
        return number
    }

    func filters() throws(EngineError) -> Filters { try Filters(query: query["filters"] ?? "") }

    /// A Unix time: whole seconds, and up to nine digits after a point. Absent, empty and 0 are nil.
    func time(_ name: String) throws(EngineError) -> Timestamp? {
        guard let text = text(name), text != "0" else { return nil }
        guard let time = UnixTime.parse(text) else {
            throw EngineError(.invalidParameter, "invalid value for \"\(name)\": \"\(text)\" is not a Unix time")
        }
        return time
    }

    // MARK: Body

    /// Reads and decodes the JSON body. Without one, throws what Docker does unless `orDefault` is given.
    func body<Value: Decodable>(_ type: Value.Type, orDefault value: Value? = nil) async throws -> Value {
        try checkContentType()
        let bytes = try await request.body.collect(limit: Self.maximumBody)
        guard bytes.contains(where: { ![9, 10, 13, 32].contains($0) }) else {
            if let value { return value }
            throw EngineError(.invalidParameter, "invalid JSON: got EOF while reading request body")
        }
        do throws(JSONError) {
            return try JSON.decode(type, from: bytes, limits: Self.bodyLimits, nulls: .zero)
        } catch {
            throw EngineError(.invalidParameter, "invalid JSON: \(error)", cause: error)
        }
    }

    /// Reads a body that has no meaning.
    func discardBody() async throws { _ = try await request.body.collect(limit: Self.maximumBody) }

    private func checkContentType() throws(EngineError) {
        let header = request.head.headers["Content-Type"] ?? ""
        let isEmpty =
            request.head.headers["Transfer-Encoding"] == nil
            && (request.head.headers["Content-Length"] ?? "0") == "0"
        if header.isEmpty {
            if isEmpty { return }
            throw EngineError(.invalidParameter, "malformed Content-Type header (): mime: no media type")
        }
        let type = (header.split(separator: ";").first ?? "").filter { $0 != " " }.lowercased()
        guard type == "application/json" else {
            throw EngineError(
                .invalidParameter, "unsupported Content-Type header (\(header)): must be 'application/json'")
        }
    }
}

/// Unix times as clients write them: `1700000000`, `1700000000.123456789`.
enum UnixTime {
    static func parse(_ text: String) -> Timestamp? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let seconds = Int64(parts[0]) else { return nil }
        guard parts.count == 2 else { return Timestamp(seconds: seconds) }
        let digits = parts[1].utf8
        guard 1...9 ~= digits.count, digits.allSatisfy({ 48...57 ~= $0 }) else { return nil }
        let padded = String(parts[1]) + String(repeating: "0", count: 9 - digits.count)
        guard let nanoseconds = Int64(padded) else { return nil }
        return Timestamp(seconds: seconds, nanoseconds: nanoseconds)
    }
}
