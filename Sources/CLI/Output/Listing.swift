// SPDX-License-Identifier: Apache-2.0

internal import CommandLine
internal import GoTemplate
internal import JSON

/// One line of a list: values by the names that templates use.
struct Row: Sendable {
    /// Nil for a name there is none of. Arguments are those of `{{.Label "key"}}`.
    let value: @Sendable (_ name: String, _ arguments: [String]) -> String?
    /// Members that are not text in JSON.
    let objects: [String: JSONValue]

    init(objects: [String: JSONValue] = [:], value: @escaping @Sendable (String, [String]) -> String?) {
        self.value = value
        self.objects = objects
    }
}

/// How a list is printed: as a table, as JSON, or by the user's template.
struct Listing {
    /// Go's name of the row's type, for messages about templates.
    let typeName: String
    /// Names and the headings of their columns.
    let headers: [String: String]
    /// The default table's template.
    let table: String
    /// What `-q` prints.
    let quiet: String
    /// Names that JSON has and tables don't.
    var extraNames: [String] = []
    /// What `--format raw` prints, and with `-q`; nil for lists that don't know it.
    var raw: (whole: String, quiet: String)?
    /// Names left out of JSON.
    var hiddenNames: Set<String> = []
    /// What is said before the reason why a template can't be applied.
    var complaint = "failed to execute template"

    func print(_ rows: [Row], _ session: Session) throws {
        try print(rows, session, format: session.flags.text("format"))
    }

    func print(_ rows: [Row], _ session: Session, format: String) throws {
        session.console.print(try text(rows, format: format, isQuiet: session.flags.bool("quiet")), terminator: "")
    }

    /// Everything, or nothing if the template fails: a list is not half printed.
    func text(_ rows: [Row], format given: String, isQuiet: Bool) throws -> String {
        var choice = Self.choose(given, table: table, quiet: isQuiet ? quiet : nil)
        if given == "raw", let raw { choice.template = isQuiet ? raw.quiet : raw.whole }
        let template = try Self.parse(choice.template)
        if choice.isTable {
            let header = TemplateRecord(typeName: "formatter.SubHeaderContext") { name, arguments in
                if name == "Label" { return .text(Self.heading(ofLabel: arguments.first?.json.string ?? "")) }
                return headers[name].map(TemplateValue.text)
            }
            var lines = [try apply(template, header)]
            for row in rows { lines.append(try apply(template, record(row))) }
            return TextTable.format(lines.flatMap { $0.lines() }.map { $0.cells() })
        }
        var text = ""
        for row in rows { text += try apply(template, record(row)) + "\n" }
        return text
    }

    /// `build date` for `org.example.build-date`.
    private static func heading(ofLabel name: String) -> String {
        let last = name.split(separator: ".").last.map(String.init) ?? name
        return last.replacing("-", with: " ").replacing("_", with: " ")
    }

    static func choose(_ given: String, table: String, quiet: String?) -> (template: String, isTable: Bool) {
        let format = given.replacing("\\t", with: "\t").replacing("\\n", with: "\n")
        switch format {
        case "", "table":
            if let quiet { return (quiet, false) }
            return (table, true)
        case "json": return ("{{json .}}", false)
        case _ where format.hasPrefix("table"):
            return (String(format.dropFirst(5)).trimmed(), true)
        default: return (format, false)
        }
    }

    static func parse(_ source: String) throws -> Template {
        do {
            return try Template(source)
        } catch { throw Failure("failed to parse template: \(error)") }
    }

    private func apply(_ template: Template, _ record: TemplateRecord) throws -> String {
        do {
            return try template.apply(.record(record))
        } catch { throw Failure("\(complaint): \(error)") }
    }

    func record(_ row: Row) -> TemplateRecord {
        let names = (Array(headers.keys) + extraNames).filter { !hiddenNames.contains($0) }.sorted()
        return TemplateRecord(typeName: typeName, names: names, jsonMembers: row.objects) { name, arguments in
            row.value(name, arguments.compactMap { $0.json.string }).map(TemplateValue.text)
        }
    }
}

extension String {
    func replacing(_ old: String, with new: String) -> String {
        guard contains(old.first ?? " ") else { return self }
        var result = ""
        var rest = self[...]
        while !rest.isEmpty {
            if rest.hasPrefix(old) {
                result += new
                rest = rest.dropFirst(old.count)
            } else if let character = rest.popFirst() {
                result.append(character)
            }
        }
        return result
    }

    func lines() -> [String] {
        split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    fileprivate func cells() -> [String] {
        split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }
}
