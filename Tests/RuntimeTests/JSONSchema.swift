// SPDX-License-Identifier: Apache-2.0

import Glibc
import JSON

/// JSON Schema (draft 4), as far as the runtime specification's schemas go.
struct JSONSchema {
    private let documents: [String: JSONValue]
    private let root: String

    /// - Parameter name: a file of Fixtures/schemas: `config-schema.json`.
    init(_ name: String) throws {
        var documents: [String: JSONValue] = [:]
        for file in [
            "config-schema.json", "config-linux.json", "defs.json", "defs-linux.json", "features-schema.json",
            "features-linux.json", "state-schema.json",
        ] {
            documents[file] = try Fixture.json("schemas/\(file)")
        }
        self.documents = documents
        root = name
    }

    /// What is wrong with a document, as `path: what`; nothing: it is valid.
    func problems(_ value: JSONValue) -> [String] {
        var found: [String] = []
        check(value, documents[root] ?? .null, root, "", &found)
        return found
    }

    /// Every member that the schema describes: `process.user.uid`, `mounts[].type`, `annotations{}`.
    func members() -> Set<String> {
        var found: Set<String> = []
        collect(documents[root] ?? .null, root, "", &found)
        return found
    }

    private func resolved(_ schema: JSONValue, _ file: String) -> (schema: JSONValue, file: String)? {
        guard let reference = schema["$ref"]?.string else { return (schema, file) }
        let parts = reference.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let target = parts[0].isEmpty ? file : parts[0]
        // Of other platforms.
        guard var node = documents[target] else { return nil }
        for name in (parts.count > 1 ? parts[1] : "").split(separator: "/") { node = node[String(name)] ?? .null }
        return resolved(node, target)
    }

    private func collect(_ schema: JSONValue, _ file: String, _ path: String, _ found: inout Set<String>) {
        guard let (schema, file) = resolved(schema, file) else { return }
        if !path.isEmpty { found.insert(path) }
        for part in (schema["allOf"]?.array ?? []) + (schema["anyOf"]?.array ?? []) {
            collect(part, file, path, &found)
        }
        for member in schema["properties"]?.object?.members ?? [] {
            collect(member.value, file, path.isEmpty ? member.key : "\(path).\(member.key)", &found)
        }
        if let items = schema["items"] { collect(items, file, path + "[]", &found) }
        for member in schema["patternProperties"]?.object?.members ?? [] {
            collect(member.value, file, path + "{}", &found)
        }
        if let other = schema["additionalProperties"], other.object != nil { collect(other, file, path + "{}", &found) }
    }

    private func check(
        _ value: JSONValue, _ schema: JSONValue, _ file: String, _ path: String, _ found: inout [String]
    ) {
        guard let (schema, file) = resolved(schema, file) else { return }
        if let type = schema["type"], !(type.array ?? [type]).contains(where: { Self.isA($0.string ?? "", value) }) {
            return found.append("\(path): must be \(String(decoding: type.serialized(), as: UTF8.self))")
        }
        if let words = schema["enum"]?.array, !words.contains(value) { found.append("\(path): no word of the list") }
        if let least = schema["minimum"], let number = Self.number(value), let limit = Self.number(least),
            number < limit
        {
            found.append("\(path): less than \(limit)")
        }
        if let most = schema["maximum"], let number = Self.number(value), let limit = Self.number(most), number > limit
        {
            found.append("\(path): more than \(limit)")
        }
        if let pattern = schema["pattern"]?.string, let text = value.string, !Self.matches(text, pattern) {
            found.append("\(path): does not match \(pattern)")
        }
        for part in schema["allOf"]?.array ?? [] { check(value, part, file, path, &found) }
        if let choices = schema["anyOf"]?.array {
            let isAny = choices.contains { choice in
                var problems: [String] = []
                check(value, choice, file, path, &problems)
                return problems.isEmpty
            }
            if !isAny { found.append("\(path): none of what it may be") }
        }
        if let elements = value.array {
            if let least = schema["minItems"]?.integer, elements.count < least { found.append("\(path): too short") }
            if let items = schema["items"] {
                for (index, element) in elements.enumerated() {
                    check(element, items, file, "\(path)[\(index)]", &found)
                }
            }
        }
        if let object = value.object { check(object, schema, file, path, &found) }
    }

    private func check(
        _ object: JSONObject, _ schema: JSONValue, _ file: String, _ path: String, _ found: inout [String]
    ) {
        for name in schema["required"]?.array?.compactMap(\.string) ?? [] where object[name] == nil {
            found.append("\(path): \(name) is missing")
        }
        let properties = schema["properties"]?.object
        for member in object.members {
            let inner = path.isEmpty ? member.key : "\(path).\(member.key)"
            if let property = properties?[member.key] {
                check(member.value, property, file, inner, &found)
                continue
            }
            let patterns = (schema["patternProperties"]?.object?.members ?? []).filter {
                Self.matches(member.key, $0.key)
            }
            for pattern in patterns { check(member.value, pattern.value, file, inner, &found) }
            if patterns.isEmpty, let other = schema["additionalProperties"], other.object != nil {
                check(member.value, other, file, inner, &found)
            }
        }
    }

    private static func isA(_ type: String, _ value: JSONValue) -> Bool {
        switch type {
        case "string": value.string != nil
        case "object": value.object != nil
        case "array": value.array != nil
        case "boolean": value == true || value == false
        case "null": value == .null
        case "number": number(value) != nil
        case "integer": number(value).map { $0 == $0.rounded() } ?? false
        default: false
        }
    }

    private static func number(_ value: JSONValue) -> Double? {
        Double(String(decoding: value.serialized(), as: UTF8.self))
    }

    private static func matches(_ text: String, _ pattern: String) -> Bool {
        (try? Regex(pattern)).map { text.firstMatch(of: $0) != nil } ?? false
    }
}

/// Files of Tests/RuntimeTests/Fixtures.
enum Fixture {
    static func json(_ name: String) throws -> JSONValue {
        let folder = #filePath.dropLast("JSONSchema.swift".count) + "Fixtures/"
        return try JSON.parse(Array(try shell("cat '\(folder)\(name)'").output.utf8))
    }
}
