// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import CommandLine
internal import EngineAPI
internal import GoTemplate
internal import JSON
internal import OCI

/// `info`: shows facts about the engine.
enum SystemInfoCommand {
    static func run(_ session: Session) throws -> Int32 {
        let format = session.flags.text("format")
        let isDocker = session.parsed.program == "docker"
        let client: JSONValue = .object([
            "Debug": .bool(session.parsed.globals.bool("debug")),
            "Version": .string(isDocker ? ProductVersion.docker : ProductVersion.wharf),
            "GitCommit": .string("wharf-\(ProductVersion.wharf)"), "GoVersion": .string(ProductVersion.compiler),
            "Os": "linux", "Arch": .string(Platform.host.architecture), "BuildTime": "", "Context": "default",
            "Plugins": [], "Warnings": .null,
        ])
        guard format.isEmpty else { return try formatted(session, format, client) }
        var text = "Client:\n Version:    \(client["Version"]?.string ?? "")\n Context:    default\n"
        text += " Debug Mode: \(client["Debug"] == true)\n\nServer:\n"
        let answer: JSONValue
        do {
            answer = try session.client().info(as: JSONValue.self)
        } catch {
            session.console.print(text, terminator: "")
            throw Failure("ERROR: \(Failure.text(of: error))\nerrors pretty printing info")
        }
        let info: SystemInfo
        do { info = try JSON.decode(SystemInfo.self, from: answer) } catch { throw Failure("\(error)") }
        session.console.print(text + InfoText.server(info), terminator: "")
        for warning in info.warnings ?? [] { session.console.complain(warning) }
        return 0
    }

    private static func formatted(_ session: Session, _ format: String, _ client: JSONValue) throws -> Int32 {
        let template: Template?
        do {
            template = format == "json" ? nil : try Template(Listing.choose(format, table: "", quiet: nil).template)
        } catch { throw Failure("template parsing error: \(error)", status: 64) }
        var answer = try session.client().info(as: JSONValue.self).object ?? JSONObject()
        answer["ClientInfo"] = client
        let value = JSONValue.object(answer)
        do {
            session.console.print(
                try template.map { try $0.apply(value) } ?? String(decoding: value.serialized(), as: UTF8.self))
        } catch { throw Failure("template parsing error: \(error)") }
        return 0
    }
}
