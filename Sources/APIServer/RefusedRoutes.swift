// SPDX-License-Identifier: Apache-2.0

internal import EngineAPI

/// Every endpoint of Docker's API that Wharf does not have yet: refused by name, so that nothing is silently absent.
extension APIServer {
    static let refusedRoutes: [Route] = notImplemented + cluster

    /// 501, and the endpoint's name.
    private static let notImplemented = [
        "GET /containers/{id}/export",
        "GET /containers/{id}/attach/ws", "HEAD /containers/{id}/archive",
        "GET /containers/{id}/archive", "PUT /containers/{id}/archive",
        "GET /images/search", "GET /images/get", "GET /images/{name*}/get", "POST /images/{name*}/push",
        "POST /images/prune", "POST /build", "POST /build/prune", "POST /build/cancel", "POST /commit", "POST /auth",
        "POST /session", "POST /grpc", "GET /distribution/{name*}/json", "POST /volumes/prune",
        "POST /networks/create", "POST /networks/prune", "GET /plugins/privileges", "POST /plugins/pull",
        "POST /plugins/create",
        "DELETE /plugins/{name*}", "POST /plugins/{name*}/enable", "POST /plugins/{name*}/disable",
        "POST /plugins/{name*}/upgrade", "POST /plugins/{name*}/push", "POST /plugins/{name*}/set",
        "POST /swarm/init", "POST /swarm/join",
    ].map { endpoint in
        refusal(endpoint, .notImplemented, "\(endpoint.replacing("*}", with: "}")) is not implemented yet")
    }

    /// 503, as from any engine that is not in a cluster.
    private static let cluster =
        [
            "GET /swarm", "POST /swarm/update", "GET /swarm/unlockkey", "POST /swarm/unlock", "PUT /volumes/{name}",
            "GET /nodes", "GET /nodes/{id}", "DELETE /nodes/{id}", "POST /nodes/{id}/update",
            "GET /services", "POST /services/create", "GET /services/{id}", "DELETE /services/{id}",
            "POST /services/{id}/update", "GET /services/{id}/logs", "GET /tasks", "GET /tasks/{id}",
            "GET /tasks/{id}/logs", "GET /secrets", "POST /secrets/create", "GET /secrets/{id}",
            "DELETE /secrets/{id}", "POST /secrets/{id}/update", "GET /configs", "POST /configs/create",
            "GET /configs/{id}", "DELETE /configs/{id}", "POST /configs/{id}/update",
        ].map { endpoint in
            refusal(
                endpoint, .unavailable,
                "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this "
                    + "node to swarm and try again.")
        } + [refusal("POST /swarm/leave", .unavailable, "This node is not part of a swarm")]

    private static func refusal(_ endpoint: String, _ code: EngineError.Code, _ message: String) -> Route {
        let parts = endpoint.split(separator: " ")
        return Route(String(parts[0]), String(parts[1])) { _ in throw EngineError(code, message) }
    }
}
