// SPDX-License-Identifier: Apache-2.0

internal import CommandLine
internal import GoTemplate
internal import JSON

/// Prints objects as `inspect` does: one indented list, or a template's result for each.
enum Inspection {
    /// An object, as the engine sent it, and what it is.
    typealias Found = (kind: String, value: JSONValue)

    /// - Parameter find: the object of a name.
    static func run(_ session: Session, find: (String) throws -> Found) throws -> Int32 {
        try run(session, names: session.arguments, find: find)
    }

    static func run(
        _ session: Session, names: [String], find: (String) throws -> Found
    ) throws -> Int32 {
        let format = session.flags.text("format")
        let template = try parse(format)
        var found: [JSONValue] = []
        var problems: [String] = []
        var hasPrinted = false
        for name in names {
            do {
                let (kind, value) = try find(name)
                if let template {
                    session.console.print(try apply(template, value, ObjectTypes.type(of: kind)))
                    hasPrinted = true
                } else {
                    found.append(value)
                }
            } catch { problems.append(Failure.text(of: error)) }
        }
        if template == nil {
            printList(found, compact: format == "json", session)
        } else if !hasPrinted {
            session.console.print("")
        }
        if !problems.isEmpty { throw Failure(problems.joined(separator: "\n")) }
        return 0
    }

    private static func parse(_ format: String) throws -> Template? {
        if format.isEmpty || format == "json" { return nil }
        do {
            return try Template(format)
        } catch { throw Failure("template parsing error: \(error)", status: 64) }
    }

    /// What the type does not have, the engine's own words may.
    private static func apply(_ template: Template, _ value: JSONValue, _ type: GoType?) throws -> String {
        if let type, let text = try? template.apply(.typed(value, type)) { return text }
        do { return try template.apply(value) } catch { throw Failure("template parsing error: \(error)") }
    }

    private static func printList(_ found: [JSONValue], compact: Bool, _ session: Session) {
        if found.isEmpty { return session.console.print("[]") }
        let indent = compact ? nil : "    "
        session.console.print(
            String(decoding: JSONValue.array(found).serialized(indent: indent), as: UTF8.self))
    }
}
