// SPDX-License-Identifier: Apache-2.0

internal import APIClient
internal import CommandLine
internal import EngineAPI
internal import GoTemplate
internal import JSON

/// `events`: watches what the engine does.
enum SystemEvents {
    static func run(_ session: Session) throws -> Int32 {
        let flags = session.flags
        let format = flags.text("format")
        let template = try format.isEmpty || format == "json" ? nil : parse(format)
        let now = session.console.now()
        let stream = try session.client().events(
            since: try GoText.timestamp(flags.string("since"), now: now),
            until: try GoText.timestamp(flags.string("until"), now: now), filters: session.filters(),
            as: JSONValue.self)
        while let event = try stream.next() {
            if let template {
                session.console.print(try apply(template, event))
            } else if format == "json" {
                session.console.print(try json(event))
            } else {
                session.console.print(line(event))
            }
        }
        return 0
    }

    /// In the order of the type's members, whatever order the engine sent.
    private static func json(_ event: JSONValue) throws -> String {
        let typed = try JSON.decode(EventMessage.self, from: event)
        return String(decoding: try JSON.encode(typed), as: UTF8.self)
    }

    private static func parse(_ format: String) throws -> Template {
        do {
            let template = try Template(Listing.choose(format, table: "", quiet: nil).template)
            // One that can't work is told of before the engine is asked.
            _ = try template.apply(typed(.object(JSONObject())))
            return template
        } catch {
            throw Failure("Error parsing format: \(error)", status: 64)
        }
    }

    private static func apply(_ template: Template, _ event: JSONValue) throws -> String {
        do { return try template.apply(typed(event)) } catch {
            throw Failure("failed to execute template: \(error)")
        }
    }

    private static func typed(_ event: JSONValue) -> TemplateValue {
        ObjectTypes.type(of: "event").map { .typed(event, $0) } ?? .json(event)
    }

    /// `time type action id (name=value, …)`.
    private static func line(_ event: JSONValue) -> String {
        let time: Timestamp
        if let nanoseconds = event["timeNano"]?.integer, nanoseconds != 0 {
            time = Timestamp(nanoseconds: nanoseconds)
        } else {
            time = Timestamp(seconds: event["time"]?.integer ?? 0)
        }
        let actor = event["Actor"] ?? .null
        var text = Human.rfc3339(time, fraction: true)
        text += " \(event["Type"]?.string ?? "") \(event["Action"]?.string ?? "") \(actor["ID"]?.string ?? "")"
        let attributes = (actor["Attributes"]?.object?.members ?? []).sorted { $0.key < $1.key }
        if !attributes.isEmpty {
            let list = attributes.map { "\($0.key)=\($0.value.string ?? "")" }.joined(separator: ", ")
            text += " (\(list))"
        }
        return text
    }
}
