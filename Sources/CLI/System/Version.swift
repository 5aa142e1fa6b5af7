// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import CommandLine
internal import EngineAPI
internal import GoTemplate
internal import JSON
internal import OCI

/// `version`: shows the versions of client and engine.
enum SystemVersionCommand {
    static func run(_ session: Session) throws -> Int32 {
        let format = session.flags.text("format")
        let template = try format.isEmpty || format == "json" ? nil : parse(format)
        let isDocker = session.parsed.program == "docker"
        var server: JSONValue = .null
        var problem: (any Error)?
        var version = APIVersion.newest
        do {
            let client = try session.client()
            version = try client.negotiatedVersion()
            server = try client.version(as: JSONValue.self)
        } catch { problem = error }
        let client = JSONObject(clientFacts(version: version, isDocker: isDocker))
        if template != nil || format == "json" {
            let all: JSONValue = .object([
                "Client": .object(client), "Server": server == .null ? .null : VersionText.server(server),
            ])
            session.console.print(try template.map { try apply($0, all) } ?? text(all))
        } else {
            session.console.print(VersionText.client(client), terminator: "")
            if server != .null { session.console.print("\n" + VersionText.serverText(server), terminator: "") }
        }
        if let problem { throw problem }
        return 0
    }

    private static func clientFacts(version: APIVersion, isDocker: Bool) -> [(key: String, value: JSONValue)] {
        [
            ("Version", .string(isDocker ? ProductVersion.docker : ProductVersion.wharf)),
            ("ApiVersion", .string("\(version)")),
            ("DefaultAPIVersion", .string("\(APIVersion.newest)")),
            ("GitCommit", .string("wharf-\(ProductVersion.wharf)")),
            ("GoVersion", .string(ProductVersion.compiler)), ("Os", "linux"),
            ("Arch", .string(Platform.host.architecture)),
            ("BuildTime", ""), ("Context", "default"),
        ]
    }

    private static func text(_ value: JSONValue) -> String { String(decoding: value.serialized(), as: UTF8.self) }

    private static func parse(_ format: String) throws -> Template {
        do { return try Template(Listing.choose(format, table: "", quiet: nil).template) } catch {
            throw Failure("template parsing error: \(error)", status: 64)
        }
    }

    private static func apply(_ template: Template, _ value: JSONValue) throws -> String {
        do { return try template.apply(value) } catch { throw Failure("\(error)") }
    }
}
