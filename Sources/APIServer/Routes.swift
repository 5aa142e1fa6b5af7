// SPDX-License-Identifier: Apache-2.0

/// The whole API: what is answered, and then what is refused by name.
extension APIServer {
    static let routes: [Route] =
        systemRoutes + containerRoutes + execRoutes + imageRoutes + volumeRoutes
        + networkRoutes + refusedRoutes

    private static let systemRoutes: [Route] = [
        Route("GET", "/_ping", SystemRoutes.ping),
        Route("HEAD", "/_ping", SystemRoutes.ping),
        Route("GET", "/version", SystemRoutes.version),
        Route("GET", "/info", SystemRoutes.info),
        Route("GET", "/events", SystemRoutes.events),
        Route("GET", "/system/df", SystemRoutes.diskUsage),
        Route("GET", "/plugins", SystemRoutes.plugins),
        Route("GET", "/plugins/{name*}/json", SystemRoutes.plugin),
    ]

    private static let containerRoutes: [Route] = [
        Route("GET", "/containers/json", ContainerRoutes.list),
        Route("POST", "/containers/prune", ContainerRoutes.prune),
        Route("GET", "/containers/{id}/changes", ContainerRoutes.changes),
        Route("POST", "/containers/create", ContainerRoutes.create),
        Route("GET", "/containers/{id}/json", ContainerRoutes.inspect),
        Route("GET", "/containers/{id}/top", ContainerRoutes.top),
        Route("GET", "/containers/{id}/stats", ContainerRoutes.stats),
        Route("GET", "/containers/{id}/logs", StreamRoutes.logs),
        Route("POST", "/containers/{id}/start", ContainerRoutes.start),
        Route("POST", "/containers/{id}/stop", ContainerRoutes.stop),
        Route("POST", "/containers/{id}/restart", ContainerRoutes.restart),
        Route("POST", "/containers/{id}/kill", ContainerRoutes.kill),
        Route("POST", "/containers/{id}/pause", ContainerRoutes.pause),
        Route("POST", "/containers/{id}/unpause", ContainerRoutes.unpause),
        Route("POST", "/containers/{id}/update", ContainerRoutes.update),
        Route("POST", "/containers/{id}/rename", ContainerRoutes.rename),
        Route("POST", "/containers/{id}/resize", ContainerRoutes.resize),
        Route("POST", "/containers/{id}/wait", ContainerRoutes.wait),
        Route("POST", "/containers/{id}/attach", StreamRoutes.attach),
        Route("DELETE", "/containers/{id}", ContainerRoutes.remove),
    ]

    private static let execRoutes: [Route] = [
        Route("POST", "/containers/{id}/exec", ExecRoutes.create),
        Route("POST", "/exec/{id}/start", ExecRoutes.start),
        Route("POST", "/exec/{id}/resize", ExecRoutes.resize),
        Route("GET", "/exec/{id}/json", ExecRoutes.inspect),
    ]

    private static let imageRoutes: [Route] = [
        Route("GET", "/images/json", ImageRoutes.list),
        Route("POST", "/images/load", ImageRoutes.load),
        Route("POST", "/images/create", ImageRoutes.create),
        Route("GET", "/images/{name*}/json", ImageRoutes.inspect),
        Route("GET", "/images/{name*}/history", ImageRoutes.history),
        Route("POST", "/images/{name*}/tag", ImageRoutes.tag),
        Route("DELETE", "/images/{name*}", ImageRoutes.remove),
    ]

    private static let volumeRoutes: [Route] = [
        Route("GET", "/volumes", VolumeRoutes.list),
        Route("POST", "/volumes/create", VolumeRoutes.create),
        Route("GET", "/volumes/{name}", VolumeRoutes.inspect),
        Route("DELETE", "/volumes/{name}", VolumeRoutes.remove),
    ]

    private static let networkRoutes: [Route] = [
        Route("GET", "/networks", NetworkRoutes.list),
        Route("GET", "/networks/{id}", NetworkRoutes.inspect),
        Route("DELETE", "/networks/{id}", NetworkRoutes.remove),
        Route("POST", "/networks/{id}/connect", NetworkRoutes.connect),
        Route("POST", "/networks/{id}/disconnect", NetworkRoutes.disconnect),
    ]
}
