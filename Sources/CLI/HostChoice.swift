// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import CommandLine
internal import Linux

/// Decides which engine to talk to: `-H`, then `WHARF_HOST` and `DOCKER_HOST`, then the sockets where one listens.
enum HostChoice {
    static let wharfSocket = "/run/wharf/wharf.sock"
    static let dockerSocket = "/var/run/docker.sock"

    static func host(_ globals: FlagValues, _ environment: [String: String]) throws -> EngineHost {
        try refuseWhatIsMissing(globals, environment)
        let given = globals.list("host")
        guard given.count <= 1 else {
            throw Failure("Failed to initialize: unable to resolve docker endpoint: Specify only one -H")
        }
        if let host = given.first, !host.isEmpty { return try EngineHost(completed(host)) }
        for name in ["WHARF_HOST", "DOCKER_HOST"] {
            if let host = environment[name], !host.isEmpty { return try EngineHost(completed(host)) }
        }
        let path = HostPath.exists(wharfSocket) ? wharfSocket : dockerSocket
        return try EngineHost("unix://\(path)")
    }

    /// As Docker completes a host: a bare name is a TCP host, `unix://` alone the default socket.
    private static func completed(_ host: String) -> String {
        switch host {
        case "unix://": "unix://\(dockerSocket)"
        case "tcp://": "tcp://localhost:2375"
        case _ where host.contains("://"): host
        case _ where host.hasPrefix("/"): "unix://\(host)"
        default: "tcp://\(host)"
        }
    }

    private static func refuseWhatIsMissing(_ globals: FlagValues, _ environment: [String: String]) throws {
        let context = globals.string("context") ?? environment["DOCKER_CONTEXT"] ?? ""
        if globals.isGiven("context"), globals.isGiven("host") {
            throw Failure("conflicting options: cannot specify both --host and --context")
        }
        if !context.isEmpty, context != "default" {
            throw Failure(
                "Failed to initialize: unable to resolve docker endpoint: context \"\(context)\": "
                    + "contexts are not supported yet")
        }
        for name in ["config", "tlscacert", "tlscert", "tlskey"] where globals.isGiven(name) {
            throw Failure("flag not supported yet: --\(name)", status: 125)
        }
        for name in ["tls", "tlsverify"] where globals.bool(name) {
            throw Failure("flag not supported yet: --\(name)", status: 125)
        }
        if environment["DOCKER_TLS_VERIFY"]?.isEmpty == false {
            throw Failure("TLS (DOCKER_TLS_VERIFY) is not supported yet", status: 125)
        }
    }
}
