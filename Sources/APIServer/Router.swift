// SPDX-License-Identifier: Apache-2.0

internal import HTTPTransport

typealias RouteHandler = @Sendable (Call) async throws -> HTTPReply

/// A method, a path's pattern and what answers it.
///
/// In a pattern `{id}` stands for one part of the path and `{name*}` for one or more: an image's name has slashes.
struct Route: Sendable {
    let method: String
    let pattern: String
    let handler: RouteHandler

    init(_ method: String, _ pattern: String, _ handler: @escaping RouteHandler) {
        self.method = method
        self.pattern = pattern
        self.handler = handler
    }
}

/// Finds routes: the first in the table that fits.
struct Router: Sendable {
    private enum Part: Sendable {
        case literal(Substring)
        case one(String)
        case many(String)
    }

    private struct Entry: Sendable {
        let method: String
        let parts: [Part]
        let handler: RouteHandler
    }

    /// By the first part of the path.
    private var entries: [Substring: [Entry]] = [:]

    init(routes: [Route]) {
        for route in routes {
            let parts = route.pattern.split(separator: "/").map { part -> Part in
                guard part.hasPrefix("{") else { return .literal(part) }
                let name = part.dropFirst().dropLast()
                return name.hasSuffix("*") ? .many(String(name.dropLast())) : .one(String(name))
            }
            let first = route.pattern.split(separator: "/").first ?? ""
            entries[first, default: []].append(Entry(method: route.method, parts: parts, handler: route.handler))
        }
    }

    func find(method: String, path: Substring) -> (handler: RouteHandler, parameters: [String: String])? {
        let parts = path.split(separator: "/")
        for entry in entries[parts.first ?? ""] ?? [] where entry.method == method {
            var parameters: [String: String] = [:]
            if Self.match(entry.parts[...], parts[...], &parameters) { return (entry.handler, parameters) }
        }
        return nil
    }

    private static func match(
        _ pattern: ArraySlice<Part>, _ path: ArraySlice<Substring>, _ parameters: inout [String: String]
    ) -> Bool {
        guard let part = pattern.first else { return path.isEmpty }
        guard let first = path.first else { return false }
        switch part {
        case .literal(let text):
            return text == first && match(pattern.dropFirst(), path.dropFirst(), &parameters)
        case .one(let name):
            parameters[name] = String(first)
            return match(pattern.dropFirst(), path.dropFirst(), &parameters)
        case .many(let name):
            // What follows is literal, so its length says how much this takes.
            let count = path.count - (pattern.count - 1)
            guard count >= 1 else { return false }
            parameters[name] = path.prefix(count).joined(separator: "/")
            return match(pattern.dropFirst(), path.dropFirst(count), &parameters)
        }
    }
}
