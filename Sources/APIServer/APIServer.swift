// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI
package import EngineCore
internal import HTTPMessage
package import HTTPTransport
package import Logging

/// The Engine API over HTTP: route, settle the version, decode, call the engine, encode.
package struct APIServer: Sendable {
    private let engine: Engine
    private let logger: Logger
    private let router = Router(routes: Self.routes)

    package init(engine: Engine, logger: Logger) {
        self.engine = engine
        self.logger = logger
    }

    /// Answers one request: what an `HTTPServer` is given as its handler.
    package func handle(_ request: HTTPRequest) async -> HTTPReply {
        do {
            let call = try call(for: request)
            guard let (handler, parameters) = router.find(method: request.head.method, path: call.path) else {
                throw EngineError(.notFound, "page not found")
            }
            var routed = call
            routed.parameters = parameters
            return try await handler(routed)
        } catch {
            let failure = Errors.failure(error)
            if failure.status == 500 {
                logger.error(
                    "request failed",
                    metadata: [
                        "method": "\(request.head.method)", "target": "\(request.head.target)",
                        "status": "\(failure.status)", "error": "\(failure.message)",
                        "cause": "\((error as? EngineError)?.cause.map { "\($0)" } ?? "")",
                    ])
            }
            return Errors.reply(failure)
        }
    }

    /// Takes the target apart: version, path and parameters.
    private func call(for request: HTTPRequest) throws -> Call {
        var target = request.head.target[...]
        // A proxy's form: only what comes after the host matters.
        for scheme in ["http://", "https://"] where target.hasPrefix(scheme) {
            let rest = target.dropFirst(scheme.count)
            target = rest.firstIndex(of: "/").map { rest[$0...] } ?? "/"
        }
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard let path = URLEncoding.decode(parts.first ?? ""), let query = URLQuery(parts.count == 2 ? parts[1] : "")
        else { throw EngineError(.invalidParameter, "the request's target is not well encoded") }
        let (version, rest) = try Compatibility.version(ofPath: path)
        return Call(engine: engine, request: request, version: version, path: rest, query: query)
    }
}
